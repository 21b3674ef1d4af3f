package desk

import (
	"errors"
	"sync"
)

// together answers with one run whoever asks the same at the same time, as the store
// commits together what is waiting. Everybody gets a run that began after they asked:
// nobody is told what was true before.
type together[K comparable, V any] struct {
	mu    sync.Mutex // guards lines
	lines map[K]*line[V]
}

// line is who asks one thing.
type line[V any] struct {
	running, next *run[V] // nil where there is none
}

// run is one answer, to be read once it is done.
type run[V any] struct {
	done  chan struct{}
	value V
	err   error
}

var errNoAnswer = errors.New("whoever looked for the answer did not come back")

// ask gives what a run of look gives, not necessarily of this look: it must not depend on
// who asks, nor end with their request.
func (t *together[K, V]) ask(key K, look func() (V, error)) (V, error) {
	t.mu.Lock()
	if t.lines == nil {
		t.lines = map[K]*line[V]{}
	}
	l := t.lines[key]
	if l == nil {
		l = &line[V]{}
		t.lines[key] = l
	}
	if mine := l.next; mine != nil { // it has not begun yet
		t.mu.Unlock()
		<-mine.done
		return mine.value, mine.err
	}
	mine := &run[V]{done: make(chan struct{}), err: errNoAnswer}
	before := l.running
	l.next = mine
	t.mu.Unlock()
	if before != nil {
		<-before.done
	}
	t.begin(l)
	defer t.end(key, l)
	mine.value, mine.err = look()
	return mine.value, mine.err
}

// begin lets nobody join the run that was next.
func (t *together[K, V]) begin(l *line[V]) {
	t.mu.Lock()
	defer t.mu.Unlock()
	l.running, l.next = l.next, nil
}

// end answers whoever joined.
func (t *together[K, V]) end(key K, l *line[V]) {
	t.mu.Lock()
	defer t.mu.Unlock()
	close(l.running.done)
	l.running = nil
	if l.next == nil {
		delete(t.lines, key)
	}
}
