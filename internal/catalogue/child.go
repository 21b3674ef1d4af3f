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
	cmd     *exec.Cmd
	path    string
	folder  string // private: socket, temporary files, working directory
	spawner *spawner

	stdout, stderr *os.File
	exited         chan struct{} // closed when the process has ended

	mu     sync.Mutex // guards all below
	id     int        // of the process and of its group; 0 before the start
	ended  bool       // the id may belong to somebody else by now
	doomed bool       // to be killed even if it has not started yet
}

var _ runner.Runner = (*child)(nil)

// newChild prepares a process; env is its whole environment.
func newChild(s *spawner, exe *executable, args, env []string, folder string) *child {
	cmd := &exec.Cmd{Args: append([]string{exe.path}, args...), Env: env, Dir: folder}
	confine(cmd, exe)
	return &child{cmd: cmd, path: exe.path, folder: folder, spawner: s, exited: make(chan struct{})}
}

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
	c.cmd.Stdout, c.cmd.Stderr = childStdout, childStderr
	err = c.spawner.start(c.cmd)
	closeAll(childStdout, childStderr)
	if err != nil {
		closeAll(stdout, stderr)
		return fmt.Errorf("start %s: %w", c.path, err)
	}
	c.stdout, c.stderr = stdout, stderr
	c.started()
	go c.await()
	return nil
}

// started notes the id, and ends at once what was to be killed in the meantime.
func (c *child) started() {
	c.mu.Lock()
	c.id = c.cmd.Process.Pid
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
	_ = c.cmd.Wait() // how it ended is of no interest: it should not have
	c.mu.Unlock()
	close(c.exited)
	time.Sleep(drainTime)
	closeAll(c.stdout, c.stderr)
}

// killGroup ends the process and every descendant in its group, at once, also if
// the process is only about to start.
func (c *child) killGroup() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.doomed = true
	if c.id == 0 || c.ended {
		return
	}
	_ = syscall.Kill(-c.id, syscall.SIGKILL) // fails if all are gone
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
func (c *child) Stdout() io.ReadCloser { return c.stdout }

// Stderr implements runner.Runner.
func (c *child) Stderr() io.ReadCloser { return c.stderr }

// Name implements runner.Runner.
func (c *child) Name() string { return c.path }

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
	return c.id
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
