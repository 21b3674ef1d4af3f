package transport

import (
	"context"
	"errors"
	"net"
	"net/http"
	"os"
	"sync"
	"sync/atomic"
	"time"

	"github.com/99designs/gqlgen/graphql"
	"github.com/coder/websocket"
)

// closeWait bounds the closing of a connection, whatever its peer does: whose session is over is gone within 5 s.
const closeWait = 4 * time.Second

// socket is one connection. A goroutine reads it; writing, timers and operations have theirs only while there is
// something to do.
type socket struct {
	t      *WebSocket
	conn   *websocket.Conn
	wire   *wire // under conn: closing it ends whatever conn is doing
	exec   graphql.GraphExecutor
	opened time.Time

	ctx    context.Context // of the connection; operations derive from session
	cancel context.CancelFunc
	out    *outbox
	place  place // in the wheel, which looks at: init in time, ping, silence, end of the session
	heard  atomic.Int64
	pinged atomic.Int64

	// Touched by the reading goroutine only.
	session     context.Context // what Init returned; nil before
	budget      budget
	stopSession []func() bool

	mu         sync.Mutex
	operations []*operation // in progress; few
	until      time.Time    // the end of the session; zero for none
	initiated  bool         // connection_init was received
	ready      bool         // and acknowledged
	user       string
	code       websocket.StatusCode // of the close, 0 while open
	closed     chan struct{}        // closed when the closing handshake is over; nil until shut
}

func newSocket(t *WebSocket, conn *websocket.Conn, wire *wire, r *http.Request, exec graphql.GraphExecutor) *socket {
	now := time.Now()
	s := &socket{
		t:      t,
		conn:   conn,
		wire:   wire,
		exec:   exec,
		opened: now,
		out:    wire.out,
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
	t.wheel.set(s, t.table.InitTimeout)
	return s
}

// run reads until the connection ends, then leaves no trace of it.
func (s *socket) run() {
	if s.conn.Subprotocol() != subprotocol {
		s.shut(CloseSubprotocol, "Subprotocol not acceptable")
	}
	err := s.read()
	s.finish(err)
}

// write sends a frame, or the rest of one. A peer that does not take it in time is cut: in the middle of a frame nothing
// can be said.
func (s *socket) write(frame []byte) error {
	_, err := s.wire.within(s.t.table.Write, frame)
	switch {
	case errors.Is(err, os.ErrDeadlineExceeded):
		s.tooSlow()
		s.cut()
	case err != nil && !s.isClosed(): // while closing, the closing handshake is still to be read
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
// what waits to be written is dropped and the closing handshake goes on by itself.
func (s *socket) shut(code websocket.StatusCode, reason string) {
	if !s.markClosed(code) {
		return
	}
	s.out.close() // first: an operation that ends because of this must not say that it is complete
	s.cancel()
	go func() {
		defer close(s.closed)
		cut := time.AfterFunc(closeWait, s.cut)
		defer cut.Stop()
		// Whether the peer says goodbye as well makes no difference: the connection is closed after.
		_ = s.conn.Close(code, reason)
	}()
}

func (s *socket) markClosed(code websocket.StatusCode) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.code != 0 {
		return false
	}
	s.code = code
	s.closed = make(chan struct{})
	return true
}

func (s *socket) isClosed() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.code != 0
}

// cut ends the connection without a word.
func (s *socket) cut() { _ = s.wire.Close() }

// finish runs once, when reading has ended: because of the peer (err is how), of the library, which has then already
// said why, or of shut.
func (s *socket) finish(err error) {
	code := websocket.CloseStatus(err)
	if code == -1 {
		code = CloseGone
	}
	if tooBig(err) {
		code = CloseMessageTooBig
	}
	if s.markClosed(code) {
		s.cancel()
		s.out.close()
		if code == CloseMessageTooBig || code == CloseGone {
			linger(s.wire)
		}
		_ = s.conn.CloseNow()
	} else {
		<-s.closed
	}
	s.t.wheel.remove(s)
	s.t.crowd.leaveAll(s)
	for _, stop := range s.stopSession {
		stop()
	}
	s.mu.Lock()
	user := s.user
	s.mu.Unlock()
	s.t.leave(s)
	s.t.seats.leave(user)
	s.t.hooks.SocketClosed(int(s.code), time.Since(s.opened))
}

// linger reads what the peer is still sending for a moment: closing a connection with unread data resets it, and the
// peer would not see the close code that was sent.
func linger(raw net.Conn) {
	if raw.SetReadDeadline(time.Now().Add(time.Second)) != nil {
		return
	}
	buf := make([]byte, 4<<10)
	for read := 0; read < 1<<20; {
		n, err := raw.Read(buf)
		if read += n; err != nil {
			return
		}
	}
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
