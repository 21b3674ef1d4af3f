package catalogue

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/spazio-in-comune/sportello/internal/town"
	"github.com/spazio-in-comune/sportello/plugins/sdk"
	"github.com/spazio-in-comune/sportello/plugins/sdk/rpc"
)

// DetailNotRunning is the detail of a PLUGIN_UNAVAILABLE error when no process
// serves the version that was asked for. The other details are the faults of
// package rpc and the states.
const DetailNotRunning = "version_not_running"

// review asks the process once. Whatever it does wrong comes back as a
// PLUGIN_UNAVAILABLE error, the caller's own cancellation as it is.
func (d *department) review(ctx context.Context, hash string, req sdk.ReviewRequest) (*sdk.ReviewResponse, error) {
	l, err := d.await(ctx)
	if err != nil {
		return nil, err
	}
	if hash != "" && hash != l.hash {
		return nil, d.unavailable(DetailNotRunning, fmt.Errorf("asked for definition %s, running is %s", hash, l.hash))
	}
	answer, err := l.process.Review(ctx, req)
	if err == nil {
		err = checkReview(answer)
	}
	if err == nil {
		return answer, nil
	}
	var fault *rpc.Error
	if !errors.As(err, &fault) {
		return nil, err
	}
	select {
	case l.faults <- err:
	default: // the supervisor has enough to judge by
	}
	return nil, d.unavailable(string(fault.Fault), err)
}

// await returns the process that serves, waiting a moment for one that is about
// to start.
func (d *department) await(ctx context.Context) (*life, error) {
	if l := d.serving(); l != nil {
		return l, nil
	}
	limited, cancel := context.WithTimeout(ctx, d.limits.Restart)
	defer cancel()
	for {
		d.mu.Lock()
		l, changed, state, cause := d.life, d.changed, d.machine.state, errors.New(d.lastError)
		soon := d.startsWithin(d.limits.Restart)
		d.mu.Unlock()
		if l != nil {
			return l, nil
		}
		if !soon {
			return nil, d.unavailable(string(state), cause)
		}
		select {
		case <-changed:
		case <-limited.Done():
			if ctx.Err() != nil {
				return nil, fmt.Errorf("review by %s: %w", d.reg.Name, ctx.Err())
			}
			return nil, d.unavailable(string(state), cause)
		}
	}
}

func (d *department) serving() *life {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.life
}

// startsWithin reports whether a process is being started or will be soon. The
// caller holds the lock.
func (d *department) startsWithin(wait time.Duration) bool {
	switch d.machine.state {
	case BackingOff, Disabled:
		return d.row.Disabled == "" && time.Until(d.nextStart) <= wait
	case Stopped:
		return false
	default:
		return true
	}
}

// unavailable is what the house tells a caller about a department that cannot
// answer. The cause is for the log.
func (d *department) unavailable(detail string, cause error) error {
	return unavailable(d.reg.Name, detail, cause)
}

func unavailable(name, detail string, cause error) error {
	e := town.Errorf(town.PluginUnavailable,
		"This service cannot review the request at the moment.",
		"Questo servizio al momento non può esaminare la richiesta.")
	e.Detail = detail
	e.Cause = fmt.Errorf("department %s: %w", name, cause)
	return e
}

// maxReviewItems bounds each list of a review: no form has as many fields, no
// practice as many rules.
const maxReviewItems = 1000

// checkReview refuses an answer that nobody could show or store.
func checkReview(r *sdk.ReviewResponse) error {
	var cause error
	switch {
	case len(r.Problems) > maxReviewItems || len(r.Fired) > maxReviewItems || len(r.Computed) > maxReviewItems:
		cause = errors.New("the review has too many parts")
	case anyOf(r.Problems, func(p sdk.Problem) bool { return p.Code == "" || p.Message.IT == "" }):
		cause = errors.New("a problem has no code or no message")
	case anyOf(r.Fired, func(f sdk.Fired) bool { return f.RuleID == "" }):
		cause = errors.New("a fired rule has no id")
	case anyOf(r.Computed, func(c sdk.Computed) bool { return c.Name == "" }):
		cause = errors.New("a computed value has no name")
	default:
		return nil
	}
	return &rpc.Error{Method: "Review", Fault: rpc.BadAnswer, Cause: cause}
}

func anyOf[T any](items []T, bad func(T) bool) bool {
	for _, item := range items {
		if bad(item) {
			return true
		}
	}
	return false
}

// hung reports whether a fault is a call that ran out of its time.
func hung(err error) bool {
	var fault *rpc.Error
	return errors.As(err, &fault) && fault.Fault == rpc.Timeout
}

// maxLastError bounds what is kept of a failure, in bytes.
const maxLastError = 500

// clip is the text of an error as it is kept.
func clip(err error) string {
	if err == nil {
		return ""
	}
	text := err.Error()
	return strings.ToValidUTF8(text[:min(len(text), maxLastError)], "")
}
