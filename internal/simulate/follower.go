package simulate

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"
)

// The patience of a follower.
const (
	startTimeout  = 10 * time.Second
	retryAfter    = 20 * time.Millisecond
	mostFailures  = 50 // in a row
	dialTimeout   = 10 * time.Second
	settleTimeout = 30 * time.Second
)

// followed is what somebody follows, and who.
type followed struct {
	name     string // for the report
	token    string
	document string
	vars     variables
}

// record is one event as a follower received it.
type record struct {
	id, kind string
	at       time.Time
	// subject is the id of the thing concerned, office that of its office.
	subject, office string
}

// boardCall is one line of a board.
type boardCall struct {
	Label    string
	CalledAt time.Time
}

// is reports whether a line stands for the call. A board shows when somebody was
// called last, and may leave out the state in between.
func (c boardCall) is(call boardCall) bool {
	recalled := c.CalledAt.Sub(call.CalledAt)
	return c.Label == call.Label && recalled >= 0 && recalled <= 2*recallGap
}

// follower keeps one subscription alive: when the connection goes, it opens
// another and resumes after the last cursor. It keeps all that it received.
type follower struct {
	followed
	url     string
	started chan struct{}
	done    chan struct{}
	stop    context.CancelFunc

	mu       sync.Mutex // guards what follows
	socket   *socket
	cursor   string
	first    string // of the snapshot
	records  []record
	calls    map[boardCall]bool
	updates  int
	connects int
	cuts     int
	err      error
}

// follow starts following and returns once the snapshot has come.
func follow(ctx context.Context, url string, what followed) (*follower, error) {
	f := resumeFrom(ctx, url, what, "")
	select {
	case <-f.started:
		return f, nil
	case <-f.done:
	case <-time.After(startTimeout):
		f.end()
	}
	return nil, fmt.Errorf("follow %s: no first update: %w", f.name, errors.Join(f.failure(), ctx.Err()))
}

// resumeFrom starts following after a cursor, or with a snapshot where it is
// empty.
func resumeFrom(ctx context.Context, url string, what followed, cursor string) *follower {
	ctx, stop := context.WithCancel(ctx)
	f := &follower{
		followed: what, url: url, stop: stop, cursor: cursor,
		started: make(chan struct{}), done: make(chan struct{}), calls: map[boardCall]bool{},
	}
	go f.run(ctx)
	return f
}

// end stops following.
func (f *follower) end() {
	f.stop()
	<-f.done
}

// cut drops the connection; the follower comes back by itself.
func (f *follower) cut() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.cuts++
	if f.socket != nil {
		f.socket.cut()
	}
}

func (f *follower) run(ctx context.Context) {
	defer close(f.done)
	failures := 0
	for ctx.Err() == nil {
		before := f.seen()
		err := f.session(ctx)
		if failures++; f.seen() > before {
			failures = 0
		}
		var refused *apiError
		if ctx.Err() == nil && (failures >= mostFailures || errors.As(err, &refused) || errors.Is(err, errEnded)) {
			f.fail(fmt.Errorf("%s: %w", f.name, err))
			return
		}
		select {
		case <-time.After(retryAfter):
		case <-ctx.Done():
		}
	}
}

// session is the life of one connection.
func (f *follower) session(ctx context.Context) error {
	opening, cancel := context.WithTimeout(ctx, dialTimeout)
	defer cancel()
	s, err := dial(opening, f.url, f.token)
	if err != nil {
		return err
	}
	defer s.cut()
	if err := s.subscribe(opening, f.document, f.resume(s)); err != nil {
		return err
	}
	for {
		got, err := s.next(ctx)
		if err != nil {
			return err
		}
		if err := f.take(got); err != nil {
			return err
		}
	}
}

// resume takes the socket into use and gives the variables to go on with.
func (f *follower) resume(s *socket) variables {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.socket = s
	f.connects++
	vars := variables{}
	for name, value := range f.vars {
		vars[name] = value
	}
	if f.cursor != "" {
		vars["after"] = f.cursor
	}
	return vars
}

// update is what all subscriptions answer, under one alias.
type update struct {
	Kind, Cursor string
	Event        *struct {
		ID, Type string
		At       time.Time
	}
	Board *struct{ Calls []boardCall }

	Leg, Case, Visit, Feedback, Escalation *struct {
		ID     string
		Office coded
	}
}

func (f *follower) take(got *answer) error {
	var data struct{ Update *update }
	if err := got.into(&data); err != nil {
		return err
	}
	if data.Update == nil {
		return errors.New("an update without data")
	}
	f.keep(data.Update)
	return nil
}

func (f *follower) keep(u *update) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.cursor = u.Cursor
	if f.first == "" {
		f.first = u.Cursor
	}
	if u.Board != nil {
		for _, call := range u.Board.Calls {
			f.calls[boardCall{call.Label, call.CalledAt.UTC()}] = true
		}
	}
	if u.Event != nil {
		r := record{id: u.Event.ID, kind: u.Event.Type, at: u.Event.At}
		for _, subject := range []*struct {
			ID     string
			Office coded
		}{u.Leg, u.Case, u.Visit, u.Feedback, u.Escalation} {
			if subject != nil {
				r.subject, r.office = subject.ID, subject.Office.Code
			}
		}
		f.records = append(f.records, r)
	}
	if f.updates++; f.updates == 1 {
		close(f.started)
	}
}

// beginning is the cursor of the snapshot: what comes after it is what is kept.
func (f *follower) beginning() string {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.first
}

func (f *follower) seen() int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.updates
}

// received is a copy of what came so far.
func (f *follower) received() []record {
	f.mu.Lock()
	defer f.mu.Unlock()
	return append([]record(nil), f.records...)
}

// shows reports whether the board has shown the call.
func (f *follower) shows(call boardCall) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	for shown := range f.calls {
		if shown.is(call) {
			return true
		}
	}
	return false
}

func (f *follower) fail(err error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.err = err
}

func (f *follower) failure() error {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.err
}

// connections counts the connections so far, and how often one was cut off. A cut
// that finds none hurts nobody.
func (f *follower) connections() (opened, cut int) {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.connects, f.cuts
}
