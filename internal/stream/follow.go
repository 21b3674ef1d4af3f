package stream

import (
	"context"
	"sync"

	"github.com/spazio-in-comune/sportello/internal/town"
)

// Mode says what a subscription may leave out.
type Mode int

// The modes.
const (
	// Lossless hands out every event once and in order. A reader that is too slow
	// for its buffer goes on from the table and loses nothing.
	Lossless Mode = iota
	// Latest hands out the newest state only; under load the ones in between are
	// left out. It always starts with a snapshot, also after a cursor.
	Latest
)

// Rights says what a follower may see, asked again at each delivery. The zero
// value may see everything, which only public streams want.
type Rights struct {
	// Refresh brings the follower's rights up to date; its error ends the stream.
	// It is asked before each delivery, and every few seconds in between.
	Refresh func(ctx context.Context) error
	// MaySee reports whether the follower may know of the event.
	MaySee func(e town.Event) bool
}

// Request is what a client asks to follow.
type Request struct {
	Filter Filter
	// After is the cursor after which to resume; nil starts with a snapshot.
	After  *string
	Mode   Mode
	Rights Rights
	// Newcomers asks for another snapshot in between, for those who have just joined:
	// one for each value received. Nil asks for none.
	Newcomers <-chan struct{}
}

// CheckCursor is BAD_USER_INPUT for what is no cursor.
func CheckCursor(cursor string) error {
	_, err := parseCursor(cursor)
	return err
}

// Kind says what a delivery is.
type Kind string

// The kinds of deliveries, as the API names them.
const (
	// KindSnapshot asks the follower to read the present state: with it, and the
	// events that come after, nothing is lost.
	KindSnapshot Kind = "SNAPSHOT"
	KindEvent    Kind = "EVENT"
)

// Delivery is one thing for a follower to send on.
type Delivery struct {
	Kind Kind
	// Cursor is where a later Follow resumes.
	Cursor string
	// Event is the fact; zero on a snapshot.
	Event town.Event
	// Seq is the number of the event, of the last one left out where a state stands for
	// those; 0 on a snapshot that was asked for.
	Seq int64
	// Asked is set on a snapshot that begins the stream, or that newcomers asked for.
	Asked bool
}

// Subscription follows the log. One goroutine calls Next until it fails.
type Subscription struct {
	hub    *hub
	filter Filter
	mode   Mode
	rights Rights
	unbind func() bool // undoes what closes it with its context
	asked  <-chan struct{}

	// Used by Next only.
	at       position     // of the last delivery
	owed     bool         // a snapshot, at that place
	read     int64        // everything up to here was handed out or is not for us
	page     []town.Event // read from the table, not handed out yet
	pageUpTo int64        // how far the page reaches

	wake chan struct{}
	mu   sync.Mutex // guards what follows; taken after the hub's
	// live is set while the hub fills queue. A reader that lags is not live.
	live      bool
	queue     []*town.Event
	conflated bool
	ended     error
}

// follow starts a subscription, which ends with the context.
func (h *hub) follow(ctx context.Context, r Request) (*Subscription, error) {
	s := &Subscription{hub: h, filter: r.Filter, mode: r.Mode, rights: r.Rights, asked: r.Newcomers, wake: make(chan struct{}, 1)}
	var after *position
	if r.After != nil {
		p, err := parseCursor(*r.After)
		if err != nil {
			return nil, err
		}
		after = &p
	}
	snapshot := after == nil || r.Mode == Latest
	if err := h.add(s, snapshot); err != nil {
		return nil, err
	}
	if err := s.begin(ctx, snapshot, after); err != nil {
		h.remove(s)
		return nil, err
	}
	s.unbind = context.AfterFunc(ctx, func() { h.remove(s) })
	return s, nil
}

// followFrom starts a subscription of the house itself right after a number.
func (h *hub) followFrom(ctx context.Context, f Filter, after int64) (*Subscription, error) {
	s := &Subscription{hub: h, filter: f, read: after, wake: make(chan struct{}, 1)}
	if err := h.add(s, false); err != nil {
		return nil, err
	}
	s.unbind = context.AfterFunc(ctx, func() { h.remove(s) })
	return s, nil
}

// begin finds where the subscription starts. It is registered already, so that
// nothing falls between the snapshot and the first live event.
func (s *Subscription) begin(ctx context.Context, snapshot bool, after *position) error {
	if snapshot {
		now, err := s.hub.source.newest(ctx)
		if err != nil {
			return unavailable(err)
		}
		s.at, s.owed, s.read = now, true, now.seq
		return nil
	}
	held, err := s.hub.source.holds(ctx, *after)
	if err != nil {
		return unavailable(err)
	}
	if !held {
		return errSnapshotNeeded()
	}
	s.at, s.read = *after, after.seq
	return nil
}

// Close ends the subscription and gives back what it holds.
func (s *Subscription) Close() {
	s.unbind()
	s.hub.remove(s)
}

