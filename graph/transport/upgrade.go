package transport

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"

	"github.com/coder/websocket"
)

// upgrade lets the WebSocket library judge and answer the handshake, and takes the connection over: its frames are read
// and written here, so that a socket that is silent holds nothing. An error says that the request has been refused.
func upgrade(w http.ResponseWriter, r *http.Request) (conn net.Conn, ahead []byte, spoken string, err error) {
	u := &upgradeWriter{ResponseWriter: w}
	accepted, err := websocket.Accept(u, r, &websocket.AcceptOptions{
		Subprotocols:       []string{subprotocol},
		InsecureSkipVerify: true, // the origin was judged before
		CompressionMode:    websocket.CompressionDisabled,
	})
	if err != nil {
		return nil, nil, "", fmt.Errorf("upgrade to a WebSocket: %w", err)
	}
	_ = accepted.CloseNow() // it has done its part, and is kept in memory otherwise: it has a finalizer
	return u.conn, u.ahead, accepted.Subprotocol(), nil
}

// upgradeWriter stands between the WebSocket library and the response. It replaces the library's refusals, which repeat
// the request's headers, by the bare status, and keeps the connection for itself.
type upgradeWriter struct {
	http.ResponseWriter
	refused bool
	conn    net.Conn
	ahead   []byte // what was read of it with the request
}

// WriteHeader sends the status and, for a refusal, its name as the body.
func (w *upgradeWriter) WriteHeader(status int) {
	w.ResponseWriter.WriteHeader(status)
	if status >= http.StatusBadRequest && !w.refused {
		w.refused = true
		// The refusal is sent or the client is gone: there is nobody to tell.
		_, _ = w.ResponseWriter.Write([]byte(http.StatusText(status) + "\n"))
	}
}

// Write drops what the library says about a refusal.
func (w *upgradeWriter) Write(p []byte) (int, error) {
	if w.refused {
		return len(p), nil
	}
	return w.ResponseWriter.Write(p)
}

// Hijack takes over the connection. The library gets one that is at its end, which it may close.
func (w *upgradeWriter) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	conn, rw, err := http.NewResponseController(w.ResponseWriter).Hijack()
	if err != nil {
		return nil, nil, fmt.Errorf("taking over the connection: %w", err)
	}
	if conn == nil {
		return nil, nil, errors.New("taking over the connection: there is none")
	}
	ahead, _ := rw.Peek(rw.Reader.Buffered()) // as much as there is
	w.conn, w.ahead = conn, bytes.Clone(ahead)
	rw.Reader.Reset(ended{})
	rw.Writer.Reset(ended{})
	return ended{}, rw, nil
}

// ended is a connection on which nothing more comes.
type ended struct{ net.Conn }

func (ended) Read([]byte) (int, error)    { return 0, io.EOF }
func (ended) Write(p []byte) (int, error) { return 0, io.ErrClosedPipe }
func (ended) Close() error                { return nil }
