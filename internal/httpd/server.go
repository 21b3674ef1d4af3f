package httpd

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"time"
)

// Config is what the server mounts.
type Config struct {
	// GraphQL answers /graphql, WebSockets included.
	GraphQL http.Handler
	// Pages answers everything that no other path does.
	Pages http.Handler
	// Explorer answers /explorer/; nil leaves it out.
	Explorer http.Handler
	// Documents answers /documents/; nil leaves it out.
	Documents http.Handler
	// SignIn answers /auth/; nil leaves it out.
	SignIn http.Handler
	// DemoIssuer answers /demo-issuer/; nil leaves it out.
	DemoIssuer http.Handler
	// Metrics answers /metrics.
	Metrics http.Handler
	// Ready reports whether the server can do its work now.
	Ready  func(ctx context.Context) error
	Logger *slog.Logger
	// Proxies are whose word about the client's address is taken.
	Proxies Proxies
}

// The times after which a slow client is let go.
const (
	headerTimeout = 10 * time.Second
	bodyTimeout   = 15 * time.Second
	writeTimeout  = 30 * time.Second
	idleTimeout   = 2 * time.Minute
	maxHeader     = 32 << 10
	readyTimeout  = 2 * time.Second
)

// Server is an HTTP server on one listener.
type Server struct {
	http     *http.Server
	listener net.Listener
}

// Listen opens the address; port 0 takes a free one. Who connects waits until a server
// is made of it.
func Listen(ctx context.Context, address string) (net.Listener, error) {
	var lc net.ListenConfig
	listener, err := lc.Listen(ctx, "tcp", address)
	if err != nil {
		return nil, fmt.Errorf("listen on %s: %w", address, err)
	}
	return listener, nil
}

// New is a server on an open address, which it closes in the end.
func New(listener net.Listener, cfg Config) *Server {
	return &Server{
		listener: listener,
		http: &http.Server{
			Handler:           Handler(cfg),
			ReadHeaderTimeout: headerTimeout,
			ReadTimeout:       bodyTimeout,
			WriteTimeout:      writeTimeout,
			IdleTimeout:       idleTimeout,
			MaxHeaderBytes:    maxHeader,
			ErrorLog:          slog.NewLogLogger(cfg.Logger.Handler(), slog.LevelWarn),
		},
	}
}

// URL is the address under which the server answers.
func (s *Server) URL() string { return "http://" + s.listener.Addr().String() }

// Serve answers until Shutdown.
func (s *Server) Serve() error {
	if err := s.http.Serve(s.listener); err != nil && !errors.Is(err, http.ErrServerClosed) {
		return fmt.Errorf("serve HTTP: %w", err)
	}
	return nil
}

// Shutdown takes no new request and waits for the running ones. WebSockets are
// the GraphQL handler's business.
func (s *Server) Shutdown(ctx context.Context) error {
	if err := s.http.Shutdown(ctx); err != nil {
		return fmt.Errorf("stop the HTTP server: %w", err)
	}
	return nil
}

// IsLoopback reports whether the address can be reached from this machine only.
func IsLoopback(address string) bool {
	host, _, err := net.SplitHostPort(address)
	if err != nil {
		return false
	}
	if host == "localhost" {
		return true
	}
	ip := net.ParseIP(host)
	return ip != nil && ip.IsLoopback()
}
