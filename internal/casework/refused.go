package casework

import (
	"context"
	"errors"
	"fmt"

	"github.com/spazio-in-comune/sportello/ent"
	"github.com/spazio-in-comune/sportello/internal/access"
	"github.com/spazio-in-comune/sportello/internal/clocks"
	"github.com/spazio-in-comune/sportello/internal/town"
	"github.com/spazio-in-comune/sportello/plugins/sdk"
)

// ledgersOfTerms gives, by clock, the ledgers of the terms that cases have now, with that of
// the part that was before. The house itself reads them, as it does when it writes: they
// belong to cases which the viewer was found to see.
func (c *Cases) ledgersOfTerms(ctx context.Context, byCase map[string][]*ent.CaseClock) (map[string][]*ent.ClockEntry, error) {
	var ids []string
	for _, rows := range byCase {
		if !runs(rows) {
			continue
		}
		row := ruling(rows)
		ids = append(ids, row.ID)
		if first := followed(rows, row); first != nil {
			ids = append(ids, first.ID)
		}
	}
	return c.LedgerOfClocks(access.System(ctx, "the ledgers of terms"), ids)
}

// refusedByLaw tries, on the ledger of a case's term, the shortest suspension and the
// shortest extension of today, and gives the reasons against them: what is offered is what
// the ledger would take. Nil for none, and where no term runs.
func (c *Cases) refusedByLaw(k kind, rows []*ent.CaseClock, ledgers map[string][]*ent.ClockEntry) (suspension, extension *sdk.Text, err error) {
	if !runs(rows) {
		return nil, nil, nil
	}
	today := town.Today(c.store.Clock().Now())
	suspensions := []clocks.Entry{{Effect: town.ClockSuspend, OnDay: today, Days: 1, Article: clocks.ArticleFacts}}
	if k.thirdParties != "" {
		suspensions = append(suspensions, clocks.Entry{Effect: town.ClockSuspend, OnDay: today, Days: 1, Article: k.thirdParties})
	}
	if suspension, err = c.refused(rows, ledgers, suspensions...); err != nil {
		return nil, nil, err
	}
	extension, err = c.refused(rows, ledgers, clocks.Entry{Effect: town.ClockExtend, OnDay: today, Days: 1, Article: clocks.ArticleExtension})
	return suspension, extension, err
}

// refused is why the term that runs takes none of the entries: the reason against the first.
func (c *Cases) refused(rows []*ent.CaseClock, ledgers map[string][]*ent.ClockEntry, entries ...clocks.Entry) (*sdk.Text, error) {
	var reason *sdk.Text
	for _, e := range entries {
		err := c.takes(rows, ledgers, e)
		if err == nil {
			return nil, nil
		}
		var refusal *town.Error
		if !errors.As(err, &refusal) {
			return nil, fmt.Errorf("try an entry on the ledger: %w", err)
		}
		if reason == nil {
			reason = &sdk.Text{IT: refusal.MessageIT, EN: refusal.Message}
		}
	}
	return reason, nil
}

// takes is nil if the ledger of the term that runs takes the entry.
func (c *Cases) takes(rows []*ent.CaseClock, ledgers map[string][]*ent.ClockEntry, e clocks.Entry) error {
	row := ruling(rows)
	if first := followed(rows, row); first != nil {
		if err := clocks.Spent(e, ledgerOf(ledgers[first.ID])); err != nil {
			return err
		}
	}
	_, err := clocks.Derive(clockOf(row), append(ledgerOf(ledgers[row.ID]), e), c.town.Calendar)
	return err
}
