//go:build unix

// Package dbserver runs throwaway MariaDB and MySQL servers for tests: real ones, each a process
// and a folder of its own, that may be killed and started again on what they kept.
package dbserver

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"syscall"
	"time"

	"github.com/spazio-in-comune/sportello/internal/store/dbtest"
)

// account is the user every test connects as, from this machine only.
const account = "sportello"

// readyWithin bounds the start of a server, its system tables excluded.
const readyWithin = 60 * time.Second

// Server is one throwaway server: a process and a folder.
type Server struct {
	kind    kind
	durable bool

	program program
	folder  *runFolder
	port    int
	version string
	process *exec.Cmd
	exited  chan struct{} // closed when the process has ended
}

// New is a server of the named kind, a database of [dbtest], that was not started yet.
// Durable ones flush every commit to disk, as a live server does.
func New(name string, durable bool) (*Server, error) {
	for _, k := range kinds() {
		if k.name == name {
			return &Server{kind: k, durable: durable}, nil
		}
	}
	return nil, fmt.Errorf("there is no server of %q", name)
}

// Start finds the program, makes the system tables and waits until the server
// answers. A port taken by another program in between is tried again.
func (s *Server) Start(ctx context.Context) (err error) {
	defer func() {
		if err != nil {
			err = fmt.Errorf("%s: %w", s.kind.name, err)
		}
	}()
	if s.program, err = findProgram(ctx, s.kind); err != nil {
		return err
	}
	if s.folder, err = newRunFolder(ctx, s.kind.name); err != nil {
		return err
	}
	if err := s.kind.create(s); err != nil {
		return err
	}
	const attempts = 3
	for range attempts {
		if s.port, err = freePort(); err != nil {
			return err
		}
		if err = s.launch(ctx); err == nil || ctx.Err() != nil {
			break
		}
	}
	return err
}

// Again starts the server after [Server.Kill], on the data that it kept and at its address,
// and waits until it answers.
func (s *Server) Again(ctx context.Context) error {
	if err := s.launch(ctx); err != nil {
		return fmt.Errorf("%s: %w", s.kind.name, err)
	}
	return nil
}

// Stop ends the process, by its own id, and removes the folder. Nothing in it
// is wanted any more, hence no orderly shutdown.
func (s *Server) Stop() error {
	s.Kill()
	if s.folder == nil {
		return nil
	}
	return s.folder.remove()
}

// Kill ends the process as a power cut would, but that what it wrote is kept.
func (s *Server) Kill() {
	if s.process == nil {
		return
	}
	_ = s.process.Process.Kill() // an error means that it has already ended
	<-s.exited
	s.process = nil
}

// standstill is how long the threads of a server take to stop, one by one.
const standstill = 200 * time.Millisecond

// Freeze stops the server from answering while its connections stay open; Thaw lets it go on.
func (s *Server) Freeze() error {
	defer time.Sleep(standstill)
	return s.process.Process.Signal(syscall.SIGSTOP)
}

// Thaw undoes Freeze.
func (s *Server) Thaw() error { return s.process.Process.Signal(syscall.SIGCONT) }

// String says which server it is, of which version and on which port.
func (s *Server) String() string {
	return fmt.Sprintf("%s %s on port %d", s.kind.name, s.version, s.port)
}

// DSN is the address of the server, in the form dbtest reads.
func (s *Server) DSN() string {
	return s.url().String()
}

