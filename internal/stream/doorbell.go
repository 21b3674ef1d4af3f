package stream

import "sync"

// Doorbell says that there may be something new to read. It carries nothing, may
// ring once for many events, and may be lost: whoever listens also polls.
type Doorbell interface {
	// Ring wakes the listeners. It never blocks.
	Ring()
	// Listen gives a channel that has a value after a ring. Call stop when done.
	Listen() (rung <-chan struct{}, stop func())
}

// Bell is the doorbell inside one process. The zero value is ready.
type Bell struct {
	mu        sync.Mutex // guards listeners
	listeners map[chan struct{}]struct{}
}

// Ring implements [Doorbell].
func (b *Bell) Ring() {
	b.mu.Lock()
	defer b.mu.Unlock()
	for l := range b.listeners {
		nudge(l)
	}
}

// Listen implements [Doorbell].
func (b *Bell) Listen() (<-chan struct{}, func()) {
	l := make(chan struct{}, 1)
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.listeners == nil {
		b.listeners = map[chan struct{}]struct{}{}
	}
	b.listeners[l] = struct{}{}
	return l, func() {
		b.mu.Lock()
		defer b.mu.Unlock()
		delete(b.listeners, l)
	}
}

// nudge leaves one value in a channel of capacity one.
func nudge(c chan struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}
