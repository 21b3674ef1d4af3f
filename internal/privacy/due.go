package privacy

import (
	"context"
	"fmt"
	"time"

	"github.com/spazio-in-comune/sportello/ent"
	"github.com/spazio-in-comune/sportello/ent/casefile"
	"github.com/spazio-in-comune/sportello/internal/privacy/retention"
	"github.com/spazio-in-comune/sportello/internal/town"
	"github.com/spazio-in-comune/sportello/plugins/sdk/calc"
)

// page is how many rows are looked at, or erased, at once.
const page = 200

// due is something whose term of keeping has passed.
type due struct {
	id   string
	rule retention.Rule
}

// look finds what is due of a kind, behind an id, in the order of ids. last is the id
// behind which to look on; empty when there is nothing more.
type look func(ctx context.Context, p *Privacy, after string) (found []due, last string, err error)

// passed reports whether a term has passed that began at the moment: the last day is
// over in Rome.
func passed(rule retention.Rule, began, now time.Time) bool {
	until, ends := rule.Until(town.Today(began))
	return ends && until.Before(town.Today(now))
}

// before is a moment at which a term of that many years cannot have passed yet if it
// began later: it lets the database leave out what is too young.
func before(now time.Time, years int) time.Time { return now.AddDate(-years, 0, 0) }

// casesDue looks at closed cases that nobody holds.
func casesDue(ctx context.Context, p *Privacy, after string) ([]due, string, error) {
	now := p.store.Clock().Now()
	rows, err := p.store.Reader().CaseFile.Query().
		Where(casefile.IDGT(after), casefile.ClosedAtLTE(before(now, p.plan.Shortest(retention.Case))), casefile.ErasedAtIsNil(), casefile.LegalHold(false)).
		Order(ent.Asc(casefile.FieldID)).Limit(page).
		Select(casefile.FieldID, casefile.FieldServiceID, casefile.FieldPracticeID, casefile.FieldPhase, casefile.FieldClosedAt).All(ctx)
	if err != nil {
		return nil, "", fmt.Errorf("look for cases to erase: %w", err)
	}
	var found []due
	for _, row := range rows {
		rule := p.plan.ForCase(row.ServiceID, row.PracticeID, row.Phase)
		if passed(rule, *row.ClosedAt, now) {
			found = append(found, due{row.ID, rule})
		}
	}
	return found, lastOf(rows, func(r *ent.CaseFile) string { return r.ID }), nil
}

// lastOf is where a page ends; empty for the last page.
func lastOf[T any](rows []T, id func(T) string) string {
	if len(rows) < page {
		return ""
	}
	return id(rows[len(rows)-1])
}

// KeptUntil is the last day on which the data of a case are kept; nil while it is open,
// where it is held or kept for good, and once they are erased.
func (p *Privacy) KeptUntil(file *ent.CaseFile) *calc.Date {
	if file.ClosedAt == nil || file.LegalHold || file.ErasedAt != nil {
		return nil
	}
	until, ends := p.plan.ForCase(file.ServiceID, file.PracticeID, file.Phase).Until(town.Today(*file.ClosedAt))
	if !ends {
		return nil
	}
	return &until
}

// Rules are the lines of the plan.
func (p *Privacy) Rules() []*retention.Rule {
	var list []*retention.Rule
	for _, r := range p.plan.Rules() {
		list = append(list, &r)
	}
	return list
}
