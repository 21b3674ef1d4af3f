package casework

import (
	"context"
	"fmt"
	"slices"
	"strings"

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

// by is who writes in a ledger, and the formal act that it comes of.
type by struct{ author, act string }

// enter adds a line to a ledger, if the law allows it, and derives the dates anew. A term
// that had passed runs again if an event of before, recorded late, moved its last day
// past now.
func (c *Cases) enter(ctx context.Context, tx *store.Tx, row *ent.CaseClock, e clocks.Entry, who by) (clocks.Derived, error) {
	rows, err := entriesOf(ctx, tx, row.ID)
	if err != nil {
		return clocks.Derived{}, err
	}
	derived, err := clocks.Derive(clockOf(row), append(ledgerOf(rows), e), c.town.Calendar)
	if err != nil {
		return derived, err
	}
	if err := newEntry(tx, row.ID, len(rows)+1, e, who).Exec(ctx); err != nil {
		return derived, fmt.Errorf("write the ledger: %w", err)
	}
	update := tx.CaseClock.Update().Where(caseclock.ID(row.ID), caseclock.Version(row.Version)).AddVersion(1).
		SetStartedOn(derived.StartedOn).SetDueOn(derived.DueOn).ClearDueAt()
	if row.State != town.ClockExpired || derived.State != town.ClockStopped && !derived.Passed(tx.Now) {
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

// The entries of a timeline's line about a term that moved.
const (
	dataDueFrom  = "due_from"
	dataDueTo    = "due_to"
	dataHappened = "happened_on"
	dataArticle  = "article"
	dataClockFx  = "clock_effect"
)

// recordOnConclusion adds a line to the clock that carries the term, moves the case's due
// day with it and says what moved, for the timeline. A case without a term has nothing to
// suspend.
func (c *Cases) recordOnConclusion(ctx context.Context, h *hand, e clocks.Entry, act string) (map[string]string, error) {
	rows, err := clocksOf(ctx, h.tx, h.file.ID)
	if err != nil {
		return nil, err
	}
	row := ruling(rows)
	if row == nil || row.EndedAt != nil {
		return nil, town.Errorf(town.PreconditionFailed, "The case has no term to suspend.", "La pratica non ha un termine da sospendere.").At("input", "ground")
	}
	if err := c.unspent(ctx, h.tx, rows, row, e); err != nil {
		return nil, err
	}
	derived, err := c.enter(ctx, h.tx, row, e, by{author: h.viewer.ID, act: act})
	if err != nil {
		return nil, err
	}
	dueOn := c.wholeDue(rows, row, derived.DueOn)
	if row.State == town.ClockExpired && !derived.Passed(h.tx.Now) { // it had not passed after all
		h.flags = withoutFlag(h.flags, flagOverdue)
	}
	moved := map[string]string{
		dataDueFrom: h.file.DueOn.String(), dataDueTo: dueOn.String(), dataHappened: e.OnDay.String(),
		dataArticle: e.Article, dataClockFx: string(e.Effect),
	}
	return moved, h.change(ctx, h.file.Phase, func(u *ent.CaseFileUpdateOne) { u.SetDueOn(dueOn) })
}

// runs reports whether the term of a case runs or stands still: it can move.
func runs(rows []*ent.CaseClock) bool {
	row := ruling(rows)
	return row != nil && row.EndedAt == nil && (row.State == town.ClockRunning || row.State == town.ClockSuspended)
}

// recordIfRuns is [Cases.recordOnConclusion] where there is a term to move; else nothing
// moves, and nil says so.
func (c *Cases) recordIfRuns(ctx context.Context, h *hand, e clocks.Entry, act string) (map[string]string, error) {
	rows, err := clocksOf(ctx, h.tx, h.file.ID)
	if err != nil || !runs(rows) {
		return nil, err
	}
	return c.recordOnConclusion(ctx, h, e, act)
}

// resumeConclusion lets a suspended term go on from today.
func (c *Cases) resumeConclusion(ctx context.Context, h *hand) error {
	rows, err := clocksOf(ctx, h.tx, h.file.ID)
	if err != nil {
		return err
	}
	if row := ruling(rows); row != nil && row.State == town.ClockSuspended {
		_, err = c.recordOnConclusion(ctx, h, clocks.Entry{Effect: town.ClockResume, OnDay: town.Today(h.tx.Now)}, "")
	}
	return err
}

// newTerm is a clock that takes over the term of a case.
type newTerm struct {
	kind            string
	label           sdk.Text
	clock           clocks.Clock
	ground, article string
	from            town.Date
	author, act     string
}

// newTerm ends the clock that carried the term of the case and starts another, and gives
// its last day. What had passed stays so.
func (c *Cases) newTerm(ctx context.Context, tx *store.Tx, file *ent.CaseFile, t newTerm) (town.Date, error) {
	rows, err := clocksOf(ctx, tx, file.ID)
	if err != nil {
		return town.Date{}, err
	}
	kind, before := t.kind, 0
	for _, row := range rows {
		if strings.HasPrefix(row.Kind, t.kind) {
			before++
		}
		if !carries(row) || row.EndedAt != nil {
			continue
		}
		stop := clocks.Entry{Effect: town.ClockStop, OnDay: town.Today(tx.Now), Ground: t.ground, Article: t.article}
		if _, err := c.enter(ctx, tx, row, stop, by{author: t.author, act: t.act}); err != nil {
			return town.Date{}, err
		}
	}
	if before > 0 {
		kind = fmt.Sprintf("%s_%d", t.kind, before+1)
	}
	o := openClock{
		term:   term{kind: kind, label: t.label, clock: t.clock, from: "request", onExpiry: sdk.ExpiryNone},
		ledger: []clocks.Entry{{Effect: town.ClockStart, OnDay: t.from, Ground: t.ground, Article: t.article}}, by: by{author: t.author, act: t.act},
	}
	if o.derived, err = clocks.Derive(t.clock, o.ledger, c.town.Calendar); err != nil {
		return town.Date{}, fmt.Errorf("start the clock %s: %w", kind, err)
	}
	return o.derived.DueOn, writeClocks(ctx, tx, file.ID, []openClock{o})
}

// answeredByMeasure reports the clocks that end with the office's act. What
// stands unless somebody objects in time (the checks of a residence) goes on, and
// so do the terms of others and what waits for its event; a term of the case that has not
// begun by then never will.
func answeredByMeasure(row *ent.CaseClock) bool {
	if row.OnExpiry == string(sdk.ExpiryConfirmed) || row.Wait || slices.Contains(sdk.StartsOfOthers(), row.StartsFrom) {
		return false
	}
	return row.State != town.ClockPending || carries(row)
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
		if _, err := c.enter(ctx, h.tx, row, stop, by{author: h.viewer.ID}); err != nil {
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
		if _, err := c.enter(ctx, tx, row, start, by{author: author}); err != nil {
			return err
		}
	}
	return nil
}
