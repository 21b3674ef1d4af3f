// Package natstest runs a NATS server for tests: the real one, as a process of its own
// that may be killed and started again at the same address.
package natstest

import (
	"fmt"
	"net"
	"os"
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
	tb     testing.TB
	binary string
	port   int
	cmd    *exec.Cmd
	ended  chan struct{}
}

// New builds the server's program, which takes half a minute the first time on a machine,
// and starts it on a free port. It ends with the test.
func New(tb testing.TB) *Server {
	tb.Helper()
	s := Stopped(tb)
	s.Start()
	return s
}

// Stopped is a server that was not started yet, whose address is known.
func Stopped(tb testing.TB) *Server {
	tb.Helper()
	s := &Server{tb: tb, binary: filepath.Join(tb.TempDir(), "nats-server"), port: freePort(tb)}
	build := exec.CommandContext(tb.Context(), "go", "build", "-buildvcs=false", "-o", s.binary, module)
	if out, err := build.CombinedOutput(); err != nil {
		tb.Fatalf("build %s: %v\n%s", module, err, out)
	}
	tb.Cleanup(s.Kill)
	return s
}

// URL is where it listens.
func (s *Server) URL() string { return "nats://" + s.address() }

func (s *Server) address() string {
	return net.JoinHostPort("127.0.0.1", strconv.Itoa(s.port))
}

// Start starts the server and waits until it takes connections.
func (s *Server) Start() {
	s.tb.Helper()
	s.cmd = exec.Command(s.binary, "--addr", "127.0.0.1", "--port", strconv.Itoa(s.port))
	s.cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if err := s.cmd.Start(); err != nil {
		s.tb.Fatal(err)
	}
	ended := make(chan struct{})
	s.ended = ended
	go func(cmd *exec.Cmd) {
		_ = cmd.Wait() // how it ended says nothing of what is tested
		close(ended)
	}(s.cmd)
	var err error
	for end := time.Now().Add(patience); time.Now().Before(end); time.Sleep(10 * time.Millisecond) {
		if err = s.dial(); err == nil {
			return
		}
	}
	s.tb.Fatalf("NATS does not answer: %v", err)
}

func (s *Server) dial() error {
	dialer := net.Dialer{Timeout: time.Second}
	conn, err := dialer.DialContext(s.tb.Context(), "tcp", s.address())
	if err != nil {
		return err
	}
	return conn.Close()
}

// Kill ends the server as a power cut would.
func (s *Server) Kill() {
	if s.cmd == nil {
		return
	}
	_ = s.cmd.Process.Kill() // an error means that it has already ended
	<-s.ended
	s.cmd = nil
}

// Freeze stops the server from answering while its connections stay open; Thaw lets it go on.
func (s *Server) Freeze() { s.signal(syscall.SIGSTOP) }

// Thaw undoes Freeze.
func (s *Server) Thaw() { s.signal(syscall.SIGCONT) }

func (s *Server) signal(sig os.Signal) {
	s.tb.Helper()
	if err := s.cmd.Process.Signal(sig); err != nil {
		s.tb.Fatal(fmt.Errorf("signal NATS: %w", err))
	}
}

// freePort is a port of this machine that nobody listens on just now.
func freePort(tb testing.TB) int {
	tb.Helper()
	var lc net.ListenConfig
	listener, err := lc.Listen(tb.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		tb.Fatal(err)
	}
	defer func() { _ = listener.Close() }()
	return listener.Addr().(*net.TCPAddr).Port
}
