// Package due runs work at the moment it falls due. The rooms say what is due and
// when; how often to look, and what to do about a fault, is the same for all.
package due

import (
	"context"
	"log/slog"
	"time"

	"github.com/spazio-in-comune/sportello/internal/town"
)

// A worker looks again at least so often, so that a term started since cannot be
// missed, and waits so long after a fault.
const (
	lookAgain  = time.Minute
	afterFault = 5 * time.Second
)

// Worker is the due work of a room.
type Worker struct {
	Clock  town.Clock
	Logger *slog.Logger
	// What the work is, for the log.
	What string
	// Handle does what is due and says how much that was. It claims each piece, so
	// that replicas may run the same worker.
	Handle func(ctx context.Context) (int, error)
	// Next is when something is known to fall due; zero where nothing is.
	Next func(ctx context.Context) (time.Time, error)
}

// Run works until the context ends and returns its error. Faults are logged and
// tried again: work is late, never lost.
func (w Worker) Run(ctx context.Context) error {
	for ctx.Err() == nil {
		n, err := w.Handle(ctx)
		switch {
		case err != nil && ctx.Err() == nil:
			w.Logger.ErrorContext(ctx, "due work could not be done", "work", w.What, "error", err)
			Pause(ctx, afterFault)
			continue
		case n > 0:
			w.Logger.InfoContext(ctx, "due work done", "work", w.What, "count", n)
		}
		next := w.nextLook(ctx)
		if n == 0 && !next.After(w.Clock.Now()) { // due, and nobody could do it: do not spin
			Pause(ctx, afterFault)
			continue
		}
		if err := w.Clock.WaitUntil(ctx, next); err != nil {
			return err
		}
	}
	return ctx.Err()
}

// nextLook is when something is known to fall due, but not later than in a minute.
func (w Worker) nextLook(ctx context.Context) time.Time {
	latest := w.Clock.Now().Add(lookAgain)
	next, err := w.Next(ctx)
	if err != nil || next.IsZero() || next.After(latest) {
		return latest
	}
	return next
}

// Pause waits in real time, or until the context ends.
func Pause(ctx context.Context, d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
	}
}
