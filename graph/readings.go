package graph

import (
	"context"
	"sync"
	"time"
)

// readings shares the reading of a thing among those who follow it, where it is the same
// for all of them: one event wakes them all. The zero value is ready.
type readings[T any] struct {
	mu   sync.Mutex // guards last
	last map[string]*reading[T]
}

// reading is a thing as read after the event at a cursor.
type reading[T any] struct {
	cursor string
	at     time.Time // real time
	done   chan struct{}
	thing  T
	err    error
}

// shareFor is how long a reading serves others: waits change while nothing happens.
const shareFor = time.Second

// remembered bounds of how many things the last reading is kept.
const remembered = 200

// after gives the thing of that name as it stands at, or after, the event at the cursor.
func (b *readings[T]) after(ctx context.Context, name, cursor string, read func(context.Context, string) (T, error)) (thing T, err error) {
	b.mu.Lock()
	r := b.last[name]
	if r != nil && r.cursor == cursor && time.Since(r.at) < shareFor {
		b.mu.Unlock()
		select {
		case <-r.done:
			return r.thing, r.err
		case <-ctx.Done():
			return thing, ctx.Err()
		}
	}
	r = &reading[T]{cursor: cursor, at: time.Now(), done: make(chan struct{})}
	if b.last == nil || len(b.last) >= remembered {
		b.last = map[string]*reading[T]{}
	}
	b.last[name] = r
	b.mu.Unlock()
	defer close(r.done)
	// Others wait for it: one who hangs up does not end it.
	r.thing, r.err = read(context.WithoutCancel(ctx), name)
	return r.thing, r.err
}
