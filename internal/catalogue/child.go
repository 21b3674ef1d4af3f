package catalogue

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"sync"
	"syscall"
	"time"

	"github.com/hashicorp/go-plugin/runner"
)

// drainTime is how long the last words of an ended process are waited for. A
// descendant that has left the group may hold the pipes open for ever.
const drainTime = 200 * time.Millisecond

// child is one process with its descendants. It is the runner that go-plugin
// asks for, because go-plugin's own inherits standard input, ends only the
// process itself and waits for whoever holds its output open.
type child struct {
	exe     *executable
	args    []string // with the name of the program
	env     []string // the whole environment
	folder  string   // private: socket, temporary files, working directory
	spawner *spawner
	limits  Limits
	family  *family

	stdout, stderr *os.File
	exited         chan struct{} // closed when the process has ended

	mu     sync.Mutex // guards all below
	cmd    *exec.Cmd  // nil before the start
	ended  bool       // the id may belong to somebody else by now
	doomed bool       // to be killed even if it has not started yet
	excess *LimitError
}

var _ runner.Runner = (*child)(nil)

// Start implements runner.Runner.
func (c *child) Start(context.Context) error {
	stdout, childStdout, err := os.Pipe()
	if err != nil {
		return fmt.Errorf("make the pipe of the output: %w", err)
	}
	stderr, childStderr, err := os.Pipe()
	if err != nil {
		closeAll(stdout, childStdout)
		return fmt.Errorf("make the pipe of the log: %w", err)
	}
	cmd, err := c.spawner.start(func(traced bool) *exec.Cmd {
		cmd := &exec.Cmd{Args: c.args, Env: c.env, Dir: c.folder, Stdout: childStdout, Stderr: childStderr}
		confine(cmd, c.exe, traced)
		return cmd
	}, c.born)
	closeAll(childStdout, childStderr)
	if err != nil {
		closeAll(stdout, stderr)
		return fmt.Errorf("start %s: %w", c.exe.path, err)
	}
	c.stdout, c.stderr = stdout, stderr
	c.started(cmd)
	go c.await()
	go (&watchdog{family: c.family, limits: c.limits}).watch(c.exited, c.condemn)
	return nil
}

// born verifies and bounds the process, which does not run yet.
func (c *child) born(pid int) error {
	if err := c.exe.unchanged(); err != nil {
		return err
	}
	c.family.settle(pid)
	return bind(pid, c.limits)
}

// started notes the process, and ends at once what was to be killed meanwhile.
func (c *child) started(cmd *exec.Cmd) {
	c.mu.Lock()
	c.cmd = cmd
	doomed := c.doomed
	c.mu.Unlock()
	if doomed {
		c.killGroup()
	}
}

// await ends what the process leaves behind.
func (c *child) await() {
	awaitExit(c.cmd)
	c.killGroup()
	c.mu.Lock()
	c.ended = true
	c.family.settle(0)
	_ = c.cmd.Wait() // its state says how it ended
	c.mu.Unlock()
	close(c.exited)
	time.Sleep(drainTime)
	closeAll(c.stdout, c.stderr)
}

// condemn kills the process for what it takes.
func (c *child) condemn(excess *LimitError) {
	c.mu.Lock()
	c.excess = excess
	c.mu.Unlock()
	c.killGroup()
}

// condemned is the [*LimitError] for which the process is being killed, if any.
func (c *child) condemned() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.excess == nil {
		return nil
	}
	return c.excess
}

// why says why an ended process has ended: a [*LimitError], or errExited.
func (c *child) why() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.excess != nil {
		return c.excess
	}
	return fmt.Errorf("%w: %v", errExited, c.cmd.ProcessState)
}

// killGroup ends the process and every descendant in its group, at once, also if
// the process is only about to start.
func (c *child) killGroup() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.doomed = true
	if c.cmd == nil || c.ended {
		return
	}
	_ = syscall.Kill(-c.cmd.Process.Pid, syscall.SIGKILL) // fails if all are gone
}

// sweep ends the descendants that have left the group, too, and returns how many
// live on all the same.
func (c *child) sweep(limit time.Duration) int {
	c.killGroup()
	return c.family.sweep(limit)
}

// Wait implements runner.Runner.
func (c *child) Wait(context.Context) error {
	<-c.exited
	return nil
}

// Kill implements runner.Runner.
func (c *child) Kill(context.Context) error {
	c.killGroup()
	return nil
}

// Stdout implements runner.Runner.
func (c *child) Stdout() io.ReadCloser { return &throttled{File: c.stdout, done: c.exited} }

// Stderr implements runner.Runner.
func (c *child) Stderr() io.ReadCloser { return c.stderr }

// Name implements runner.Runner.
func (c *child) Name() string { return c.exe.path }

// ID implements runner.Runner; it is empty before the start.
func (c *child) ID() string {
	if id := c.pid(); id != 0 {
		return strconv.Itoa(id)
	}
	return ""
}

func (c *child) pid() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.cmd == nil {
		return 0
	}
	return c.cmd.Process.Pid
}

// Diagnose implements runner.Runner.
func (c *child) Diagnose(context.Context) string { return "" }

// PluginToHost implements runner.Runner. It refuses every address but a socket
// in the process's own folder, so that no process can make the host talk to
// somebody else.
func (c *child) PluginToHost(network, address string) (string, string, error) {
	if network != "unix" {
		return "", "", fmt.Errorf("a department listens on %s %s, not on a unix socket", network, address)
	}
	if filepath.Dir(filepath.Clean(address)) != c.folder {
		return "", "", errors.New("a department listens outside of its private folder")
	}
	return network, address, nil
}

// HostToPlugin implements runner.Runner.
func (c *child) HostToPlugin(network, address string) (string, string, error) {
	return network, address, nil
}

func closeAll(files ...*os.File) {
	for _, f := range files {
		_ = f.Close() // pipes: nothing to flush
	}
}
