package casework

import (
	"context"
	"slices"
	"strings"

	"github.com/spazio-in-comune/sportello/ent"
	"github.com/spazio-in-comune/sportello/ent/caseclock"
	"github.com/spazio-in-comune/sportello/ent/predicate"
	"github.com/spazio-in-comune/sportello/internal/clocks"
	"github.com/spazio-in-comune/sportello/internal/store"
	"github.com/spazio-in-comune/sportello/internal/town"
	"github.com/spazio-in-comune/sportello/plugins/sdk"
)

// The clocks that carry the term of the case itself, one after the other: the first, that
// which follows it where the law has two parts (a building permit: the examination, then the
// measure), that of whoever concludes in its place, and that of a review.
const (
	kindSubstitute = "substitute"
	kindReview     = "self_review"
)

func rules(kind string) bool {
	return kind == conclusion || strings.HasPrefix(kind, kindSubstitute) || strings.HasPrefix(kind, kindReview)
}

// carries reports whether a clock carries the term of the case, or will. What somebody else
// must do in time (the parents of a child, whoever was fined) is no term of the office.
func carries(row *ent.CaseClock) bool {
	return ofTheCase(row) && !slices.Contains(sdk.StartsOfOthers(), row.StartsFrom)
}

func ofTheCase(row *ent.CaseClock) bool { return rules(row.Kind) || row.Follows == conclusion }

// caseClocks are the clocks for which [ofTheCase] holds, in SQL.
func caseClocks() predicate.CaseClock {
	return caseclock.Or(caseclock.Kind(conclusion), caseclock.KindHasPrefix(kindSubstitute), caseclock.KindHasPrefix(kindReview),
		caseclock.Follows(conclusion))
}

// ruling is the clock that carries the term of the case now; nil for none.
func ruling(rows []*ent.CaseClock) *ent.CaseClock {
	var found *ent.CaseClock
	for _, row := range rows {
		if carries(row) && (found == nil || rulesBefore(row, found)) {
			found = row
		}
	}
	return found
}

// rulesBefore reports whether one clock carries the term rather than another: what has not
// ended, and of two that follow each other the second once it runs; else what ended last.
func rulesBefore(a, b *ent.CaseClock) bool {
	switch {
	case (a.EndedAt == nil) != (b.EndedAt == nil):
		return a.EndedAt == nil
	case a.Follows == b.Kind:
		return !a.StartedOn.IsZero()
	case b.Follows == a.Kind:
		return b.StartedOn.IsZero()
	default:
		return a.EndedAt != nil && a.EndedAt.After(*b.EndedAt)
	}
}

// oneForEach keeps of each case the clock that carries its term; else its first one.
func oneForEach(rows []*ent.CaseClock) []*ent.CaseClock {
	var kept []*ent.CaseClock
	for _, of := range group(rows, func(k *ent.CaseClock) string { return k.CaseID }) {
		row := ruling(of)
		if row == nil {
			row = of[0]
		}
		kept = append(kept, row)
	}
	return kept
}

// followers are the clocks that wait for the end of this one.
func followers(rows []*ent.CaseClock, row *ent.CaseClock) []*ent.CaseClock {
	var waiting []*ent.CaseClock
	for _, other := range rows {
		if other.Follows == row.Kind && other.State == town.ClockPending && other.EndedAt == nil {
			waiting = append(waiting, other)
		}
	}
	return waiting
}

// followed is the first part of a term of two parts; nil where the clock is no second one.
func followed(rows []*ent.CaseClock, row *ent.CaseClock) *ent.CaseClock {
	at := slices.IndexFunc(rows, func(other *ent.CaseClock) bool { return row.Follows != "" && other.Kind == row.Follows })
	if at < 0 {
		return nil
	}
	return rows[at]
}

