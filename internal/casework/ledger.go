package casework

import (
	"context"
	"fmt"

	"github.com/spazio-in-comune/sportello/ent"
	"github.com/spazio-in-comune/sportello/ent/caseclock"
	"github.com/spazio-in-comune/sportello/ent/clockentry"
	"github.com/spazio-in-comune/sportello/internal/access"
	"github.com/spazio-in-comune/sportello/internal/clocks"
	"github.com/spazio-in-comune/sportello/internal/store"
	"github.com/spazio-in-comune/sportello/internal/town"
	"github.com/spazio-in-comune/sportello/plugins/sdk"
	"github.com/spazio-in-comune/sportello/plugins/sdk/calc"
)

// clockOf and ledgerOf give a stored clock to the rules.
func clockOf(row *ent.CaseClock) clocks.Clock {
	return clocks.Clock{Amount: row.Amount, Unit: calc.Unit(row.Unit), Wait: row.Wait, National: row.National}
}

func ledgerOf(rows []*ent.ClockEntry) []clocks.Entry {
	ledger := make([]clocks.Entry, len(rows))
	for i, e := range rows {
		ledger[i] = clocks.Entry{Effect: e.Effect, OnDay: e.OnDay, At: e.RecordedAt, Days: e.Days, Ground: e.Ground, Article: e.Article}
	}
	return ledger
}

// clocksOf are the clocks of a case inside its unit. The house itself reads them:
// they belong to the case, which the viewer was found to see.
func clocksOf(ctx context.Context, tx *store.Tx, caseID string) ([]*ent.CaseClock, error) {
	rows, err := tx.CaseClock.Query().Where(caseclock.CaseID(caseID)).Order(ent.Asc(caseclock.FieldID)).
		Limit(maxClocks).All(access.System(ctx, "the clocks of a case"))
	if err != nil {
		return nil, fmt.Errorf("read the clocks: %w", err)
	}
	return rows, nil
}

// maxClocks and maxEntries bound the clocks of a case and the lines of a ledger.
const (
	maxClocks  = 50
	maxEntries = 500
)

// entriesOf is the ledger of a clock inside a unit, in the order of recording.
func entriesOf(ctx context.Context, tx *store.Tx, clockID string) ([]*ent.ClockEntry, error) {
	rows, err := tx.ClockEntry.Query().Where(clockentry.ClockID(clockID)).Order(ent.Asc(clockentry.FieldOrdinal)).
		Limit(maxEntries).All(access.System(ctx, "the ledger of a clock"))
	if err != nil {
		return nil, fmt.Errorf("read the ledger: %w", err)
	}
	return rows, nil
}

// enter adds a line to a ledger, if the law allows it, and derives the dates anew.
func (c *Cases) enter(ctx context.Context, tx *store.Tx, row *ent.CaseClock, e clocks.Entry, author string) (clocks.Derived, error) {
	rows, err := entriesOf(ctx, tx, row.ID)
	if err != nil {
		return clocks.Derived{}, err
	}
	derived, err := clocks.Derive(clockOf(row), append(ledgerOf(rows), e), c.town.Calendar)
	if err != nil {
		return derived, err
	}
	if err := newEntry(tx, row.ID, len(rows)+1, e, author).Exec(ctx); err != nil {
		return derived, fmt.Errorf("write the ledger: %w", err)
	}
	update := tx.CaseClock.Update().Where(caseclock.ID(row.ID), caseclock.Version(row.Version)).AddVersion(1).
		SetStartedOn(derived.StartedOn).SetDueOn(derived.DueOn).ClearDueAt()
	if row.State != town.ClockExpired { // what has passed has passed, also where the act comes late
		update.SetState(derived.State)
	}
	if next := derived.NextAt(); !next.IsZero() {
		update.SetDueAt(next)
	}
	if derived.State == town.ClockStopped {
		update.SetEndedAt(tx.Now)
	}
	n, err := update.Save(ctx)
	if err != nil {
		return derived, fmt.Errorf("set the clock: %w", err)
	}
	if n == 0 {
		return derived, errStale()
	}
	return derived, nil
}

// recordOnConclusion adds a line to the conclusion clock and moves the case's due
// day with it. A case without that clock has nothing to suspend.
func (c *Cases) recordOnConclusion(ctx context.Context, h *hand, e clocks.Entry) error {
	rows, err := clocksOf(ctx, h.tx, h.file.ID)
	if err != nil {
		return err
	}
	for _, row := range rows {
		if row.Kind != conclusion {
			continue
		}
		derived, err := c.enter(ctx, h.tx, row, e, h.viewer.ID)
		if err != nil {
			return err
		}
		return h.change(ctx, h.file.Phase, func(u *ent.CaseFileUpdateOne) { u.SetDueOn(derived.DueOn) })
	}
	return town.Errorf(town.PreconditionFailed, "The case has no term to suspend.", "La pratica non ha un termine da sospendere.").At("input", "ground")
}

// resumeConclusion lets a suspended term go on from today.
func (c *Cases) resumeConclusion(ctx context.Context, h *hand) error {
	rows, err := clocksOf(ctx, h.tx, h.file.ID)
	if err != nil {
		return err
	}
	for _, row := range rows {
		if row.Kind == conclusion && row.State == town.ClockSuspended {
			return c.recordOnConclusion(ctx, h, clocks.Entry{Effect: town.ClockResume, OnDay: town.Today(h.tx.Now)})
		}
	}
	return nil
}

// answeredByMeasure reports the clocks that end with the office's act. What
// stands unless somebody objects in time (the checks of a residence) goes on, and
// so does what has not begun.
func answeredByMeasure(row *ent.CaseClock) bool {
	return row.OnExpiry != string(sdk.ExpiryConfirmed) && row.State != town.ClockPending && !row.Wait
}

func everyClock(*ent.CaseClock) bool { return true }

// stopClocks ends the clocks chosen that have not ended yet.
func (c *Cases) stopClocks(ctx context.Context, h *hand, chosen func(*ent.CaseClock) bool) error {
	rows, err := clocksOf(ctx, h.tx, h.file.ID)
	if err != nil {
		return err
	}
	stop := clocks.Entry{Effect: town.ClockStop, OnDay: town.Today(h.tx.Now)}
	for _, row := range rows {
		if row.EndedAt != nil || !chosen(row) {
			continue
		}
		if _, err := c.enter(ctx, h.tx, row, stop, h.viewer.ID); err != nil {
			return err
		}
	}
	return nil
}

// startAppeals starts the terms that run from a refusal of the day, which does not
// count.
func (c *Cases) startAppeals(ctx context.Context, tx *store.Tx, caseID string, day town.Date, author string) error {
	rows, err := clocksOf(ctx, tx, caseID)
	if err != nil {
		return err
	}
	start := clocks.Entry{Effect: town.ClockStart, OnDay: day, Ground: sdk.ClockStarts()[startsAtRefusal].IT}
	for _, row := range rows {
		if row.StartsFrom != startsAtRefusal || row.State != town.ClockPending || row.EndedAt != nil {
			continue
		}
		if _, err := c.enter(ctx, tx, row, start, author); err != nil {
			return err
		}
	}
	return nil
}
