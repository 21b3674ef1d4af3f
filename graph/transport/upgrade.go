package transport

import (
	"bufio"
	"errors"
	"fmt"
	"net"
	"net/http"
)

// upgradeWriter stands between the WebSocket library and the response. It replaces the library's refusals, which repeat
// the request's headers, by the bare status, and it remembers the connection, for the cases where only closing it helps.
type upgradeWriter struct {
	http.ResponseWriter
	refused bool
	conn    net.Conn
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

// Hijack takes over the connection.
func (w *upgradeWriter) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	conn, rw, err := http.NewResponseController(w.ResponseWriter).Hijack()
	if err != nil {
		return nil, nil, fmt.Errorf("taking over the connection: %w", err)
	}
	if conn == nil {
		return nil, nil, errors.New("taking over the connection: there is none")
	}
	w.conn = conn
	return conn, rw, nil
}
