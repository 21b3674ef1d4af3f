package casework

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/spazio-in-comune/sportello/ent"
	"github.com/spazio-in-comune/sportello/ent/caseclock"
	"github.com/spazio-in-comune/sportello/ent/casefile"
	"github.com/spazio-in-comune/sportello/internal/access"
	"github.com/spazio-in-comune/sportello/internal/casework/life"
	"github.com/spazio-in-comune/sportello/internal/clocks"
	"github.com/spazio-in-comune/sportello/internal/store"
	"github.com/spazio-in-comune/sportello/internal/town"
	"github.com/spazio-in-comune/sportello/plugins/sdk"
)

// dueBatch is how many passed terms are looked up at once.
const dueBatch = 100

// ExpireDue handles every term that has passed, oldest first, each in a
// transaction of its own and exactly once, however many replicas look. It says
// how many it handled. A term of a case that nobody was assigned counts like any
// other, and one that cannot be handled does not hold up the others: the error
// names it.
func (c *Cases) ExpireDue(ctx context.Context) (int, error) {
	ctx = access.System(ctx, "terms that have passed")
	handled := 0
	var failed []string
	var faults error
	for len(failed) < maxFailed && ctx.Err() == nil {
		due, err := c.due(ctx, failed)
		if err != nil || len(due) == 0 {
			return handled, errors.Join(faults, err)
		}
		for _, row := range due {
			won, err := c.expire(ctx, row.ID)
			if err != nil {
				failed, faults = append(failed, row.ID), errors.Join(faults, fmt.Errorf("clock %s: %w", row.ID, err))
			}
			if won {
				handled++
			}
		}
	}
	return handled, errors.Join(faults, ctx.Err())
}

// maxFailed is after how many faults the database is taken to be the one at fault.
const maxFailed = 200

// due are the first terms that have passed, without those that failed just now. A
// suspended one is among them only if its suspension would have ended by itself
// long before.
func (c *Cases) due(ctx context.Context, failed []string) ([]*ent.CaseClock, error) {
	var all []*ent.CaseClock
	for _, state := range []town.ClockState{town.ClockRunning, town.ClockSuspended} {
		rows, err := c.store.Reader().CaseClock.Query().
			Where(caseclock.State(state), caseclock.DueAtLTE(c.store.Clock().Now()), caseclock.IDNotIn(failed...)).
			Order(ent.Asc(caseclock.FieldDueAt)).Limit(dueBatch).All(ctx)
		if err != nil {
			return nil, fmt.Errorf("look for terms that have passed: %w", err)
		}
		all = append(all, rows...)
	}
	return all, nil
}

// expire claims one clock and does what its passing means; false if another
// replica, or an act of the office, was faster.
func (c *Cases) expire(ctx context.Context, clockID string) (won bool, err error) {
	err = c.store.InTx(ctx, "expire a clock", func(ctx context.Context, tx *store.Tx) error {
		won = false
		n, err := tx.CaseClock.Update().
			Where(caseclock.ID(clockID), caseclock.StateIn(town.ClockRunning, town.ClockSuspended), caseclock.DueAtLTE(tx.Now)).
			SetState(town.ClockExpired).AddVersion(1).Save(ctx)
		if err != nil || n == 0 {
			return err
		}
		row, err := tx.CaseClock.Get(ctx, clockID)
		if err != nil {
			return err
		}
		won = true
		return passed(ctx, tx, row)
	})
	return won && err == nil, err
}

// passed writes on the case what the passing of a term means: a late office, or
// an outcome by silence with effect from the day after the last day.
func passed(ctx context.Context, tx *store.Tx, row *ent.CaseClock) error {
	if err := tx.CaseFile.Update().Where(casefile.ID(row.CaseID)).AddVersion(1).SetUpdatedAt(tx.Now).Exec(ctx); err != nil {
		return fmt.Errorf("take the case: %w", err)
	}
	file, err := tx.CaseFile.Get(ctx, row.CaseID)
	if err != nil {
		return fmt.Errorf("read the case: %w", err)
	}
	from := row.DueOn.AddDays(1).String()
	update, next := tx.CaseFile.UpdateOneID(file.ID), file.Phase
	open := life.Open(file.Phase)
	switch {
	case row.Wait: // nothing was due: now the act may come
	case row.OnExpiry == string(sdk.ExpiryGranted) && open:
		next = town.PhaseDeemedGranted
		update.SetDecidedAt(row.DueAt.UTC())
	case row.OnExpiry == string(sdk.ExpiryRefused) && open:
		next = town.PhaseDeemedRefused
		update.SetDecidedAt(row.DueAt.UTC()).SetClosedAt(tx.Now)
	case row.OnExpiry == string(sdk.ExpiryConfirmed):
		update.SetSubstatus("Confermata per silenzio dal " + from)
	}
	if row.Kind == conclusion && next == file.Phase && open && !row.Wait {
		update.SetFlags(withFlag(file.Flags, flagOverdue))
	}
	if err := update.SetPhase(next).Exec(ctx); err != nil {
		return fmt.Errorf("change the case: %w", err)
	}
	data := map[string]string{"clock": row.Kind, "effect": row.OnExpiry, "due": row.DueOn.String(), "from": from}
	actor := "system:clocks"
	if err := addLine(ctx, tx, file.ID, line{kind: "clock_expired", actor: actor, from: file.Phase, to: next, data: data}); err != nil {
		return err
	}
	tx.Emit(eventOf(town.EventClockExpired, file, actor, with(data, "phase", string(next))))
	return nil
}