// Next waits for the next delivery. It fails when the context ends, when the
// follower's rights do, when the stream cannot go on without a new snapshot, or
// when the server stops; the subscription is over then.
func (s *Subscription) Next(ctx context.Context) (Delivery, error) {
	for {
		if err := s.check(ctx); err != nil {
			return Delivery{}, err
		}
		select {
		case <-s.asked:
			s.owed = true
		default:
		}
		if s.owed {
			s.owed = false
			return Delivery{Kind: KindSnapshot, Cursor: s.at.cursor(), Asked: true}, nil
		}
		e, conflated, err := s.take(ctx)
		if err != nil {
			return Delivery{}, err
		}
		if e == nil {
			continue
		}
		if d, ok := s.delivery(e, conflated); ok {
			s.at = positionOf(e)
			s.hub.stats.Delivered.Add(1)
			return d, nil
		}
	}
}

// check reports why nothing more may be handed out.
func (s *Subscription) check(ctx context.Context) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	s.mu.Lock()
	ended := s.ended
	s.mu.Unlock()
	if ended != nil {
		return ended
	}
	if s.rights.Refresh != nil {
		return s.rights.Refresh(ctx)
	}
	return nil
}

// delivery makes of an event what this follower may see of it. A state that
// stands for others that were left out is still told, without its event.
func (s *Subscription) delivery(e *town.Event, conflated bool) (Delivery, bool) {
	cursor := positionOf(e).cursor()
	if s.rights.MaySee == nil || s.rights.MaySee(*e) {
		return Delivery{Kind: KindEvent, Cursor: cursor, Event: *e, Seq: e.Seq}, true
	}
	return Delivery{Kind: KindSnapshot, Cursor: cursor, Seq: e.Seq}, conflated
}

// take gives the next event from the page or the queue. Without one it reads on
// from the table, or waits; nil then means look again, rights first.
func (s *Subscription) take(ctx context.Context) (e *town.Event, conflated bool, err error) {
	if e := s.fromPage(); e != nil {
		return e, false, nil
	}
	e, conflated, live := s.fromQueue()
	if e != nil {
		return e, conflated, nil
	}
	if !live {
		joined, upTo := s.hub.join(s, s.read)
		if !joined {
			return nil, false, s.readPage(ctx, upTo)
		}
	}
	select {
	case <-s.wake:
		return nil, false, nil
	case <-s.asked:
		s.owed = true
		return nil, false, nil
	case <-ctx.Done():
		return nil, false, ctx.Err()
	}
}

// fromPage gives the next event of the page that the filter asks for.
func (s *Subscription) fromPage() *town.Event {
	for len(s.page) > 0 {
		e := &s.page[0]
		s.page = s.page[1:]
		s.read = e.Seq
		if s.filter.matches(e) {
			return e
		}
	}
	s.page = nil
	s.read = max(s.read, s.pageUpTo)
	return nil
}

// followPage is how many events a lagging reader takes from the table at once.
const followPage = 128

// readPage reads on from the table. While the database does not answer it waits:
// the follower misses nothing, it only gets it later.
func (s *Subscription) readPage(ctx context.Context, upTo int64) error {
	events, more, err := s.hub.source.Between(ctx, s.filter, s.read, upTo, followPage)
	if err != nil {
		s.hub.log.WarnContext(ctx, "a subscription waits: the log cannot be read", "error", err)
		if !sleep(ctx, poll) {
			return ctx.Err()
		}
		return nil
	}
	s.page, s.pageUpTo = events, upTo
	if more {
		s.pageUpTo = events[len(events)-1].Seq
	}
	return nil
}

// fromQueue gives the next event from the hub that was not handed out before.
func (s *Subscription) fromQueue() (e *town.Event, conflated, live bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for len(s.queue) > 0 {
		e, s.queue = s.queue[0], s.queue[1:]
		if len(s.queue) == 0 {
			s.queue = nil
		}
		if e.Seq <= s.read {
			continue
		}
		s.read = e.Seq
		conflated, s.conflated = s.conflated, false
		return e, conflated, s.live
	}
	return nil, false, s.live
}

// put is called by the hub with an event that the filter asks for, and then wakes the reader.
func (s *Subscription) put(e *town.Event) {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case !s.live:
		return
	case s.mode == Latest && len(s.queue) == 1:
		s.queue[0], s.conflated = e, true
		s.hub.stats.Conflated.Add(1)
	case len(s.queue) == bufferLimit:
		s.queue, s.live = nil, false
		s.hub.stats.Overflows.Add(1)
	default:
		s.queue = append(s.queue, e)
	}
}

// goLive is called by the hub once everything that it passed on was read.
func (s *Subscription) goLive() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.live = true
}

// end is called by the hub when the stream is over.
func (s *Subscription) end(err error) {
	s.mu.Lock()
	s.ended = err
	s.mu.Unlock()
	nudge(s.wake)
}

func unavailable(cause error) *town.Error {
	e := town.Errorf(town.Unavailable, "The service is not available right now. Please try again shortly.",
		"Il servizio non è disponibile in questo momento. Riprovare tra poco.")
	e.Cause = cause
	return e
}
