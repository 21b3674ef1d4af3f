package sessions

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	"github.com/spazio-in-comune/sportello/ent/onetime"
	"github.com/spazio-in-comune/sportello/ent/session"
	"github.com/spazio-in-comune/sportello/internal/access"
	"github.com/spazio-in-comune/sportello/internal/store"
)

const (
	// sweepEvery is how often what has expired is removed.
	sweepEvery = time.Minute
	// sweepBatch bounds the rows of one transaction.
	sweepBatch = 500
	// keptFor is how long a session is kept after its end, so that a person can see
	// when they signed in.
	keptFor = 30 * 24 * time.Hour
)

// RunSweep removes what has expired until the context ends: a bounded number of rows at a
// time, so that others can write in between.
func (s *Sessions) RunSweep(ctx context.Context, logger *slog.Logger) error {
	ticker := time.NewTicker(sweepEvery)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return context.Cause(ctx)
		case <-ticker.C:
		}
		if err := s.sweepAll(ctx); err != nil && ctx.Err() == nil {
			logger.WarnContext(ctx, "expired sessions could not be removed", "error", err)
		}
	}
}

func (s *Sessions) sweepAll(ctx context.Context) error {
	for {
		if removed, err := s.Sweep(ctx); err != nil || removed < sweepBatch {
			return err
		}
	}
}

// Sweep removes one batch of secrets that were not used in time, and of sessions that
// ended long ago, and tells how many of the fuller kind.
func (s *Sessions) Sweep(ctx context.Context) (removed int, err error) {
	ctx = access.System(ctx, "sessions.sweep")
	now := s.now().UTC()
	err = s.store.InTx(ctx, "remove expired sessions", func(ctx context.Context, tx *store.Tx) error {
		unused, err := tx.OneTime.Query().Where(onetime.ExpiresAtLT(now)).Limit(sweepBatch).IDs(ctx)
		if err != nil {
			return fmt.Errorf("look for expired secrets: %w", err)
		}
		if _, err := tx.OneTime.Delete().Where(onetime.IDIn(unused...)).Exec(ctx); err != nil {
			return fmt.Errorf("remove expired secrets: %w", err)
		}
		old, err := tx.Session.Query().Where(session.ExpiresAtLT(now.Add(-keptFor))).Limit(sweepBatch).IDs(ctx)
		if err != nil {
			return fmt.Errorf("look for old sessions: %w", err)
		}
		if _, err := tx.Session.Delete().Where(session.IDIn(old...)).Exec(ctx); err != nil {
			return fmt.Errorf("remove old sessions: %w", err)
		}
		removed = max(len(unused), len(old))
		return nil
	})
	return removed, err
}
