package transport

import "time"

// workers handle messages on stacks that have grown before: the goroutine that waits for a socket's next message stays
// small, as there are as many as sockets.
type workers struct{ jobs chan job }

type job struct {
	work func()
	done chan struct{}
}

// idleWorker is how long a worker waits for more.
const idleWorker = time.Second

func newWorkers() *workers { return &workers{jobs: make(chan job)} }

// do runs work to its end.
func (w *workers) do(work func()) {
	j := job{work, make(chan struct{})}
	select {
	case w.jobs <- j:
	default:
		go w.run(j)
	}
	<-j.done
}

func (w *workers) run(j job) {
	idle := time.NewTimer(idleWorker)
	defer idle.Stop()
	for {
		j.work()
		close(j.done)
		idle.Reset(idleWorker)
		select {
		case j = <-w.jobs:
		case <-idle.C:
			return
		}
	}
}
