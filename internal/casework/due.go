package casework

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/spazio-in-comune/sportello/ent"
	"github.com/spazio-in-comune/sportello/ent/caseclock"
	"github.com/spazio-in-comune/sportello/internal/access"
	"github.com/spazio-in-comune/sportello/internal/casework/life"
	"github.com/spazio-in-comune/sportello/internal/clocks"
	"github.com/spazio-in-comune/sportello/internal/clocks/due"
	"github.com/spazio-in-comune/sportello/internal/store"
	"github.com/spazio-in-comune/sportello/internal/town"
	"github.com/spazio-in-comune/sportello/plugins/sdk"
)

// dueBatch is how many passed terms are looked up at once.
const dueBatch = 100

// ExpireDue handles every term that has passed or that goes on after its longest
// suspension, oldest first, each in a transaction of its own and exactly once,
// however many replicas look. It says how many it handled. A term of a case that nobody was assigned counts like any
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
			won, err := c.happen(ctx, row)
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

// due are the first terms that have passed or whose suspension has lasted as long
// as it may, without those that failed just now.
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

// happen claims one clock and does what its moment means; false if another replica,
// or an act of the office, was faster.
func (c *Cases) happen(ctx context.Context, seen *ent.CaseClock) (won bool, err error) {
	to, do := town.ClockExpired, c.passed
	if seen.State == town.ClockSuspended {
		to, do = town.ClockRunning, c.goOn
	}
	err = c.store.InTx(ctx, "a term of a case", func(ctx context.Context, tx *store.Tx) error {
		won = false
		n, err := tx.CaseClock.Update().
			Where(caseclock.ID(seen.ID), caseclock.State(seen.State), caseclock.DueAtLTE(tx.Now)).
			SetState(to).AddVersion(1).Save(ctx)
		if err != nil || n == 0 {
			return err
		}
		row, err := tx.CaseClock.Get(ctx, seen.ID)
		if err != nil {
			return err
		}
		won = true
		return do(ctx, tx, row)
	})
	return won && err == nil, err
}

// goOn lets a term go on whose suspension lasted as long as its article allows.
// The papers may still be missing: the law does not wait for them.
func (c *Cases) goOn(ctx context.Context, tx *store.Tx, row *ent.CaseClock) error {
	file, err := takeCase(ctx, tx, row.CaseID)
	if err != nil {
		return err
	}
	rows, err := entriesOf(ctx, tx, row.ID)
	if err != nil {
		return err
	}
	derived, err := clocks.Derive(clockOf(row), ledgerOf(rows), c.town.Calendar)
	if err != nil {
		return fmt.Errorf("derive the term: %w", err)
	}
	if err := tx.CaseClock.UpdateOneID(row.ID).SetDueAt(derived.DueAt).Exec(ctx); err != nil {
		return fmt.Errorf("set the clock: %w", err)
	}
	next := file.Phase
	if rules(row.Kind) && (next == town.PhaseAwaitingThirdParty || next == town.PhaseRejectionNotice) {
		next = town.PhaseInProgress // whom the case waited for has had the time of the law
		if err := lapse(ctx, tx, file.ID, town.ActAcquisition, town.ActRejectionNotice); err != nil {
			return err
		}
	}
	if err := tx.CaseFile.UpdateOneID(file.ID).SetPhase(next).SetFlags(withoutFlag(file.Flags, flagSuspended)).Exec(ctx); err != nil {
		return fmt.Errorf("change the case: %w", err)
	}
	data := map[string]string{"clock": row.Kind, "due": row.DueOn.String(), "from": derived.ResumesOn.String()}
	return c.tellClock(ctx, tx, town.EventClockResumed, file, line{kind: "clock_resumed", to: next, data: data}, row.DueOn)
}

// clockActor is who lets terms pass.
const clockActor = "system:clocks"

// tellClock writes history and event of what a clock did by itself; what silence decides
// is decided with the last day of the term.
func (c *Cases) tellClock(ctx context.Context, tx *store.Tx, fact town.EventType, file *ent.CaseFile, l line, lastDay town.Date) error {
	l.actor, l.from = clockActor, file.Phase
	if err := c.addLine(ctx, tx, file, l); err != nil {
		return err
	}
	data := with(l.data, town.DataPhase, string(l.to))
	if life.Open(file.Phase) {
		data = with(data, town.DataWasOpen, "true")
	}
	tx.Emit(eventOf(fact, file, clockActor, concluding(data, file, l.to, lastDay)))
	return nil
}

// passed writes on the case what the passing of a term means: a late office, or
// an outcome by silence with effect from the day after the last day. The terms of an
// appeal are counted from that last day, which does not count itself.
func (c *Cases) passed(ctx context.Context, tx *store.Tx, row *ent.CaseClock) error {
	file, err := takeCase(ctx, tx, row.CaseID)
	if err != nil {
		return err
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
		if err := c.startAppeals(ctx, tx, file.ID, row.DueOn, clockActor); err != nil {
			return err
		}
	case row.OnExpiry == string(sdk.ExpiryConfirmed):
		update.SetSubstatus("Confermata per silenzio dal " + from)
	}
	if rules(row.Kind) && next == file.Phase && open && !row.Wait {
		update.SetFlags(withFlag(file.Flags, flagOverdue))
	}
	if err := update.SetPhase(next).Exec(ctx); err != nil {
		return fmt.Errorf("change the case: %w", err)
	}
	data := map[string]string{"clock": row.Kind, "effect": row.OnExpiry, "due": row.DueOn.String(), "from": from}
	return c.tellClock(ctx, tx, town.EventClockExpired, file, line{kind: "clock_expired", to: next, data: data}, row.DueOn)
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

// DueExplained says why each case is due on its day, by case, in a constant number
// of queries.
func (c *Cases) DueExplained(ctx context.Context, caseIDs []string) (map[string]sdk.Text, error) {
	rows, err := c.store.Reader().CaseClock.Query().
		Where(caseclock.CaseIDIn(caseIDs...), rulingKinds()).All(ctx)
	if err != nil {
		return nil, fmt.Errorf("read the terms of %d cases: %w", len(caseIDs), err)
	}
	rows = oneForEach(rows)
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
