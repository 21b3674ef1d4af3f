package transport

import (
	"context"
	"errors"
	"net/http"
	"net/netip"
	"os"
	"sync"
	"sync/atomic"
	"time"

	"github.com/99designs/gqlgen/graphql"
)

// closeWait bounds the closing of a connection, whatever its peer does: whose session is over is gone within 5 s.
const closeWait = 4 * time.Second

// socket is one connection. A goroutine reads it, and holds nothing while nothing comes; writing, timers and operations
// have theirs only while there is something to do.
type socket struct {
	out    outbox
	wire   wire
	t      *WebSocket
	exec   graphql.GraphExecutor
	opened time.Time

	address netip.Addr // for which it is counted

	ctx    context.Context // of the connection; operations derive from session
	cancel context.CancelFunc
	place  place // in the wheel, which looks at: init in time, ping, silence, end of the session
	heard  atomic.Int64
	pinged atomic.Int64

	// Touched by the reading goroutine only.
	in          inbound
	session     context.Context // what Init returned; nil before
	budget      budget
	stopSession []func() bool

	mu         sync.Mutex
	operations []*operation // in progress; few
	until      time.Time    // the end of the session; zero for none
	initiated  bool         // connection_init was received
	ready      bool         // and acknowledged
	user       string
	code       CloseCode // of the close, 0 while open
}

func newSocket(t *WebSocket, r *http.Request, exec graphql.GraphExecutor) *socket {
	now := time.Now()
	s := &socket{
		t:      t,
		exec:   exec,
		opened: now,
		in:     inbound{limit: t.table.MessageBytes},
		budget: newBudget(t.table.MessageRate, t.table.MessageBurst, now),
	}
	kept := context.WithoutCancel(r.Context()) // it ends with its handler
	if t.cfg.Keep != nil {
		kept = t.cfg.Keep(kept)
	}
	s.ctx, s.cancel = context.WithCancel(kept)
	s.out.maxBytes, s.out.maxFrames = t.table.QueueBytes, t.table.QueueEvents
	s.out.write, s.out.try = s.write, s.try
	s.heard.Store(now.UnixNano())
	return s
}

// run reads until the connection ends, then leaves no trace of it.
func (s *socket) run() { s.finish(s.read()) }

// write sends a frame, or the rest of one. A peer that does not take it in time is cut: in the middle of a frame nothing
// can be said.
func (s *socket) write(frame []byte) error {
	err := s.wire.within(s.t.table.Write, frame)
	switch {
	case errors.Is(err, os.ErrDeadlineExceeded):
		s.tooSlow()
		s.cut()
	case err != nil && !s.isClosed(): // while closing, the peer's goodbye is still to be read
		s.cut()
	case err == nil:
		s.t.hooks.Sent(len(frame))
	}
	return err
}

// try sends as much of a frame as goes without waiting.
func (s *socket) try(frame []byte) (int, error) {
	p := s.t.pens.Get().(*pen)
	defer s.t.pens.Put(p)
	n, err := p.write(s.wire.raw, frame)
	p.data = nil
	if n > 0 {
		s.t.hooks.Sent(n)
	}
	return n, err
}

// tooSlow closes a socket whose peer does not read what it asked for. The peer loses nothing: it comes back and resumes.
func (s *socket) tooSlow() { s.shut(CloseTooSlow, "Too slow") }

// shut closes the socket with a code, once: what comes later is ignored. It returns at once; operations are cancelled,
// what waits to be written is dropped, and the goroutine that reads awaits the peer's goodbye, for a while.
func (s *socket) shut(code CloseCode, reason string) {
	if !s.markClosed(code) {
		return
	}
	s.out.close() // first: an operation that ends because of this must not say that it is complete
	s.cancel()
	if s.wire.SetReadDeadline(time.Now().Add(closeWait)) != nil {
		return // it has ended
	}
	s.farewell(closeFrame(code, reason))
}

// farewell sends the last frame: at once, where nothing is on its way and the network takes it.
func (s *socket) farewell(frame []byte) {
	if s.out.turn.TryLock() {
		n, err := s.try(frame)
		s.out.turn.Unlock()
		if frame = frame[n:]; err != nil || len(frame) == 0 {
			return
		}
	}
	go func() {
		s.out.turn.Lock()
		defer s.out.turn.Unlock()
		if s.wire.within(closeWait, frame) != nil {
			s.cut()
		}
	}()
}

func (s *socket) markClosed(code CloseCode) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.code != 0 {
		return false
	}
	s.code = code
	return true
}

func (s *socket) isClosed() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.code != 0
}

// cut ends the connection without a word.
func (s *socket) cut() { _ = s.wire.Close() }

// finish runs once, when reading has ended: err is how.
func (s *socket) finish(err error) {
	var broken *violation
	var left *departure
	switch {
	case errors.As(err, &broken):
		s.shut(broken.code, broken.reason)
		s.wire.linger()
	case errors.As(err, &left):
		s.leave(left.code)
	default:
		s.leave(CloseGone)
	}
	s.cut()
	s.cancel()
	s.t.wheel.remove(s)
	s.t.crowd.leaveAll(s)
	for _, stop := range s.stopSession {
		stop()
	}
	s.mu.Lock()
	user, code := s.user, s.code
	s.mu.Unlock()
	s.t.leave(s)
	s.t.seats.users.leave(user)
	s.t.seats.addresses.leave(s.address)
	s.t.hooks.SocketClosed(int(code), time.Since(s.opened))
}

// leave ends a socket whose peer has ended it, with an answer if it has said goodbye.
func (s *socket) leave(code CloseCode) {
	if !s.markClosed(code) {
		return
	}
	s.out.close()
	s.cancel()
	// What is on its way has as long.
	if code == CloseGone || s.wire.SetWriteDeadline(time.Now().Add(closeWait)) != nil {
		return
	}
	s.out.turn.Lock()
	defer s.out.turn.Unlock()
	_ = s.wire.within(closeWait, closeFrame(code, "")) // whoever does not wait for the answer has gone
}

// look does what is due and says when to look again; zero is never.
func (s *socket) look(now time.Time) time.Duration {
	s.mu.Lock()
	ready, closed, until := s.initiated && s.ready, s.code != 0, s.until
	s.mu.Unlock()
	silent := now.Sub(time.Unix(0, s.heard.Load()))
	switch {
	case closed:
		return 0
	case !ready:
		if wait := s.t.table.InitTimeout - now.Sub(s.opened); wait > 0 {
			return wait
		}
		s.shut(CloseInitTimeout, "Connection initialisation timeout")
		return 0
	case !until.IsZero() && !now.Before(until):
		s.shut(CloseForbidden, "Session ended")
		return 0
	case silent >= s.t.table.Silence:
		s.cut()
		return 0
	}
	if now.Sub(time.Unix(0, s.pinged.Load())) >= s.t.table.Ping {
		s.pinged.Store(now.UnixNano())
		s.out.force(sealed([]byte(framePing)))
	}
	next := min(s.t.table.Ping-now.Sub(time.Unix(0, s.pinged.Load())), s.t.table.Silence-silent)
	if !until.IsZero() {
		next = min(next, until.Sub(now))
	}
	return max(next, time.Millisecond)
}
