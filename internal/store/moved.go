package store

import (
	"context"

	"github.com/spazio-in-comune/sportello/internal/town"
)

// WithClock is the same database with units that are stamped by another clock:
// how a demonstration writes what happened this morning. It is closed with the
// store it came from; take it after OnCommit was set.
func (s *Store) WithClock(clock town.Clock) *Store {
	moved := *s
	moved.clock, moved.writer = clock, stampedWriter{s.writer, clock}
	return &moved
}

// stampedWriter gives units the time of its clock.
type stampedWriter struct {
	writer
	clock town.Clock
}

func (w stampedWriter) run(ctx context.Context, unit Unit) error {
	return w.writer.run(ctx, func(ctx context.Context, tx *Tx) error {
		tx.Now = w.clock.Now()
		return unit(ctx, tx)
	})
}
