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
