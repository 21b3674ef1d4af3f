package main

import (
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
)

// network is what stands between a browser and the town hall, and does to connections
// what networks do. Its address stays while servers come and go.
type network struct {
	url     string
	h       *house       // who answers usually; set before anybody asks
	sockets atomic.Int64 // upgrades that were passed on
	streams atomic.Int64 // event streams asked for

	mu    sync.Mutex // guards below
	state weather
	open  map[net.Conn]struct{}
	thaw  chan struct{} // closed when nothing is frozen
}

// weather is how the network behaves.
type weather struct {
	frozen    bool   // bytes are swallowed, in both directions
	noSockets bool   // requests for an upgrade are refused, as some proxies do
	to        *house // who answers; nil is the usual house
}

func newNetwork(t *testing.T) *network {
	t.Helper()
	m := &network{open: map[net.Conn]struct{}{}, thaw: make(chan struct{})}
	close(m.thaw)
	proxy := &httputil.ReverseProxy{
		Rewrite:       func(r *httputil.ProxyRequest) { r.SetURL(m.target()) },
		FlushInterval: -1,
		ErrorHandler:  func(w http.ResponseWriter, _ *http.Request, _ error) { w.WriteHeader(http.StatusBadGateway) },
	}
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.EqualFold(r.Header.Get("Upgrade"), "websocket") {
			if m.now().noSockets {
				http.Error(w, "no upgrades here", http.StatusBadGateway)
				return
			}
			m.sockets.Add(1)
		}
		if r.Header.Get("Accept") == "text/event-stream" {
			m.streams.Add(1)
		}
		proxy.ServeHTTP(w, r)
	}))
	server.Listener = freezing{server.Listener, m}
	server.Config.ErrorLog = log.New(io.Discard, "", 0)
	server.Start()
	m.url = server.URL
	t.Cleanup(func() {
		m.set(weather{})
		server.CloseClientConnections()
		server.Close()
	})
	return m
}

func (m *network) now() weather {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.state
}

// target is the address of who answers.
func (m *network) target() *url.URL {
	h := m.h
	if to := m.now().to; to != nil {
		h = to
	}
	address, err := url.Parse(h.address())
	if err != nil { // the server said it
		panic(err)
	}
	return address
}

// set changes the weather. Whoever is connected is cut where another house answers from
// now on; what was frozen is lost with its connection, as it would be.
func (m *network) set(state weather) {
	m.mu.Lock()
	defer m.mu.Unlock()
	moved, thawed, refusing := state.to != m.state.to, m.state.frozen && !state.frozen, state.noSockets && !m.state.noSockets
	if state.frozen && !m.state.frozen {
		m.thaw = make(chan struct{})
	}
	m.state = state
	if moved || thawed || refusing {
		for c := range m.open {
			_ = c.Close()
		}
	}
	if thawed {
		close(m.thaw)
	}
}

// freezing are connections whose bytes may be swallowed.
type freezing struct {
	net.Listener
	m *network
}

// Accept implements net.Listener.
func (l freezing) Accept() (net.Conn, error) {
	c, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	l.m.mu.Lock()
	defer l.m.mu.Unlock()
	l.m.open[c] = struct{}{}
	return &freezable{c, l.m}, nil
}

type freezable struct {
	net.Conn
	m *network
}

// wait returns once nothing is frozen.
func (c *freezable) wait() {
	c.m.mu.Lock()
	thaw := c.m.thaw
	c.m.mu.Unlock()
	<-thaw
}

// Read implements net.Conn.
func (c *freezable) Read(p []byte) (int, error) {
	n, err := c.Conn.Read(p)
	c.wait()
	return n, err
}

// Write implements net.Conn.
func (c *freezable) Write(p []byte) (int, error) {
	c.wait()
	return c.Conn.Write(p)
}

// Close implements net.Conn.
func (c *freezable) Close() error {
	c.m.mu.Lock()
	defer c.m.mu.Unlock()
	delete(c.m.open, c.Conn)
	return c.Conn.Close()
}

// CloseWrite lets a proxy end one direction.
func (c *freezable) CloseWrite() error {
	if half, ok := c.Conn.(interface{ CloseWrite() error }); ok {
		return half.CloseWrite()
	}
	return io.ErrClosedPipe
}
