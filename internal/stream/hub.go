package stream

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"github.com/spazio-in-comune/sportello/internal/town"
)

const (
	// poll is how often the log is read without a ring. What is committed elsewhere takes
	// two looks, one to be numbered and one to be passed on: together less than a second,
	// with a doorbell or without.
	poll = 300 * time.Millisecond
	// hubPage is how many events are read at once.
	hubPage = 512
	// bufferLimit is how many events wait for a slow reader before it has to go
	// on from the table.
	bufferLimit = 256
	// gapPatience is how long the hub waits for a missing number. None should ever
	// be missing; a database that shows commits out of order needs moments.
	gapPatience = 5 * time.Second
	// recheckEvery is how often a silent subscription asks for its rights again.
	recheckEvery = 4 * time.Second
)

// source is the log as the hub reads it.
type source interface {
	Between(ctx context.Context, f Filter, after, upTo int64, limit int) (events []town.Event, more bool, err error)
	newest(ctx context.Context) (position, error)
	holds(ctx context.Context, p position) (bool, error)
}

// hub reads the log once and passes each event to the subscriptions that it may
// concern. It never waits for one of them.
type hub struct {
	source source
	stats  *Stats
	log    *slog.Logger

	mu     sync.Mutex // guards what follows; held while events are passed on
	last   int64      // number of the last event passed on
	topics map[topic]map[*Subscription]struct{}
	closed bool

	gapSince time.Time // used by run only; zero means no gap
}

func newHub(src source, last int64, stats *Stats, log *slog.Logger) *hub {
	stats.Position.Store(last)
	return &hub{source: src, last: last, stats: stats, log: log, topics: map[topic]map[*Subscription]struct{}{}}
}

// run passes events on until the context ends, then ends all subscriptions.
func (h *hub) run(ctx context.Context, bell Doorbell) {
	rung, stop := bell.Listen()
	defer stop()
	defer h.close()
	tick := time.NewTicker(poll)
	defer tick.Stop()
	recheck := time.NewTicker(recheckEvery)
	defer recheck.Stop()
	for {
		if err := h.drain(ctx); err != nil && ctx.Err() == nil {
			h.log.WarnContext(ctx, "events wait: the log cannot be read", "error", err)
			if !sleep(ctx, poll) {
				return
			}
		}
		select {
		case <-ctx.Done():
			return
		case <-rung:
		case <-tick.C:
		case <-recheck.C:
			h.recheck()
		}
	}
}

// drain passes on everything that the log has after the last event.
func (h *hub) drain(ctx context.Context) error {
	for {
		events, more, err := h.source.Between(ctx, Filter{}, h.position(), maxSeq, hubPage)
		if err != nil {
			return err
		}
		whole := h.upToGap(events)
		h.publish(whole)
		if len(whole) < len(events) && !h.skipGap(ctx, events[len(whole)].Seq) {
			return nil
		}
		if len(whole) == len(events) {
			h.gapSince = time.Time{}
			if !more {
				return nil
			}
		}
	}
}

// maxSeq is beyond every number.
const maxSeq = 1<<63 - 1

func (h *hub) position() int64 {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.last
}

// upToGap is the part of events before the first missing number.
func (h *hub) upToGap(events []town.Event) []town.Event {
	next := h.position() + 1
	for i := range events {
		if events[i].Seq != next+int64(i) {
			return events[:i]
		}
	}
	return events
}

// skipGap decides about missing numbers before next. It waits first; then
// everyone has to take a new snapshot, so that nothing is left out in silence.
func (h *hub) skipGap(ctx context.Context, next int64) bool {
	if h.gapSince.IsZero() {
		h.gapSince = time.Now()
	}
	if time.Since(h.gapSince) < gapPatience {
		return false
	}
	h.gapSince = time.Time{}
	h.stats.Gaps.Add(1)
	h.log.ErrorContext(ctx, "the log of events has a hole; subscriptions need a new snapshot", "after", h.position(), "next", next)
	h.mu.Lock()
	defer h.mu.Unlock()
	h.endAll(errSnapshotNeeded())
	h.last = next - 1
	return true
}

// publish passes events to the subscriptions at their topics.
func (h *hub) publish(events []town.Event) {
	if len(events) == 0 {
		return
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	told := map[*Subscription]struct{}{}
	for _, e := range events { // e is a copy: a slow reader keeps events, not pages
		for _, t := range topicsOf(&e) {
			for s := range h.topics[t] {
				if s.filter.matches(&e) {
					s.put(&e)
					told[s] = struct{}{}
				}
			}
		}
		h.last = e.Seq
	}
	// Who wants the latest state only is woken once for what was committed together.
	for s := range told {
		nudge(s.wake)
	}
	h.stats.Published.Add(int64(len(events)))
	h.stats.Position.Store(h.last)
}

// add registers a subscription. With live true it gets every event from now on.
func (h *hub) add(s *Subscription, live bool) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.closed {
		return errStopping()
	}
	s.live = live
	for _, t := range s.filter.topics() {
		if h.topics[t] == nil {
			h.topics[t] = map[*Subscription]struct{}{}
		}
		h.topics[t][s] = struct{}{}
	}
	h.stats.Followers.Add(1)
	return nil
}

// remove takes a subscription away, if it is still there.
func (h *hub) remove(s *Subscription) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.removeLocked(s)
}

func (h *hub) removeLocked(s *Subscription) {
	found := false
	for _, t := range s.filter.topics() {
		members := h.topics[t]
		if _, ok := members[s]; !ok {
			continue
		}
		found = true
		delete(members, s)
		if len(members) == 0 {
			delete(h.topics, t)
		}
	}
	if found {
		h.stats.Followers.Add(-1)
	}
}

// join makes a subscription live that has read the log up to read. Otherwise it
// says how far the hub is: the subscription reads up to there and asks again.
func (h *hub) join(s *Subscription, read int64) (joined bool, upTo int64) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.last > read {
		return false, h.last
	}
	s.goLive()
	return true, h.last
}

// recheck wakes all subscriptions to ask for their rights again.
func (h *hub) recheck() {
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, members := range h.topics {
		for s := range members {
			nudge(s.wake)
		}
	}
}

func (h *hub) close() {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.closed = true
	h.endAll(errStopping())
}

func (h *hub) endAll(err error) {
	for _, members := range h.topics {
		for s := range members {
			s.end(err)
			h.removeLocked(s)
		}
	}
}

func errStopping() *town.Error {
	return town.Errorf(town.Unavailable,
		"The server is stopping. Connect again and resume with the last cursor.",
		"Il server si sta fermando. Ricollegarsi e riprendere dall'ultimo cursore.")
}

// sleep waits and reports false if the context ended first.
func sleep(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}

var _ source = (*Log)(nil)
