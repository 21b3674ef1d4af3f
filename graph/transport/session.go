package transport

import (
	"context"
	"time"
	"unicode/utf8"
)

// departure is the end of a connection that its peer has closed.
type departure struct{ code CloseCode }

func (d *departure) Error() string { return "the peer has closed the connection" }

// read handles what comes until the connection ends.
func (s *socket) read() error {
	for {
		piece, err := s.wire.read()
		if err == nil {
			s.heard.Store(time.Now().UnixNano())
			err = s.take(piece)
		}
		s.wire.release()
		if err != nil {
			return err
		}
	}
}

// take handles the frames in a piece of what comes.
func (s *socket) take(piece []byte) error {
	for {
		rest, a, whole, broken := s.in.next(piece)
		if broken != nil {
			return broken
		}
		if !whole {
			return nil
		}
		if err := s.arrive(a); err != nil {
			return err
		}
		piece = rest
	}
}

// arrive handles one frame. Once the socket is closed only the peer's goodbye counts.
func (s *socket) arrive(a arrival) error {
	if a.op == opClose {
		code, broken := goodbye(a.payload)
		if broken != nil {
			return broken
		}
		return &departure{code}
	}
	if s.isClosed() || !s.wait(s.budget.spend(time.Now())) {
		return nil
	}
	switch {
	case a.op == opPing:
		s.out.force(controlFrame(opPong, a.payload))
	case a.op == opText && string(a.payload) == framePlainPong: // heard, which is all it is for
	case a.op == opText || a.op == opBinary:
		s.t.workers.do(func() { s.handle(a) })
	}
	return nil
}

// wait slows down a client that sends too many messages: it is read no faster than it may write, and what it piles up
// is in its own buffers. False means that the socket closed meanwhile.
func (s *socket) wait(d time.Duration) bool {
	if d <= 0 {
		return true
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-s.ctx.Done():
		return false
	}
}

func (s *socket) recoverPanic() {
	if value := recover(); value != nil {
		s.t.hooks.Panic(s.ctx, value)
		s.shut(CloseInternal, "Internal error")
	}
}

// handle is receive for one message; a panic closes the socket.
func (s *socket) handle(a arrival) {
	defer s.recoverPanic()
	s.receive(a.op, a.payload)
}

// receive handles a message. Nothing of the data is kept.
func (s *socket) receive(op byte, data []byte) {
	if op != opText {
		s.shut(CloseBadMessage, "Binary messages are not supported")
		return
	}
	if !utf8.Valid(data) {
		s.shut(CloseNotUTF8, "Invalid UTF-8")
		return
	}
	m, err := parseMessage(s.t.table, data)
	if err != nil {
		s.shut(CloseBadMessage, err.Error())
		return
	}
	switch m.kind {
	case "connection_init":
		s.initiate(m)
	case "ping":
		s.out.force(sealed([]byte(framePong)))
	case "pong": // heard, which is all it is for
	case "subscribe":
		s.subscribe(m)
	case "complete":
		s.complete(m.id)
	}
}

// initiate opens the session.
func (s *socket) initiate(m message) {
	s.mu.Lock()
	again := s.initiated
	s.initiated = true
	s.mu.Unlock()
	if again {
		s.shut(CloseTooManyInits, "Too many initialisation requests")
		return
	}
	var payload map[string]any
	if m.payload != nil {
		var err error
		if payload, err = decodeMap("payload", m.payload); err != nil {
			s.shut(CloseBadMessage, err.Error())
			return
		}
	}
	ctx, ack, end, err := s.init(payload)
	if err != nil {
		s.shutFor(err, "Forbidden")
		return
	}
	frame, err := ackFrame(ack)
	if err != nil {
		s.shut(CloseInternal, "Internal error")
		return
	}
	if !s.claim(ctx) {
		s.shut(CloseTooManySocketsAUser, "Too many sockets")
		return
	}
	s.begin(ctx, end, frame)
}

func (s *socket) init(payload map[string]any) (context.Context, map[string]any, time.Time, error) {
	if s.t.cfg.Init == nil {
		return s.ctx, nil, time.Time{}, nil
	}
	return s.t.cfg.Init(s.ctx, payload)
}

// claim counts the socket for its user, if it has one.
func (s *socket) claim(ctx context.Context) bool {
	if s.t.cfg.UserKey == nil {
		return true
	}
	user := s.t.cfg.UserKey(ctx)
	if !s.t.seats.users.take(user) {
		return false
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.user = user
	return true
}

// begin acknowledges the session and arranges for its end.
func (s *socket) begin(ctx context.Context, end time.Time, ack []byte) {
	s.session = ctx
	if ctx.Done() != s.ctx.Done() { // it may end before the socket, or after it
		session, cancel := context.WithCancel(ctx)
		s.session = session
		s.stopSession = append(s.stopSession,
			context.AfterFunc(s.ctx, cancel),
			context.AfterFunc(ctx, func() { s.shutFor(context.Cause(ctx), "Session ended") }),
		)
	}
	s.mu.Lock()
	s.ready, s.until = true, end
	s.mu.Unlock()
	s.out.force(sealed(ack))
	s.pinged.Store(time.Now().UnixNano())
	soon := min(s.t.table.Ping, s.t.table.Silence)
	if !end.IsZero() {
		soon = min(soon, time.Until(end))
	}
	s.t.wheel.set(s, soon)
}

// shutFor closes with the code of a CloseError, or with 4403 and a reason that tells nothing of err.
func (s *socket) shutFor(err error, reason string) {
	if own := closeErrorOf(err); own != nil {
		s.shut(own.Code, own.Reason)
		return
	}
	s.shut(CloseForbidden, reason)
}
