package transport

import (
	"context"
	"net"
	"net/http"
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
	raw    net.Conn // under conn: closing it ends whatever conn is doing
	exec   graphql.GraphExecutor
	header http.Header
	opened time.Time

	ctx    context.Context // of the connection; operations derive from session
	cancel context.CancelFunc
	out    outbox
	timer  *time.Timer // the next of: init in time, ping, silence
	heard  atomic.Int64
	pinged atomic.Int64

	// Touched by the reading goroutine only.
	session     context.Context // what Init returned; nil before
	budget      budget
	stopSession []func() bool

	mu         sync.Mutex
	operations map[string]*operation
	initiated  bool // connection_init was received
	ready      bool // and acknowledged
	user       string
	code       websocket.StatusCode // of the close, 0 while open
	closed     chan struct{}        // closed when the closing handshake is over; nil until shut
}

func newSocket(t *WebSocket, conn *websocket.Conn, raw net.Conn, r *http.Request, exec graphql.GraphExecutor) *socket {
	now := time.Now()
	s := &socket{
		t:          t,
		conn:       conn,
		raw:        raw,
		exec:       exec,
		header:     r.Header,
		opened:     now,
		budget:     newBudget(t.table.MessageRate, t.table.MessageBurst, now),
		operations: map[string]*operation{},
	}
	// The request's context ends with its handler; its values stay.
	s.ctx, s.cancel = context.WithCancel(context.WithoutCancel(r.Context()))
	s.out = outbox{
		maxBytes:  t.table.QueueBytes,
		maxFrames: t.table.QueueEvents,
		write:     s.write,
	}
	s.heard.Store(now.UnixNano())
	s.timer = time.AfterFunc(t.table.InitTimeout, s.onTimer)
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

// write sends one frame. A peer that does not take it in time is cut: in the middle of a frame nothing can be said.
func (s *socket) write(frame []byte) error {
	late := time.AfterFunc(s.t.table.Write, func() {
		s.tooSlow()
		s.cut()
	})
	defer late.Stop()
	if err := s.conn.Write(context.Background(), websocket.MessageText, frame); err != nil {
		if !s.isClosed() { // while closing, the closing handshake is still to be read
			s.cut()
		}
		return err
	}
	s.t.hooks.Sent(len(frame))
	return nil
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
func (s *socket) cut() { _ = s.raw.Close() }

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
			linger(s.raw)
		}
		_ = s.conn.CloseNow()
	} else {
		<-s.closed
	}
	s.timer.Stop()
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

// onTimer does what is due and sets the timer for what comes next.
func (s *socket) onTimer() {
	s.mu.Lock()
	initiated, closed := s.initiated, s.code != 0
	ready := s.ready
	s.mu.Unlock()
	if closed {
		return
	}
	if !initiated || !ready {
		s.shut(CloseInitTimeout, "Connection initialisation timeout")
		return
	}
	now := time.Now()
	silent := now.Sub(time.Unix(0, s.heard.Load()))
	if silent >= s.t.table.Silence {
		s.cut()
		return
	}
	if now.Sub(time.Unix(0, s.pinged.Load())) >= s.t.table.Ping {
		s.pinged.Store(now.UnixNano())
		s.out.force([]byte(framePing))
	}
	untilPing := s.t.table.Ping - now.Sub(time.Unix(0, s.pinged.Load()))
	s.timer.Reset(max(min(untilPing, s.t.table.Silence-silent), time.Millisecond))
}