// A worker looks again at least so often, so that a term started since cannot be
// missed, and waits so long after a fault.
const (
	lookAgain  = time.Minute
	afterFault = 5 * time.Second
)

// RunDue handles terms as they pass until ctx ends. Faults are logged and tried
// again: a term is late, never lost.
func (c *Cases) RunDue(ctx context.Context, logger *slog.Logger) error {
	clock := c.store.Clock()
	for ctx.Err() == nil {
		n, err := c.ExpireDue(ctx)
		switch {
		case err != nil && ctx.Err() == nil:
			logger.Error("terms that have passed could not be handled", "error", err)
			pause(ctx, afterFault)
			continue
		case n > 0:
			logger.Info("terms have passed", "count", n)
		}
		if err := clock.WaitUntil(ctx, c.nextLook(ctx, clock.Now())); err != nil && !errors.Is(err, context.Canceled) {
			return fmt.Errorf("wait for the next term: %w", err)
		}
	}
	return ctx.Err()
}

// nextLook is when the next known term passes, but not later than in a minute.
func (c *Cases) nextLook(ctx context.Context, now time.Time) time.Time {
	latest := now.Add(lookAgain)
	next, err := c.store.Reader().CaseClock.Query().
		Where(caseclock.State(town.ClockRunning), caseclock.DueAtNotNil()).
		Order(ent.Asc(caseclock.FieldDueAt)).First(access.System(ctx, "the next term to pass"))
	if err != nil || next.DueAt.After(latest) {
		return latest
	}
	return *next.DueAt
}

// pause waits in real time, or until ctx ends.
func pause(ctx context.Context, d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
	}
}

// DueExplained says why each case is due on its day, by case, in a constant number
// of queries.
func (c *Cases) DueExplained(ctx context.Context, caseIDs []string) (map[string]sdk.Text, error) {
	rows, err := c.store.Reader().CaseClock.Query().
		Where(caseclock.CaseIDIn(caseIDs...), caseclock.Kind(conclusion)).All(ctx)
	if err != nil {
		return nil, fmt.Errorf("read the terms of %d cases: %w", len(caseIDs), err)
	}
	ids := make([]string, len(rows))
	for i, row := range rows {
		ids[i] = row.ID
	}
	ledgers, err := c.LedgerOfClocks(ctx, ids)
	if err != nil {
		return nil, err
	}
	explained := make(map[string]sdk.Text, len(caseIDs))
	for _, id := range caseIDs { // without a term
		explained[id] = sdk.Text{IT: "Si conclude sul momento, allo sportello.", EN: "Done on the spot, at the counter."}
	}
	for _, row := range rows {
		if explained[row.CaseID], err = c.ExplainClock(row, ledgers[row.ID]); err != nil {
			return nil, err
		}
	}
	return explained, nil
}

// ExplainClock says why a clock ends on its day.
func (c *Cases) ExplainClock(row *ent.CaseClock, ledger []*ent.ClockEntry) (sdk.Text, error) {
	text, err := clocks.Explain(clockOf(row), ledgerOf(ledger), c.town.Calendar)
	if err != nil {
		return text, fmt.Errorf("explain clock %s: %w", row.ID, err)
	}
	return text, nil
}

// RemainingDays are the days left until the last useful day of a clock, negative
// when it has passed; nil while it does not run.
func (c *Cases) RemainingDays(row *ent.CaseClock) *int {
	if row.State != town.ClockRunning && row.State != town.ClockExpired || row.EndedAt != nil || row.DueOn.IsZero() {
		return nil
	}
	days := town.Today(c.store.Clock().Now()).DaysUntil(row.DueOn)
	return &days
}
