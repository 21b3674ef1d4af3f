package graph

import (
	"context"
	"sync"
	"time"

	"github.com/spazio-in-comune/sportello/internal/desk"
)

// boards shares the reading of a board among those who follow it: it is the same
// for all of them, and one event wakes them all. The zero value is ready.
type boards struct {
	mu   sync.Mutex // guards last
	last map[string]*reading
}

// reading is a board as read after the event at a cursor.
type reading struct {
	cursor string
	at     time.Time // real time
	done   chan struct{}
	board  *desk.Board
	err    error
}

// shareFor is how long a reading serves others: waits change while nothing happens.
const shareFor = time.Second

// after gives the board of a site as it stands at, or after, the event at the cursor.
func (b *boards) after(ctx context.Context, siteID, cursor string, read func(context.Context, string) (*desk.Board, error)) (*desk.Board, error) {
	b.mu.Lock()
	r := b.last[siteID]
	if r != nil && r.cursor == cursor && time.Since(r.at) < shareFor {
		b.mu.Unlock()
		select {
		case <-r.done:
			return r.board, r.err
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
	r = &reading{cursor: cursor, at: time.Now(), done: make(chan struct{})}
	if b.last == nil {
		b.last = map[string]*reading{}
	}
	b.last[siteID] = r
	b.mu.Unlock()
	defer close(r.done)
	// Others wait for it: one who hangs up does not end it.
	r.board, r.err = read(context.WithoutCancel(ctx), siteID)
	return r.board, r.err
}