// wholeDue is the last day of the case when the clock that carries its term ends on a day:
// that of the term which follows, if one does.
func (c *Cases) wholeDue(rows []*ent.CaseClock, row *ent.CaseClock, end town.Date) town.Date {
	for _, next := range followers(rows, row) {
		end = clocks.Follow(clockOf(next), end, c.town.Calendar)
	}
	return end
}

// wholeTerm is a term with the part that it follows, where both are counted in the same unit.
func wholeTerm(rows []*ent.CaseClock, row *ent.CaseClock) clocks.Clock {
	whole := clockOf(row)
	if first := followed(rows, row); first != nil && first.Unit == row.Unit {
		whole.Amount += first.Amount
	}
	return whole
}

// unspent refuses a suspension that the first part of the term has used up.
func (c *Cases) unspent(ctx context.Context, tx *store.Tx, rows []*ent.CaseClock, row *ent.CaseClock, e clocks.Entry) error {
	first := followed(rows, row)
	if first == nil {
		return nil
	}
	entries, err := entriesOf(ctx, tx, first.ID)
	if err != nil {
		return err
	}
	return clocks.Spent(e, ledgerOf(entries))
}

// follow starts the clocks that waited for the end of this one, on the day of that end: its
// last useful day, or that of the act which ended it before. It gives those that run now.
func (c *Cases) follow(ctx context.Context, tx *store.Tx, rows []*ent.CaseClock, ended *ent.CaseClock, end town.Date, who by) ([]startedTerm, error) {
	var list []startedTerm
	for _, next := range followers(rows, ended) {
		start := clocks.Entry{Effect: town.ClockStart, OnDay: end, Ground: groundFollows + ended.LabelIt}
		derived, err := c.enter(ctx, tx, next, start, who)
		if err != nil {
			return nil, err
		}
		list = append(list, startedTerm{row: next, derived: derived})
	}
	return list, nil
}

// startedTerm is a clock that has just begun.
type startedTerm struct {
	row     *ent.CaseClock
	derived clocks.Derived
}

// groundFollows begins the reason of a start; the name of the term that ended ends it.
const groundFollows = "Finito il termine: "

// endsExamination is the event on which the second part of a building permit's term begins:
// the proposal ends the examination before its last day (DPR 380/2001 art. 20 c. 6).
const endsExamination = "end of examination"

// examination is the clock that runs and ends with the proposal of a measure; nil for a case
// without such a term.
func examination(rows []*ent.CaseClock) *ent.CaseClock {
	row := ruling(rows)
	if row == nil || row.EndedAt != nil || row.State != town.ClockRunning {
		return nil
	}
	waiting := followers(rows, row)
	if len(waiting) == 0 || waiting[0].StartsFrom != endsExamination {
		return nil
	}
	return row
}

// endExamination ends, with the proposal of a measure, the examination that has a term of its
// own, and starts the term of the measure. It gives what the timeline says of it; nil for a
// case without such a term.
func (c *Cases) endExamination(ctx context.Context, h *hand) (map[string]string, error) {
	rows, err := clocksOf(ctx, h.tx, h.file.ID)
	if err != nil {
		return nil, err
	}
	row := examination(rows)
	if row == nil {
		return nil, nil
	}
	today, who := town.Today(h.tx.Now), by{author: h.viewer.ID}
	stop := clocks.Entry{Effect: town.ClockStop, OnDay: today, Ground: groundProposed, Article: clocks.ArticleProposal}
	if _, err := c.enter(ctx, h.tx, row, stop, who); err != nil {
		return nil, err
	}
	started, err := c.follow(ctx, h.tx, rows, row, today, who)
	if err != nil {
		return nil, err
	}
	dueOn := started[0].derived.DueOn
	moved := map[string]string{
		dataDueFrom: h.file.DueOn.String(), dataDueTo: dueOn.String(), dataHappened: today.String(),
		dataArticle: clocks.ArticleProposal, dataClockFx: string(town.ClockStart),
	}
	return moved, h.change(ctx, h.file.Phase, func(u *ent.CaseFileUpdateOne) { u.SetDueOn(dueOn) })
}
