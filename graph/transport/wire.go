package transport

import (
	"net"
	"syscall"
	"time"
)

// wire is the connection under a socket. Frames go through the socket's outbox; the WebSocket library, which only reads
// and closes, writes its control frames in between.
type wire struct {
	net.Conn
	raw syscall.RawConn // nil where a write cannot be tried, such as under TLS
	out *outbox
}

func newWire(conn net.Conn) *wire {
	w := &wire{Conn: conn}
	if c, ok := conn.(syscall.Conn); ok && canTry {
		if raw, err := c.SyscallConn(); err == nil {
			w.raw = raw
		}
	}
	return w
}

// Write sends a control frame of the library, which hands over whole frames: see upgradeWriter.Hijack. No result follows
// a close.
func (w *wire) Write(frame []byte) (int, error) {
	const opcode, closing = 0x0f, 0x08
	if frame[0]&opcode == closing {
		w.out.close()
	}
	w.out.turn.Lock()
	defer w.out.turn.Unlock()
	return w.within(closeWait, frame)
}

// within writes, and fails if it takes longer. The deadline is lifted after: pens mind it.
func (w *wire) within(limit time.Duration, frame []byte) (int, error) {
	if err := w.SetWriteDeadline(time.Now().Add(limit)); err != nil {
		return 0, err
	}
	n, err := w.Conn.Write(frame)
	if err != nil {
		return n, err
	}
	return n, w.SetWriteDeadline(time.Time{})
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
