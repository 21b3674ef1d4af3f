package stream

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync/atomic"
	"time"

	"github.com/spazio-in-comune/sportello/ent"
	"github.com/spazio-in-comune/sportello/ent/event"
	"github.com/spazio-in-comune/sportello/ent/sequencer"
	"github.com/spazio-in-comune/sportello/internal/access"
	"github.com/spazio-in-comune/sportello/internal/store"
)

const (
	// leaseFor is how long a replica numbers events before it has to say again
	// that it lives: a replica that is killed holds the others up for hardly longer.
	// Leases go by the clock of the database, the one that all replicas share.
	leaseFor = 2 * time.Second
	// leaseLimit is longer than any lease: one that ends later was taken before the
	// database's clock was put back, and holds nobody up.
	leaseLimit = 2 * time.Minute
	// relayBatch is how many events are numbered in one transaction.
	relayBatch = 256
)

// relay numbers committed events on MySQL, where a commit cannot do it: ids are
// handed out before the commit, so that a later id may be seen first.
//
// The lease only saves work. What makes the order safe is the sequencer's row:
// each transaction first changes it, if its fence still is the holder's, and so
// holds it until the commit. Two relays never number at the same time, and a
// former one changes nothing.
type relay struct {
	store   *store.Store
	replica string
	lease   time.Duration
	stats   *Stats
	log     *slog.Logger

	fence   int64     // 0 while not the holder
	renewed time.Time // when the lease was last taken or renewed
	leads   atomic.Bool
}

func newRelay(s *store.Store, replica string, stats *Stats, log *slog.Logger) *relay {
	return &relay{store: s, replica: replica, lease: leaseFor, stats: stats, log: log}
}

// run numbers events until the context ends, then hands the lease over.
func (r *relay) run(ctx context.Context, committed, numbered Doorbell) {
	ctx = access.System(ctx, "relay")
	rung, stop := committed.Listen()
	defer stop()
	defer func() {
		if r.release(ctx) {
			committed.Ring() // for another replica to take over
		}
	}()
	tick := time.NewTicker(poll)
	defer tick.Stop()
	for {
		n, err := r.pass(ctx)
		if err != nil && ctx.Err() == nil {
			r.log.WarnContext(ctx, "events wait: they cannot be numbered", "error", err)
		}
		if n > 0 {
			numbered.Ring()
		}
		linked := r.linkAll(ctx)
		if (n == relayBatch || linked == linkBatch) && ctx.Err() == nil {
			continue
		}
		for idle := true; idle; {
			select {
			case <-ctx.Done():
				return
			case <-rung:
				idle = false
			case <-tick.C:
				idle = r.idle(ctx)
			}
		}
	}
}

// idle reports that this replica is the holder, for a while yet, and that nothing waits for
// it: a look that writes nothing.
func (r *relay) idle(ctx context.Context) bool {
	if r.fence == 0 || time.Since(r.renewed) > r.lease/2 {
		return false
	}
	ctx, cancel := readContext(ctx)
	defer cancel()
	var work bool
	err := r.store.ReadDB().QueryRowContext(ctx,
		"SELECT EXISTS (SELECT 1 FROM events WHERE seq IS NULL) OR EXISTS (SELECT 1 FROM audit_entries WHERE seq IS NULL)").Scan(&work)
	return err == nil && !work // a fault is reported by whoever meets it at work
}

// linkAll links what waits, up to a batch, if this replica is the holder.
func (r *relay) linkAll(ctx context.Context) int {
	if r.fence == 0 {
		r.stats.Unlinked.Store(0) // for the holder to say
		return 0
	}
	n, err := r.link(ctx)
	if errors.Is(err, errNotHolder) {
		r.lead(0)
	} else if err != nil && ctx.Err() == nil {
		r.log.WarnContext(ctx, "the audit waits: it cannot be linked", "error", err)
	}
	return n
}

// lead says whether this replica is the holder, and by which fence; 0 is not.
func (r *relay) lead(fence int64) {
	r.fence = fence
	r.leads.Store(fence != 0)
}

// pass takes the lease if it is free, and numbers what was committed.
func (r *relay) pass(ctx context.Context) (int, error) {
	if r.fence == 0 {
		if held, err := r.take(ctx); err != nil || !held {
			return 0, err
		}
	}
	n, err := r.number(ctx)
	if errors.Is(err, errNotHolder) {
		r.lead(0)
		return 0, nil
	}
	return n, err
}

// take makes this replica the holder if nobody is.
func (r *relay) take(ctx context.Context) (bool, error) {
	free, err := r.isFree(ctx)
	if err != nil || !free {
		return false, err
	}
	var fence int64
	asked := time.Now()
	err = r.store.InTx(ctx, "take the relay's lease", func(ctx context.Context, tx *store.Tx) error {
		fence = 0
		taken, err := affected(tx.ExecContext(ctx,
			"UPDATE sequencers SET holder = ?, lease_until = "+fromNow+", fence = fence + 1 WHERE id = ? AND "+leaseIsOver,
			r.replica, r.lease.Microseconds(), store.EventSequencer, leaseLimit.Microseconds()))
		if err != nil || taken == 0 {
			return err
		}
		row, err := tx.Sequencer.Get(ctx, store.EventSequencer)
		if err != nil {
			return err
		}
		fence = row.Fence
		return nil
	})
	if err != nil || fence == 0 {
		return false, err
	}
	r.lead(fence)
	r.renewed = asked
	r.stats.Takeovers.Add(1)
	r.log.InfoContext(ctx, "this replica numbers the events now", "replica", r.replica, "fence", fence)
	return true, nil
}

