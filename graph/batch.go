package graph

import (
	"context"
	"fmt"
	"runtime"
	"sync"
	"time"

	"github.com/spazio-in-comune/sportello/internal/town"
)

// calm is how long no further key may come before a batch is read. Siblings are asked for
// within microseconds of one another, so that a list waits hardly longer than one row.
const calm = 80 * time.Microsecond

// batched reads many keys with one read: those that sibling fields ask for together. Each
// key is read once. It lives as long as one answer and may be used by many goroutines.
//
// The libraries for this end a batch by a timer. The shortest sleep of an idle process
// is about a millisecond, which was more than half of the time of a short list.
type batched[K comparable, T any] struct {
	read func(context.Context, []K) (map[K]T, error)

	mu    sync.Mutex
	of    map[K]*batch[K, T]
	going *batch[K, T] // still takes keys; nil for none
}

type batch[K comparable, T any] struct {
	keys  []K
	last  time.Time // when the last key came
	done  chan struct{}
	found map[K]T
	err   error
}

// loader batches a read by many ids, or rows; what the read leaves out is the zero
// value: missing, or not for this viewer.
func loader[K comparable, T any](read func(context.Context, []K) (map[K]T, error)) *batched[K, T] {
	return &batched[K, T]{read: read, of: map[K]*batch[K, T]{}}
}

// Load gives what is read for the key, together with those that are asked for meanwhile.
func (l *batched[K, T]) Load(ctx context.Context, key K) (T, error) {
	b := l.join(ctx, key)
	<-b.done
	return b.found[key], b.err
}

// LoadAll gives what is read for each key, in their order.
func (l *batched[K, T]) LoadAll(ctx context.Context, keys []K) ([]T, error) {
	batches := make([]*batch[K, T], len(keys))
	for i, key := range keys {
		batches[i] = l.join(ctx, key)
	}
	values := make([]T, len(keys))
	for i, b := range batches {
		<-b.done
		if b.err != nil {
			return nil, b.err
		}
		values[i] = b.found[keys[i]]
	}
	return values, nil
}

func (l *batched[K, T]) join(ctx context.Context, key K) *batch[K, T] {
	l.mu.Lock()
	defer l.mu.Unlock()
	if b := l.of[key]; b != nil {
		return b
	}
	if l.going == nil {
		l.going = &batch[K, T]{done: make(chan struct{})}
		go l.run(ctx, l.going)
	}
	b := l.going
	b.keys, b.last = append(b.keys, key), time.Now()
	l.of[key] = b
	return b
}

// run reads the batch once no more keys come.
func (l *batched[K, T]) run(ctx context.Context, b *batch[K, T]) {
	defer close(b.done)
	for !l.closed(b) {
		runtime.Gosched() // siblings that are ready to run come first
	}
	defer func() {
		if fault := recover(); fault != nil {
			b.err = fmt.Errorf("read a batch: panic: %v", fault)
		}
	}()
	b.found, b.err = l.read(ctx, b.keys)
}

// closed ends the batch if it has been calm.
func (l *batched[K, T]) closed(b *batch[K, T]) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if time.Since(b.last) < calm {
		return false
	}
	l.going = nil
	return true
}

// one loads by id; nil for the empty id.
func one[T any](ctx context.Context, l *batched[string, *T], id string) (*T, error) {
	if id == "" {
		return nil, nil
	}
	return l.Load(ctx, id)
}

// must loads what an entity cannot be without.
func must[T any](ctx context.Context, l *batched[string, *T], id string) (*T, error) {
	found, err := l.Load(ctx, id)
	if err == nil && found == nil {
		return nil, town.ErrNotFound()
	}
	return found, err
}
