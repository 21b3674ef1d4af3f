package casework

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"time"

	"github.com/spazio-in-comune/sportello/ent"
	"github.com/spazio-in-comune/sportello/ent/caseclock"
	"github.com/spazio-in-comune/sportello/internal/access"
	"github.com/spazio-in-comune/sportello/internal/clocks/due"
	"github.com/spazio-in-comune/sportello/internal/store"
	"github.com/spazio-in-comune/sportello/internal/town"
)

const (
	// dueLook is how many terms that are due are looked up at once, oldest first.
	dueLook = 2000
	// dueBatch is how many of them share a transaction: what is read and written for one
	// is read and written for all in the same statements.
	dueBatch = 100
	// dueHands is how many transactions run side by side.
	dueHands = 8
	// maxFailed is after how many faults the database is taken to be the one at fault.
	maxFailed = 200
)

// ExpireDue handles every term that has passed or that goes on after its longest
// suspension, oldest first and exactly once, however many replicas look: what a replica
// has claimed the others pass by, and what it did not commit is due again. It says how
// many it handled. A term of a case that nobody was assigned counts like any other, and
// one that cannot be handled does not hold up the others: the error names it.
func (c *Cases) ExpireDue(ctx context.Context) (int, error) {
	ctx = access.System(ctx, "terms that have passed")
	d := &dueWork{cases: c}
	for len(d.failed) < maxFailed && ctx.Err() == nil {
		rows, err := c.due(ctx, d.failed)
		if err != nil || len(rows) == 0 {
			return d.handled, errors.Join(d.faults, err)
		}
		if done := d.share(ctx, rows); !done { // another replica has them in hand
			break
		}
	}
	return d.handled, errors.Join(d.faults, ctx.Err())
}

// dueWork is one round of terms that are due.
type dueWork struct {
	cases *Cases

	mu      sync.Mutex
	handled int
	failed  []string
	faults  error
}

// due are the first terms that have passed or whose suspension has lasted as long
// as it may, without those that failed just now.
func (c *Cases) due(ctx context.Context, failed []string) ([]*ent.CaseClock, error) {
	var all []*ent.CaseClock
	for _, state := range []town.ClockState{town.ClockRunning, town.ClockSuspended} {
		rows, err := c.store.Reader().CaseClock.Query().
			Where(caseclock.State(state), caseclock.DueAtLTE(c.store.Clock().Now()), caseclock.IDNotIn(failed...)).
			Order(ent.Asc(caseclock.FieldDueAt)).Limit(dueLook).Select(caseclock.FieldID, caseclock.FieldState).All(ctx)
		if err != nil {
			return nil, fmt.Errorf("look for terms that have passed: %w", err)
		}
		all = append(all, rows...)
	}
	return all, nil
}

// share handles the terms in batches, a few side by side, and reports whether anything
// came of it.
func (d *dueWork) share(ctx context.Context, rows []*ent.CaseClock) bool {
	before := d.handled + len(d.failed)
	var work sync.WaitGroup
	hands := make(chan struct{}, dueHands)
	for batch := range slices.Chunk(rows, dueBatch) {
		hands <- struct{}{}
		work.Go(func() {
			defer func() { <-hands }()
			d.do(ctx, batch)
		})
	}
	work.Wait()
	return d.handled+len(d.failed) > before
}

// do handles a batch. One of them that is at fault fails the batch: then each is
// handled by itself.
func (d *dueWork) do(ctx context.Context, batch []*ent.CaseClock) {
	if ctx.Err() != nil {
		return
	}
	n, err := d.cases.happen(ctx, batch)
	switch {
	case err == nil:
		d.mu.Lock()
		defer d.mu.Unlock()
		d.handled += n
	case len(batch) > 1:
		for _, one := range batch {
			d.do(ctx, []*ent.CaseClock{one})
		}
	default:
		d.mu.Lock()
		defer d.mu.Unlock()
		d.failed = append(d.failed, batch[0].ID)
		d.faults = errors.Join(d.faults, fmt.Errorf("clock %s: %w", batch[0].ID, err))
	}
}

// happen claims those of the clocks that are still due and does what their moment means,
// in one transaction; it says how many they were. The others were claimed by another
// replica, or an act of the office was faster.
func (c *Cases) happen(ctx context.Context, seen []*ent.CaseClock) (n int, err error) {
	err = c.store.InTx(ctx, "terms of cases", func(ctx context.Context, tx *store.Tx) error {
		n = 0
		rows, err := claim(ctx, tx, seen)
		if err != nil || len(rows) == 0 {
			return err
		}
		m, err := c.readMoment(ctx, tx, rows)
		if err != nil {
			return err
		}
		for _, row := range rows {
			if err := m.happens(ctx, row); err != nil {
				return err
			}
		}
		n = len(rows)
		return m.write(ctx)
	})
	return n, err
}

// RunDue handles terms as they pass until ctx ends.
func (c *Cases) RunDue(ctx context.Context, logger *slog.Logger) error {
	return due.Worker{Clock: c.store.Clock(), Logger: logger, What: "terms of cases", Handle: c.ExpireDue, Next: c.nextDue}.Run(ctx)
}

// nextDue is when the next term is known to pass. Nobody sees a suspension end at
// its very midnight, so those are not asked for.
func (c *Cases) nextDue(ctx context.Context) (time.Time, error) {
	next, err := c.store.Reader().CaseClock.Query().
		Where(caseclock.State(town.ClockRunning), caseclock.DueAtNotNil()).
		Order(ent.Asc(caseclock.FieldDueAt)).First(access.System(ctx, "the next term to pass"))
	if ent.IsNotFound(err) {
		return time.Time{}, nil
	}
	if err != nil {
		return time.Time{}, fmt.Errorf("look for the next term: %w", err)
	}
	return *next.DueAt, nil
}