// The database's clock, in MySQL's words: a moment some microseconds from now, and
// whether a lease has ended.
const (
	fromNow     = "TIMESTAMPADD(MICROSECOND, ?, UTC_TIMESTAMP(6))"
	leaseIsOver = "(lease_until IS NULL OR lease_until < UTC_TIMESTAMP(6) OR lease_until > " + fromNow + ")"
)

// isFree looks, without a lock, whether the lease can be had. It makes the
// sequencer's row if there is none.
func (r *relay) isFree(ctx context.Context) (free bool, err error) {
	ctx, cancel := readContext(ctx)
	defer cancel()
	err = r.store.ReadDB().QueryRowContext(ctx, "SELECT "+leaseIsOver+" FROM sequencers WHERE id = ?",
		leaseLimit.Microseconds(), store.EventSequencer).Scan(&free)
	if errors.Is(err, sql.ErrNoRows) {
		err := r.store.InTx(ctx, "make the sequencer", func(ctx context.Context, tx *store.Tx) error {
			return tx.Sequencer.Create().SetID(store.EventSequencer).Exec(ctx)
		})
		if err != nil && !ent.IsConstraintError(err) {
			return false, err
		}
		return true, nil
	}
	if err != nil {
		return false, fmt.Errorf("read the sequencer: %w", err)
	}
	return free, nil
}

var errNotHolder = errors.New("another replica numbers the events")

// number gives the next numbers to committed events in the order of their ids,
// and renews the lease. All of it happens or nothing.
func (r *relay) number(ctx context.Context) (int, error) {
	var n int
	asked := time.Now()
	err := r.store.InTx(ctx, "number events", func(ctx context.Context, tx *store.Tx) error {
		n = 0
		// This write comes first: it holds the row until the commit.
		if err := r.holdRow(ctx, tx); err != nil {
			return err
		}
		ids, err := tx.Event.Query().Where(event.SeqIsNil()).Order(event.ByID()).Limit(relayBatch).IDs(ctx)
		if err != nil {
			return fmt.Errorf("find events without a number: %w", err)
		}
		if len(ids) == 0 {
			return nil
		}
		row, err := tx.Sequencer.Get(ctx, store.EventSequencer)
		if err != nil {
			return fmt.Errorf("read the last number: %w", err)
		}
		if err := setNumbers(ctx, tx, ids, row.Last); err != nil {
			return err
		}
		if err := tx.Sequencer.UpdateOneID(store.EventSequencer).AddLast(int64(len(ids))).Exec(ctx); err != nil {
			return fmt.Errorf("move the last number on: %w", err)
		}
		n = len(ids)
		return nil
	})
	if err != nil {
		return 0, err
	}
	r.renewed = asked
	r.stats.Numbered.Add(int64(n))
	return n, nil
}

// setNumbers gives the events with these ids the numbers after last, in one
// statement.
func setNumbers(ctx context.Context, tx *store.Tx, ids []int64, last int64) error {
	args := make([]any, 0, 3*len(ids))
	for i, id := range ids {
		args = append(args, id, last+1+int64(i))
	}
	for _, id := range ids {
		args = append(args, id)
	}
	statement := "UPDATE events SET seq = CASE id" + strings.Repeat(" WHEN ? THEN ?", len(ids)) +
		" END WHERE seq IS NULL AND id IN (?" + strings.Repeat(", ?", len(ids)-1) + ")"
	changed, err := affected(tx.ExecContext(ctx, statement, args...))
	if err != nil {
		return fmt.Errorf("number %d events: %w", len(ids), err)
	}
	if changed != int64(len(ids)) {
		return fmt.Errorf("number %d events: the database changed %d", len(ids), changed)
	}
	return nil
}

// release links what is left, and lets another replica take over at once. It reports
// whether there was a lease to hand over.
func (r *relay) release(ctx context.Context) bool {
	if r.fence == 0 {
		return false
	}
	ctx = context.WithoutCancel(ctx)
	for r.linkAll(ctx) == linkBatch {
		continue
	}
	if r.fence == 0 {
		return false
	}
	err := r.store.InTx(ctx, "release the relay's lease", func(ctx context.Context, tx *store.Tx) error {
		return tx.Sequencer.Update().Where(sequencer.ID(store.EventSequencer), sequencer.Fence(r.fence)).
			SetHolder("").ClearLeaseUntil().Exec(ctx)
	})
	if err != nil {
		r.log.WarnContext(ctx, "the relay's lease was not handed over; it ends by itself", "error", err)
	}
	r.lead(0)
	return err == nil
}

// affected counts the rows that a statement changed.
func affected(result sql.Result, err error) (int64, error) {
	if err != nil {
		return 0, err
	}
	return result.RowsAffected()
}
