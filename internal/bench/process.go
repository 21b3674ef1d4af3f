package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// mostSockets is how many come from this machine at most.
const mostSockets = 100_000

// process is a server under measurement. It says where it listens on its first line.
type process struct {
	cmd *exec.Cmd
	url string
}

func start(ctx context.Context, program string, args ...string) (*process, error) {
	cmd := exec.CommandContext(ctx, program, args...)
	cmd.Cancel = func() error { return cmd.Process.Signal(syscall.SIGTERM) }
	cmd.WaitDelay = 15 * time.Second
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, fmt.Errorf("read what %s says: %w", program, err)
	}
	if err := cmd.Start(); err != nil {
		return nil, fmt.Errorf("start %s: %w", program, err)
	}
	p := &process{cmd: cmd}
	line, err := bufio.NewReader(out).ReadString('\n')
	url, ok := strings.CutPrefix(strings.TrimSpace(line), "listening on ")
	if err != nil || !ok {
		return nil, errors.Join(fmt.Errorf("%s said %q", program, line), p.stop())
	}
	p.url = url
	go func() { _, _ = io.Copy(io.Discard, out) }()
	return p, nil
}

func (p *process) stop() error {
	if err := p.cmd.Process.Signal(syscall.SIGTERM); err != nil && !errors.Is(err, os.ErrProcessDone) {
		return fmt.Errorf("stop a server: %w", err)
	}
	_ = p.cmd.Wait() // its exit code says nothing of what was measured
	return nil
}

// cpu is the time that the process has computed, in seconds, from its CPU clock: see clock_getcpuclockid(3).
func (p *process) cpu() (float64, error) {
	var spent unix.Timespec
	if err := unix.ClockGettime(int32(^p.cmd.Process.Pid<<3|2), &spent); err != nil {
		return 0, fmt.Errorf("read the CPU time: %w", err)
	}
	return float64(spent.Nano()) / 1e9, nil
}

// resident is the memory of the process, in KiB.
func (p *process) resident() (float64, error) {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", p.cmd.Process.Pid))
	if err != nil {
		return 0, fmt.Errorf("read the memory: %w", err)
	}
	for line := range strings.Lines(string(text)) {
		if value, ok := strings.CutPrefix(line, "VmRSS:"); ok {
			return strconv.ParseFloat(strings.Fields(value)[0], 64)
		}
	}
	return 0, errors.New("read the memory: no VmRSS")
}

// house is the product with a demo town.
type house struct {
	*process
	program, data string
}

func startHouse(ctx context.Context, programs, folder string) (*house, error) {
	h := &house{program: filepath.Join(programs, "sportello"), data: filepath.Join(folder, "town")}
	progress("the house starts")
	var err error
	h.process, err = start(ctx, h.program, "serve", "--demo", "--listen", "127.0.0.1:0", "--data", h.data,
		"--sockets-per-address", strconv.Itoa(mostSockets))
	return h, err
}

// startNothing starts what answers mutations and stores nothing: a house in all that
// tokens need.
func startNothing(ctx context.Context, programs, folder string) (*house, error) {
	n := &house{program: filepath.Join(programs, "sportello"), data: filepath.Join(folder, "nothing")}
	self, err := os.Executable()
	if err != nil {
		return nil, fmt.Errorf("find this program: %w", err)
	}
	n.process, err = start(ctx, self, "-bin", programs, "-nothing", n.data)
	return n, err
}

// token is the bearer token of a demo person.
func (h *house) token(ctx context.Context, name string) (string, error) {
	out, err := exec.CommandContext(ctx, h.program, "token", "--data", h.data, "--as", name).Output()
	if err != nil {
		return "", fmt.Errorf("token of %s: %w", name, err)
	}
	return strings.TrimSpace(string(out)), nil
}

// startSelf starts this program again in another part: see the flags -limit and -crowd.
func startSelf(ctx context.Context, part string) (*process, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, fmt.Errorf("find this program: %w", err)
	}
	return start(ctx, self, part)
}
