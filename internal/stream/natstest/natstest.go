// Package natstest runs a NATS server for tests: the real one, as a process of its own
// that may be killed and started again at the same address.
package natstest

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os/exec"
	"path/filepath"
	"strconv"
	"syscall"
	"testing"
	"time"
)

// module is the server's program, at the version that go.mod names.
const module = "github.com/nats-io/nats-server/v2"

// patience bounds every wait; only a test that fails reaches it.
const patience = 30 * time.Second

// Server is one NATS server on loopback.
type Server struct {
	binary string
	port   int
	cmd    *exec.Cmd
	ended  chan struct{}
}

// New starts a server on a free port. It ends with the test.
func New(tb testing.TB) *Server {
	tb.Helper()
	s := Stopped(tb)
	if err := s.Start(tb.Context()); err != nil {
		tb.Fatal(err)
	}
	return s
}

// Stopped is a server that was not started yet, whose address is known. It ends with the
// test.
func Stopped(tb testing.TB) *Server {
	tb.Helper()
	s, err := Make(tb.Context(), tb.TempDir())
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(s.Kill)
	return s
}

// Make builds the server's program into the folder, which takes half a minute the first
// time on a machine, and chooses a free port.
func Make(ctx context.Context, folder string) (*Server, error) {
	s := &Server{binary: filepath.Join(folder, "nats-server")}
	build := exec.CommandContext(ctx, "go", "build", "-buildvcs=false", "-o", s.binary, module)
	if out, err := build.CombinedOutput(); err != nil {
		return nil, fmt.Errorf("build %s: %w\n%s", module, err, out)
	}
	var lc net.ListenConfig
	listener, err := lc.Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("find a free port: %w", err)
	}
	s.port = listener.Addr().(*net.TCPAddr).Port
	return s, listener.Close()
}

// URL is where it listens.
func (s *Server) URL() string { return "nats://" + s.address() }

func (s *Server) address() string {
	return net.JoinHostPort("127.0.0.1", strconv.Itoa(s.port))
}

// Start starts the server, for the first time or after [Server.Kill], and waits until it
// takes connections.
func (s *Server) Start(ctx context.Context) error {
	cmd, ended := exec.Command(s.binary, "--addr", "127.0.0.1", "--port", strconv.Itoa(s.port)), make(chan struct{})
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if err := cmd.Start(); err != nil {
		return fmt.Errorf("start NATS: %w", err)
	}
	s.cmd, s.ended = cmd, ended
	go func() {
		_ = cmd.Wait() // how it ended says nothing of what is tested
		close(ended)
	}()
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	for {
		err := s.dial(ctx)
		if err == nil {
			return nil
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("NATS does not answer: %w", err)
		case <-ended:
			return errors.New("NATS ended before it answered")
		case <-time.After(10 * time.Millisecond):
		}
	}
}

func (s *Server) dial(ctx context.Context) error {
	var dialer net.Dialer
	conn, err := dialer.DialContext(ctx, "tcp", s.address())
	if err != nil {
		return err
	}
	return conn.Close()
}

// Kill ends the server as a power cut would, if it runs.
func (s *Server) Kill() {
	if s.cmd == nil {
		return
	}
	_ = s.cmd.Process.Kill() // an error means that it has already ended
	<-s.ended
	s.cmd = nil
}

// Freeze stops the server from answering while its connections stay open; Thaw lets it go on.
func (s *Server) Freeze() error { return s.cmd.Process.Signal(syscall.SIGSTOP) }

// Thaw undoes Freeze.
func (s *Server) Thaw() error { return s.cmd.Process.Signal(syscall.SIGCONT) }
