package main

import (
	"io"
	"net/http"
	"slices"
	"sync"

	"github.com/gorilla/websocket"
)

// rawSockets are WebSockets without anything around them: a frame is made once and written to each in a loop, as a
// prepared message of gorilla/websocket.
type rawSockets struct {
	upgrader websocket.Upgrader

	mu    sync.Mutex
	conns []*websocket.Conn
}

func newRawSockets() *rawSockets {
	return &rawSockets{upgrader: websocket.Upgrader{ReadBufferSize: 256, WriteBufferSize: 256, WriteBufferPool: &sync.Pool{}}}
}

// ServeHTTP accepts a WebSocket.
func (r *rawSockets) ServeHTTP(w http.ResponseWriter, req *http.Request) {
	conn, err := r.upgrader.Upgrade(w, req, nil)
	if err != nil { // Upgrade has answered
		return
	}
	r.mu.Lock()
	r.conns = append(r.conns, conn)
	r.mu.Unlock()
	go r.read(conn)
}

// read notices that somebody has gone.
func (r *rawSockets) read(conn *websocket.Conn) {
	for {
		if _, _, err := conn.NextReader(); err != nil {
			break
		}
	}
	_ = conn.Close()
	r.mu.Lock()
	defer r.mu.Unlock()
	r.conns = slices.DeleteFunc(r.conns, func(c *websocket.Conn) bool { return c == conn })
}

func (r *rawSockets) publish(w http.ResponseWriter, req *http.Request) {
	payload, err := io.ReadAll(req.Body)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	message, err := websocket.NewPreparedMessage(websocket.TextMessage, payload)
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, c := range r.conns {
		_ = c.WritePreparedMessage(message) // whoever has gone is not counted
	}
}
