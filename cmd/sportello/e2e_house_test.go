package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/spazio-in-comune/sportello/internal/store/dbtest"
)

// patience bounds every wait: long enough for a busy machine, and only ever
// reached by a test that fails.
const patience = 60 * time.Second

// house is one town hall: a data folder, a database, and the server's process,
// which may be killed and started again.
type house struct {
	t    testing.TB
	db   dbtest.DB
	data string
	args []string // of serve, beside folder and database
	env  []string // of the server and of commands, beside that of the test
	// binary is the server's program; empty is the one of this tree.
	binary string
	*running
}

// running is the server's process; a restart changes it.
type running struct {
	mu     sync.Mutex // guards all below
	url    string
	cmd    *exec.Cmd
	ended  chan struct{} // closed when the process has ended
	starts int
	tokens map[string]string
	done   map[string]bool // mutations that went through
}

// in gives the house to a subtest: what fails, fails there.
func (h *house) in(t testing.TB) *house {
	other := *h
	other.t = t
	return &other
}

// newHouse starts a demo town on the database and waits for its departments.
func newHouse(t testing.TB, db dbtest.DB) *house {
	t.Helper()
	h := emptyHouse(t, db, "--demo")
	h.start()
	h.awaitDepartments()
	return h
}

// emptyHouse is a town hall whose server was not started yet.
func emptyHouse(t testing.TB, db dbtest.DB, args ...string) *house {
	t.Helper()
	folder, err := os.MkdirTemp("", "e2e-") //nolint:usetesting // sockets live in it: the path must be short
	if err != nil {
		t.Fatal(err)
	}
	h := &house{t: t, db: db, data: folder, args: args, running: &running{tokens: map[string]string{}}}
	t.Cleanup(func() {
		h.kill()
		h.checkLogs()
		h.checkAudited()
		if t.Failed() {
			t.Logf("log of the server:\n%s", h.log())
		}
		_ = os.RemoveAll(folder) // in the system's temporary folder: nothing is lost
	})
	return h
}

// place are the flags that name folder and database.
func (h *house) place() []string {
	flags := []string{"--data", h.data}
	if h.db.Dialect == "mysql" {
		flags = append(flags, "--database", h.db.DSN)
	}
	return flags
}

// start starts the server and waits for its one line.
func (h *house) start() {
	h.t.Helper()
	args := append([]string{"serve", "--listen", "127.0.0.1:0"}, h.args...)
	binary := h.binary
	if binary == "" {
		binary = program(h.t)
	}
	cmd := exec.Command(binary, append(args, h.place()...)...)
	cmd.Env = append(os.Environ(), h.env...)
	h.mu.Lock()
	h.starts++
	log, err := os.Create(h.logFile(h.starts))
	h.mu.Unlock()
	if err != nil {
		h.t.Fatal(err)
	}
	defer func() { _ = log.Close() }() // the child has its own
	cmd.Stderr = log
	out, err := cmd.StdoutPipe()
	if err != nil {
		h.t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		h.t.Fatal(err)
	}
	ended := make(chan struct{})
	h.mu.Lock()
	h.cmd, h.ended = cmd, ended
	h.mu.Unlock()

	line := make(chan string, 1)
	go func() {
		lines := bufio.NewScanner(out)
		for lines.Scan() {
			line <- lines.Text() // a second line blocks, and fails the stop
		}
		close(line)
		_ = cmd.Wait() // how it ended is in its state
		close(ended)
	}()
	select {
	case text := <-line:
		url, ok := strings.CutPrefix(text, "listening on ")
		if !ok {
			h.t.Fatalf("the server said %q\n%s", text, h.log())
		}
		h.mu.Lock()
		h.url = url
		h.mu.Unlock()
	case <-time.After(patience):
		h.t.Fatalf("the server did not say where it listens\n%s", h.log())
	}
}

func (h *house) logFile(start int) string {
	return filepath.Join(h.data, fmt.Sprintf("e2e-%d.log", start))
}

