package catalogue

import (
	"errors"
	"os/exec"
	"runtime"
)

// errClosed says that the host no longer starts anything.
var errClosed = errors.New("the host is closed")

// spawner starts all child processes from one OS thread that lives as long as
// the host. Linux sends the signal "your parent died" when the *thread* that
// started a child ends, and Go ends threads as it likes. A child also inherits
// what rights the thread has given up, before it runs at all.
type spawner struct {
	starts chan start
	stop   chan struct{}
	done   chan struct{}
}

// start is one process to start.
type start struct {
	// command makes it; traced asks for a stop before its first instruction.
	command func(traced bool) *exec.Cmd
	// born bounds the process that stands still. If it fails, nothing runs.
	born   func(pid int) error
	result chan started
}

type started struct {
	cmd *exec.Cmd
	err error
}

func newSpawner() *spawner {
	seclude()
	s := &spawner{starts: make(chan start), stop: make(chan struct{}), done: make(chan struct{})}
	go s.run()
	return s
}

// run never gives the thread back: it is unfit for anything but starting
// departments, and Go ends it with the goroutine.
func (s *spawner) run() {
	defer close(s.done)
	runtime.LockOSThread()
	humble()
	for {
		select {
		case req := <-s.starts:
			cmd, err := startBound(req)
			req.result <- started{cmd, err}
		case <-s.stop:
			return
		}
	}
}

// start starts a process on the host's thread.
func (s *spawner) start(command func(traced bool) *exec.Cmd, born func(pid int) error) (*exec.Cmd, error) {
	req := start{command: command, born: born, result: make(chan started, 1)}
	select {
	case s.starts <- req:
		r := <-req.result
		return r.cmd, r.err
	case <-s.done:
		return nil, errClosed
	}
}

// close ends the thread. All children must have ended before.
func (s *spawner) close() {
	close(s.stop)
	<-s.done
}

// bound calls born for a process that was just started and ends it if that fails.
func bound(cmd *exec.Cmd, born func(pid int) error) (*exec.Cmd, error) {
	if err := born(cmd.Process.Pid); err != nil {
		_ = cmd.Process.Kill() // may have ended by itself
		_ = cmd.Wait()         // killed
		return nil, err
	}
	return cmd, nil
}
