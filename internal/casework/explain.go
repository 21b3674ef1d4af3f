package casework

import (
	"context"
	"fmt"

	"github.com/spazio-in-comune/sportello/ent"
	"github.com/spazio-in-comune/sportello/ent/caseclock"
	"github.com/spazio-in-comune/sportello/internal/clocks"
	"github.com/spazio-in-comune/sportello/internal/town"
	"github.com/spazio-in-comune/sportello/plugins/sdk"
)

// DueExplained says why each case is due on its day, by case, in a constant number
// of queries.
func (c *Cases) DueExplained(ctx context.Context, caseIDs []string) (map[string]sdk.Text, error) {
	rows, err := c.store.Reader().CaseClock.Query().
		Where(caseclock.CaseIDIn(caseIDs...), caseClocks()).Order(ent.Asc(caseclock.FieldID)).All(ctx)
	if err != nil {
		return nil, fmt.Errorf("read the terms of %d cases: %w", len(caseIDs), err)
	}
	all := group(rows, func(k *ent.CaseClock) string { return k.CaseID })
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
		text, err := c.ExplainClock(row, ledgers[row.ID])
		if err != nil {
			return nil, err
		}
		if row.EndedAt == nil {
			for _, next := range followers(all[row.CaseID], row) {
				text = sentences(text, clocks.ExplainNext(sdk.Text{IT: next.LabelIt, EN: next.LabelEn}, clockOf(next),
					clocks.Follow(clockOf(next), row.DueOn, c.town.Calendar)))
			}
		}
		explained[row.CaseID] = text
	}
	return explained, nil
}

func sentences(a, b sdk.Text) sdk.Text { return sdk.Text{IT: a.IT + " " + b.IT, EN: a.EN + " " + b.EN} }

// ExplainClock says why a clock ends on its day, and from which event it is counted if that
// is not the request itself.
func (c *Cases) ExplainClock(row *ent.CaseClock, ledger []*ent.ClockEntry) (sdk.Text, error) {
	text, err := clocks.Explain(clockOf(row), ledgerOf(ledger), c.town.Calendar)
	if err != nil {
		return text, fmt.Errorf("explain clock %s: %w", row.ID, err)
	}
	event, known := sdk.ClockStarts()[row.StartsFrom]
	switch {
	case sdk.StartsWithRequest(row.StartsFrom) || !known:
		return text, nil
	case row.State == town.ClockPending && row.Follows != "":
		return sentences(text, clocks.ExplainEvent(clocks.EventItself, event)), nil
	case row.State == town.ClockPending:
		return sentences(text, clocks.ExplainEvent(clocks.EventAwaited, event)), nil
	default:
		return sentences(text, clocks.ExplainEvent(clocks.EventKnown, event)), nil
	}
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