// Schema makes an empty schema and gives the product's address of it.
func (s *Server) Schema(ctx context.Context, name string) (dsn string, err error) {
	db, err := dbtest.Connect(s.url())
	if err != nil {
		return "", err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	if _, err := db.ExecContext(ctx, "CREATE DATABASE "+name+" CHARACTER SET utf8mb4"); err != nil {
		return "", fmt.Errorf("make the schema %s: %w", name, err)
	}
	return s.url().JoinPath(name).String(), nil
}

func (s *Server) url() *url.URL {
	return &url.URL{
		Scheme: "mysql",
		User:   url.UserPassword(account, account),
		Host:   net.JoinHostPort("127.0.0.1", strconv.Itoa(s.port)),
		Path:   "/",
	}
}

// initialise runs the server once, for its system tables only.
func (s *Server) initialise(script io.Reader, mode string) error {
	if err := os.MkdirAll(s.path("data"), 0o700); err != nil {
		return fmt.Errorf("make the data folder: %w", err)
	}
	cmd := s.program.command(append(s.options(), mode)...)
	var log bytes.Buffer
	cmd.Stdin, cmd.Stdout, cmd.Stderr = script, &log, &log
	cmd.Dir = s.folder.path
	if err := cmd.Run(); err != nil {
		return fmt.Errorf("make the system tables: %w\n%s", err, tail(log.String()))
	}
	return nil
}

// launch starts the server on its port and waits until it answers.
func (s *Server) launch(ctx context.Context) error {
	log, err := os.Create(s.path("log"))
	if err != nil {
		return fmt.Errorf("make the log: %w", err)
	}
	defer func() { _ = log.Close() }() // the process has its own copy
	if err := os.WriteFile(s.path("account.sql"), []byte(accountScript()), 0o600); err != nil {
		return fmt.Errorf("write the account's script: %w", err)
	}
	cmd := s.program.command(append(s.options(),
		"--port="+strconv.Itoa(s.port), "--bind-address=127.0.0.1", "--skip-name-resolve",
		"--socket="+s.path("socket"), "--pid-file="+s.path("pid"),
		"--init-file="+s.path("account.sql"), "--max-connections=500")...)
	cmd.Stdout, cmd.Stderr = log, log
	cmd.Dir = s.folder.path
	cmd.SysProcAttr = OwnGroup(syscall.SIGKILL)
	if err := cmd.Start(); err != nil {
		return fmt.Errorf("start: %w", err)
	}
	s.process, s.exited = cmd, make(chan struct{})
	go func() {
		_ = cmd.Wait() // why it ended is in its log
		close(s.exited)
	}()
	if err := s.waitReady(ctx); err != nil {
		s.Kill()
		text, _ := os.ReadFile(s.path("log"))
		return fmt.Errorf("%w\n%s", err, tail(string(text)))
	}
	return nil
}

// waitReady asks until the server answers, or has ended, or takes too long.
func (s *Server) waitReady(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, readyWithin)
	defer cancel()
	db, err := dbtest.Connect(s.url())
	if err != nil {
		return err
	}
	defer func() { _ = db.Close() }()
	for {
		var version string
		if err = db.QueryRowContext(ctx, "SELECT version()").Scan(&version); err == nil {
			s.version = version
			return nil
		}
		select {
		case <-s.exited:
			return errors.New("the server ended before it was ready")
		case <-ctx.Done():
			return fmt.Errorf("the server does not answer: %w", err)
		case <-time.After(50 * time.Millisecond):
		}
	}
}

// options are the settings of every start. Two differ from a live server's:
// nothing is flushed to disk unless asked, and no binary log is kept.
func (s *Server) options() []string {
	options := append([]string{"--no-defaults"}, s.program.options...)
	options = append(options,
		"--datadir="+s.path("data"),
		"--character-set-server=utf8mb4",
		"--innodb-buffer-pool-size=128M",
		"--performance-schema=OFF",
		"--skip-log-bin",
	)
	if !s.durable {
		options = append(options, "--innodb-flush-log-at-trx-commit=0", "--innodb-doublewrite=0", "--innodb-flush-method=fsync")
	}
	if os.Geteuid() == 0 {
		options = append(options, "--user=root")
	}
	return append(options, s.kind.options...)
}

func (s *Server) path(name string) string {
	return filepath.Join(s.folder.path, name)
}

// accountScript is one statement a line, as --init-file wants it.
func accountScript() string {
	who := "'" + account + "'@'127.0.0.1'"
	return "CREATE USER IF NOT EXISTS " + who + " IDENTIFIED BY '" + account + "';\n" +
		"GRANT ALL ON *.* TO " + who + " WITH GRANT OPTION;\n"
}

// freePort returns a port of this machine that nobody listens on just now.
func freePort() (int, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return 0, fmt.Errorf("find a free port: %w", err)
	}
	port := listener.Addr().(*net.TCPAddr).Port
	return port, listener.Close()
}

// tail is the end of a log, where the reason stands.
func tail(log string) string {
	const enough = 2000
	if len(log) > enough {
		log = "…" + log[len(log)-enough:]
	}
	return log
}
