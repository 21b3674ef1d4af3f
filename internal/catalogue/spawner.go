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
// started a child ends, and Go ends threads as it likes.
type spawner struct {
	starts chan start
	stop   chan struct{}
	done   chan struct{}
}

type start struct {
	cmd    *exec.Cmd
	result chan error
}

func newSpawner() *spawner {
	s := &spawner{starts: make(chan start), stop: make(chan struct{}), done: make(chan struct{})}
	go s.run()
	return s
}

func (s *spawner) run() {
	defer close(s.done)
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	for {
		select {
		case req := <-s.starts:
			req.result <- req.cmd.Start()
		case <-s.stop:
			return
		}
	}
}

// start is cmd.Start on the host's thread.
func (s *spawner) start(cmd *exec.Cmd) error {
	req := start{cmd: cmd, result: make(chan error, 1)}
	select {
	case s.starts <- req:
		return <-req.result
	case <-s.done:
		return errClosed
	}
}

// close ends the thread. All children must have ended before.
func (s *spawner) close() {
	close(s.stop)
	<-s.done
}
