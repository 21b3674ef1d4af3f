package sdktest

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/spazio-in-comune/sportello/plugins/sdk"
	"github.com/spazio-in-comune/sportello/plugins/sdk/rpc"
)

// errTooSlow says that a call was given up.
var errTooSlow = errors.New("no answer in time")

// errNothing says that a call has neither an answer nor an error.
var errNothing = errors.New("neither an answer nor an error")

// grace is how long an answer at the limit may take to arrive.
const grace = 500 * time.Millisecond

// within runs a call and gives it up a moment after its limit. A panic is its
// error: it would end the process for everybody.
func within[T any](ctx context.Context, limit time.Duration, call func(context.Context) (T, error)) (T, error) {
	type result struct {
		answer T
		err    error
	}
	limited, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	done := make(chan result, 1)
	go func() {
		var r result
		defer func() {
			if p := recover(); p != nil {
				r.err = fmt.Errorf("panic: %v", p)
			}
			done <- r
		}()
		r.answer, r.err = call(limited)
	}()
	giveUp := time.NewTimer(limit + grace)
	defer giveUp.Stop()
	select {
	case r := <-done:
		return r.answer, r.err
	case <-giveUp.C:
		var none T
		return none, fmt.Errorf("%w: given up after %s", errTooSlow, limit+grace)
	}
}

// tooSlow tells a call that ran out of its time from other errors.
func tooSlow(err error) bool {
	var fault *rpc.Error
	return errors.Is(err, errTooSlow) || errors.Is(err, context.DeadlineExceeded) || errors.As(err, &fault) && fault.Fault == rpc.Timeout
}

// broken says in which way an error is worse than "this department cannot answer
// now": it fell over, hung, or sent what nobody can read. It is empty for an error
// that the contract allows.
func broken(err error) string {
	var fault *rpc.Error
	switch {
	case err == nil:
		return ""
	case tooSlow(err), errors.Is(err, errNothing):
		return err.Error()
	case strings.Contains(err.Error(), "panic:"), strings.Contains(err.Error(), "Exception calling application"):
		return "it fell over: " + err.Error()
	case errors.As(err, &fault) && fault.Fault != rpc.Broken:
		return err.Error()
	}
	return ""
}

// said is an answer or an error as text, to compare and to show.
func said(answer *sdk.ReviewResponse, err error) string {
	if err != nil {
		return "error: " + err.Error()
	}
	raw, err := json.Marshal(answer)
	if err != nil {
		return "an answer that is no JSON: " + err.Error()
	}
	return string(raw)
}

// shown bounds a text for the report, in bytes.
func shown(text string) string {
	const most = 600
	if len(text) <= most {
		return text
	}
	return strings.ToValidUTF8(text[:most], "") + "…"
}
