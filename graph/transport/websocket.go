package transport

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/99designs/gqlgen/graphql"

	"github.com/spazio-in-comune/sportello/graph/limits"
)

// subprotocol is the only one spoken: https://github.com/enisdenjo/graphql-ws/blob/master/PROTOCOL.md.
const subprotocol = "graphql-transport-ws"

// SocketConfig says who may open a socket and for how long.
type SocketConfig struct {
	// Init judges the payload of connection_init (nil when absent) and returns the context that every operation of the
	// socket derives from, the payload of the acknowledgement (nil for none) and the end of the session (zero for none):
	// then the socket is closed with 4403, so that the client fetches a new token and comes back. It is also closed with
	// 4403 when the returned context is cancelled, or with the code of a CloseError given as the cause. An error refuses
	// the socket with 4403, a CloseError with its own code; the text of other errors is not sent. Nil accepts everybody.
	Init func(ctx context.Context, payload map[string]any) (context.Context, map[string]any, time.Time, error)

	// Keep returns what a socket keeps of its request's context, which has ended: the context that Init is given derives
	// from it. Nil keeps its values, and with them all that they lead to.
	Keep func(ctx context.Context) context.Context

	// UserKey names the user whose sockets and event streams are counted together, from the context Init returned; "" is not counted.
	// Nil counts nobody.
	UserKey func(ctx context.Context) string

	// OriginAllowed says whether a page of another host may open a socket; origin is the header as sent. Pages of the
	// server's own host and clients that are no browsers always may. Nil allows no other.
	OriginAllowed func(origin string) bool

	// ServerContext closes every socket with 1012 when it ends. Nil never ends. See Server.Shutdown for waiting.
	ServerContext context.Context
}

// WebSocket is the transport of every kind of operation over graphql-transport-ws. It holds the sockets that are open.
type WebSocket struct {
	table   limits.Table
	cfg     SocketConfig
	hooks   Hooks
	seats   places
	wheel   *wheel
	crowd   *crowd
	pens    sync.Pool
	pieces  *pieces
	workers *workers

	mu      sync.Mutex
	open    map[*socket]struct{}
	closing bool
	empty   chan struct{} // closed when closing and the last socket is gone
}

var _ graphql.Transport = (*WebSocket)(nil)

func newWebSocket(table limits.Table, cfg SocketConfig, hooks Hooks, seats places, share ShareFunc) *WebSocket {
	t := &WebSocket{
		table:   table,
		cfg:     cfg,
		hooks:   hooks,
		seats:   seats,
		wheel:   newWheel(min(table.InitTimeout, table.Ping, table.Silence)),
		workers: newWorkers(),
		pieces:  newPieces(),
		pens:    sync.Pool{New: func() any { return newPen() }},
		open:    map[*socket]struct{}{},
		empty:   make(chan struct{}),
	}
	t.crowd = newCrowd(t, share)
	if cfg.ServerContext != nil {
		context.AfterFunc(cfg.ServerContext, t.close)
	}
	return t
}

// Supports says whether a request asks for a WebSocket.
func (t *WebSocket) Supports(r *http.Request) bool {
	return strings.EqualFold(r.Header.Get("Upgrade"), "websocket")
}

// Do upgrades a request and returns; the socket lives on without the handler's goroutine.
func (t *WebSocket) Do(w http.ResponseWriter, r *http.Request, exec graphql.GraphExecutor) {
	if !t.originAllowed(r) {
		http.Error(w, "This origin may not open a socket.", http.StatusForbidden)
		return
	}
	address := addressOf(r)
	if !t.seats.addresses.take(address) {
		http.Error(w, tooManyText, http.StatusTooManyRequests)
		return
	}
	conn, ahead, spoken, err := upgrade(w, r)
	if err != nil { // it has been answered
		t.seats.addresses.leave(address)
		return
	}
	s := newSocket(t, r, exec)
	s.address = address
	s.wire.open(conn, ahead, t.pieces)
	t.wheel.set(s, t.table.InitTimeout)
	switch {
	case !t.enter(s):
		s.shut(CloseServiceRestart, "Service restart")
	case spoken != subprotocol:
		s.shut(CloseSubprotocol, "Subprotocol not acceptable")
	}
	go s.run()
}

// tooManyText is told where an address or a user holds too many open.
const tooManyText = "Too many sockets and event streams."

func (t *WebSocket) originAllowed(r *http.Request) bool {
	origin := r.Header.Get("Origin")
	if origin == "" {
		return true
	}
	if _, host, ok := strings.Cut(origin, "://"); ok && strings.EqualFold(host, r.Host) {
		return true
	}
	return t.cfg.OriginAllowed != nil && t.cfg.OriginAllowed(origin)
}

// enter registers a socket; false means that the server is closing. The socket must leave either way.
func (t *WebSocket) enter(s *socket) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.open[s] = struct{}{}
	t.hooks.SocketOpened()
	return !t.closing
}

func (t *WebSocket) leave(s *socket) {
	t.mu.Lock()
	defer t.mu.Unlock()
	delete(t.open, s)
	if t.closing && len(t.open) == 0 {
		t.signalEmpty()
	}
}

// signalEmpty tells Shutdown that nobody is left; t.mu is held.
func (t *WebSocket) signalEmpty() {
	select {
	case <-t.empty:
	default:
		close(t.empty)
	}
}

func (t *WebSocket) count() int {
	t.mu.Lock()
	defer t.mu.Unlock()
	return len(t.open)
}

// close refuses new sockets and tells those that are open to come back later.
func (t *WebSocket) close() {
	t.mu.Lock()
	t.closing = true
	if len(t.open) == 0 {
		t.signalEmpty()
	}
	t.mu.Unlock()
	for _, s := range t.sockets() {
		s.shut(CloseServiceRestart, "Service restart")
	}
}

func (t *WebSocket) sockets() []*socket {
	t.mu.Lock()
	defer t.mu.Unlock()
	all := make([]*socket, 0, len(t.open))
	for s := range t.open {
		all = append(all, s)
	}
	return all
}

// Shutdown closes every socket with 1012 and waits until all are gone; see Server.Shutdown.
func (t *WebSocket) Shutdown(ctx context.Context) error {
	t.close()
	select {
	case <-t.empty:
		return nil
	case <-ctx.Done():
	}
	for _, s := range t.sockets() {
		s.cut()
	}
	return errors.Join(errors.New("transport: sockets were cut"), ctx.Err())
}
