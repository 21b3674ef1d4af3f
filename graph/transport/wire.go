package transport

import (
	"errors"
	"fmt"
	"io"
	"net"
	"sync"
	"syscall"
	"time"
)

// wire is the connection under a socket. One goroutine reads it, without a buffer of its own while nothing comes; frames
// go out through the socket's outbox.
type wire struct {
	net.Conn
	raw syscall.RawConn // nil where reading and writing cannot be tried, such as under TLS

	// Of the goroutine that reads.
	ahead []byte    // came with the handshake
	lent  *pieces   // where buffers come from
	piece *[]byte   // the buffer in use
	ready readiness // made once: a closure for each read would be garbage
	n     int
	err   error
}

// readiness is told that the connection can be read; false waits for the next time.
type readiness func(fd uintptr) bool

// pieces are buffers for what has come and is not read yet. There are as many as sockets are read at the same time.
type pieces struct{ pool sync.Pool }

const (
	// pieceBytes is how much is read at once: nearly all messages are shorter.
	pieceBytes = 4 << 10
	// ownBytes is the buffer of a connection that cannot be waited for without one.
	ownBytes = 512
)

func newPieces() *pieces {
	return &pieces{sync.Pool{New: func() any { piece := make([]byte, pieceBytes); return &piece }}}
}

// open makes the wire of a connection.
func (w *wire) open(conn net.Conn, ahead []byte, lent *pieces) {
	w.Conn, w.ahead, w.lent = conn, ahead, lent
	if c, ok := conn.(syscall.Conn); ok && canTry {
		if raw, err := c.SyscallConn(); err == nil {
			w.raw, w.ready = raw, w.readNow
			return
		}
	}
	own := make([]byte, ownBytes)
	w.piece = &own
}

// read waits for more of what the peer sends. It is good until release.
func (w *wire) read() ([]byte, error) {
	if w.ahead != nil {
		ahead := w.ahead
		w.ahead = nil
		return ahead, nil
	}
	if w.raw == nil {
		n, err := w.Conn.Read(*w.piece)
		if n > 0 {
			err = nil // it comes again with the next
		}
		return (*w.piece)[:n], err
	}
	w.n, w.err = 0, nil
	if err := w.raw.Read(w.ready); err != nil {
		return nil, fmt.Errorf("wait for a frame: %w", err)
	}
	switch {
	case w.err != nil:
		return nil, fmt.Errorf("read a frame: %w", w.err)
	case w.n == 0:
		return nil, io.EOF
	}
	return (*w.piece)[:w.n], nil
}

// readNow takes what there is into a buffer that it borrows.
func (w *wire) readNow(fd uintptr) bool {
	w.piece, _ = w.lent.pool.Get().(*[]byte)
	var wait bool
	w.n, wait, w.err = tryRead(fd, *w.piece)
	if wait || w.err != nil || w.n == 0 {
		w.release()
	}
	return !wait
}

// release gives back the buffer.
func (w *wire) release() {
	if w.raw == nil || w.piece == nil {
		return
	}
	w.lent.pool.Put(w.piece)
	w.piece = nil
}

// linger reads what the peer is still sending for a moment: closing a connection with unread data resets it, and the
// peer would not see the close code that was sent.
func (w *wire) linger() {
	const moment, most = time.Second, 1 << 20
	if w.SetReadDeadline(time.Now().Add(moment)) != nil {
		return
	}
	for read := 0; read < most; {
		piece, err := w.read()
		w.release()
		if err != nil {
			return
		}
		read += len(piece)
	}
}

// within writes, and fails if it takes longer. The deadline is lifted after: pens mind it.
func (w *wire) within(limit time.Duration, frame []byte) error {
	if err := w.SetWriteDeadline(time.Now().Add(limit)); err != nil {
		return fmt.Errorf("set the time to write a frame: %w", err)
	}
	_, err := w.Conn.Write(frame)
	return errors.Join(err, w.SetWriteDeadline(time.Time{}))
}

// pen writes to one socket after the other without ever waiting. One goroutine uses it.
type pen struct {
	data []byte
	n    int
	err  error
	once func(fd uintptr) bool // made once: a closure a write would be garbage a write
}

func newPen() *pen {
	p := &pen{}
	p.once = func(fd uintptr) bool {
		p.n, p.err = tryWrite(fd, p.data)
		return true
	}
	return p
}

// write sends as much as the network takes at once. An error says that the connection has ended.
func (p *pen) write(raw syscall.RawConn, data []byte) (n int, err error) {
	if raw == nil {
		return 0, nil
	}
	p.data, p.n, p.err = data, 0, nil
	if err := raw.Write(p.once); err != nil {
		return 0, err
	}
	return p.n, p.err
}
