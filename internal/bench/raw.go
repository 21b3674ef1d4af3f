package main

import (
	"crypto/sha1" //nolint:gosec // the handshake of WebSocket is defined with it
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"io"
	"net"
	"net/http"
	"sync"
)

// rawSockets are WebSockets without anything around them: a frame is made once and
// written to each. No server can pass a message on with less work, unless it gathers
// several in one write.
type rawSockets struct {
	mu    sync.Mutex
	conns []net.Conn
}

// handshakeKey is the constant of RFC 6455.
const handshakeKey = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"

// ServeHTTP accepts a WebSocket.
func (r *rawSockets) ServeHTTP(w http.ResponseWriter, req *http.Request) {
	sum := sha1.Sum([]byte(req.Header.Get("Sec-WebSocket-Key") + handshakeKey)) //nolint:gosec // as above
	conn, _, err := http.NewResponseController(w).Hijack()
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	_, err = fmt.Fprintf(conn, "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: %s\r\n\r\n",
		base64.StdEncoding.EncodeToString(sum[:]))
	if err != nil {
		_ = conn.Close()
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.conns = append(r.conns, conn)
}

func (r *rawSockets) publish(w http.ResponseWriter, req *http.Request) {
	payload, err := io.ReadAll(req.Body)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	frame := append(header(len(payload)), payload...)
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, c := range r.conns {
		_, _ = c.Write(frame) // whoever has gone is not counted
	}
}

// header of an unmasked frame of text.
func header(n int) []byte {
	const finalText, twoBytes, longest = 0x81, 126, 1 << 16
	if n < twoBytes {
		return []byte{finalText, byte(n)}
	}
	return binary.BigEndian.AppendUint16([]byte{finalText, twoBytes}, uint16(min(n, longest-1)))
}
