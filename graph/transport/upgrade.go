package transport

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"net"
	"net/http"
)

// upgradeWriter stands between the WebSocket library and the response. It replaces the library's refusals, which repeat
// the request's headers, by the bare status, and it puts a wire under the library, with buffers that are as large as what
// the library does with them: read the head of a message, and write control frames whole.
type upgradeWriter struct {
	http.ResponseWriter
	refused bool
	wire    *wire
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

const (
	readBytes    = 256
	controlBytes = 128 // a control frame has at most 127
)

// reader is a small one that begins with what the server has read already.
func (w *upgradeWriter) reader(read *bufio.Reader) *bufio.Reader {
	ahead, _ := read.Peek(read.Buffered()) // as much as there is
	if len(ahead) == 0 {
		return bufio.NewReaderSize(w.wire, readBytes)
	}
	small := bufio.NewReaderSize(bytes.NewReader(bytes.Clone(ahead)), max(readBytes, len(ahead)))
	_, _ = small.Peek(len(ahead)) // now it is in the buffer
	return small
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
	w.wire = newWire(conn)
	w.wire.out = &outbox{}
	return w.wire, bufio.NewReadWriter(w.reader(rw.Reader), bufio.NewWriterSize(w.wire, controlBytes)), nil
}