// log is the end of what the server wrote since its last start.
func (h *house) log() string {
	h.mu.Lock()
	defer h.mu.Unlock()
	text, err := os.ReadFile(h.logFile(h.starts))
	if err != nil {
		return err.Error()
	}
	const most = 8 << 10
	return string(text[max(0, len(text)-most):])
}

// checkLogs looks for what no server may ever write, at any of its starts.
func (h *house) checkLogs() {
	h.mu.Lock()
	defer h.mu.Unlock()
	for start := 1; start <= h.starts; start++ {
		text, err := os.ReadFile(h.logFile(start))
		if err != nil {
			h.t.Error(err)
		}
		for _, bad := range []string{"DATA RACE", "panicked", "panic:", "goroutine 1 ["} {
			if at := strings.Index(string(text), bad); at >= 0 {
				h.t.Errorf("start %d: the log tells of a %s: %.2000s", start, bad, text[at:])
			}
		}
	}
}

// address is where the server answers now.
func (h *house) address() string {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.url
}

func (h *house) pid() int {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.cmd.Process.Pid
}

// kill ends the server as a power cut would, and waits until it is gone.
func (h *house) kill() {
	h.mu.Lock()
	cmd, ended := h.cmd, h.ended
	h.mu.Unlock()
	if cmd == nil {
		return
	}
	if err := cmd.Process.Kill(); err != nil && !errors.Is(err, os.ErrProcessDone) {
		h.t.Error(err)
	}
	<-ended
}

// terminate asks the server to stop and gives its exit code.
func (h *house) terminate() int {
	h.t.Helper()
	h.mu.Lock()
	cmd, ended := h.cmd, h.ended
	h.mu.Unlock()
	if err := cmd.Process.Signal(syscall.SIGTERM); err != nil {
		h.t.Fatal(err)
	}
	select {
	case <-ended:
	case <-time.After(patience):
		h.t.Fatalf("the server does not stop\n%s", h.log())
	}
	return cmd.ProcessState.ExitCode()
}

// awaitDepartments waits until every department answers.
func (h *house) awaitDepartments() {
	h.t.Helper()
	admin := h.as("admin")
	eventually(h.t, "every department is ready", func() bool {
		states := admin.ask(`{ plugins { state } }`, nil).list("plugins")
		for _, p := range states {
			if p.text("state") != "READY" {
				return false
			}
		}
		return len(states) > 0
	})
}

// result is how a command ended.
type result struct {
	out, err string
	code     int
}

// command runs the program to its end.
func command(t testing.TB, args ...string) result {
	t.Helper()
	return commandWith(t, nil, args...)
}

// commandWith runs it with that in its environment, beside that of the test.
func commandWith(t testing.TB, env []string, args ...string) result {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	var out, errs strings.Builder
	cmd := exec.CommandContext(ctx, program(t), args...)
	cmd.Env = append(os.Environ(), env...)
	cmd.Stdout, cmd.Stderr = &out, &errs
	err := cmd.Run()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		t.Fatalf("%v: %v", args, err)
	}
	return result{out.String(), errs.String(), cmd.ProcessState.ExitCode()}
}

// command runs the program on the folder and database of the house.
func (h *house) command(args ...string) result {
	h.t.Helper()
	return commandWith(h.t, h.env, append(args, h.place()...)...)
}

// token is the bearer token of a demo person, from the command line.
func (h *house) token(name string) string {
	h.t.Helper()
	h.mu.Lock()
	known := h.tokens[name]
	h.mu.Unlock()
	if known != "" {
		return known
	}
	got := h.command("token", "--as", name)
	if got.code != 0 {
		h.t.Fatalf("token of %s: exit %d: %s", name, got.code, got.err)
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	h.tokens[name] = strings.TrimSpace(got.out)
	return h.tokens[name]
}

// eventually waits for something that happens soon.
func eventually(t testing.TB, what string, holds func() bool) {
	t.Helper()
	for end := time.Now().Add(patience); time.Now().Before(end); time.Sleep(20 * time.Millisecond) {
		if holds() {
			return
		}
	}
	t.Fatalf("not within %v: %s", patience, what)
}
