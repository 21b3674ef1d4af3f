package rebuild

import (
	"slices"
	"strings"

	"github.com/spazio-in-comune/sportello/internal/clocks"
	"github.com/spazio-in-comune/sportello/internal/town"
	"github.com/spazio-in-comune/sportello/plugins/sdk"
	"github.com/spazio-in-comune/sportello/plugins/sdk/calc"
)

// Carrier is a clock that carries the term of its case, and its dates.
type Carrier struct {
	Term

	Dates
}

// CarriesTerm reports whether a clock carries the term of its case: the first one, that which
// follows it as the second part of the same term, that of whoever concludes in the place of an
// office, or that of a review; never what somebody else must do in time.
func CarriesTerm(t Term) bool {
	if slices.Contains(sdk.StartsOfOthers(), t.StartsFrom) {
		return false
	}
	return t.Kind == town.ClockConclusion || t.Follows == town.ClockConclusion ||
		strings.HasPrefix(t.Kind, "substitute") || strings.HasPrefix(t.Kind, "self_review")
}

// Carrying is the last day of a case by its clocks that carry its term: that of the one
// which has not ended, else of the one which ended last; zero without any. The first part of
// a term ends with the second, also while that waits for it.
func Carrying(all []Carrier, calendar calc.Calendar) town.Date {
	var found Dates
	for _, c := range all {
		if c.Follows != "" {
			continue // counted with what it follows
		}
		d := whole(c, all, calendar)
		if d.EndedAt.IsZero() {
			return d.DueOn
		}
		if d.EndedAt.After(found.EndedAt) {
			found = d
		}
	}
	return found.DueOn
}

// whole are the dates of a term with its second part, if it has one.
func whole(first Carrier, all []Carrier, calendar calc.Calendar) Dates {
	for _, second := range all {
		if second.Follows != first.Kind {
			continue
		}
		d := second.Dates
		if d.StartedOn.IsZero() {
			d.DueOn = clocks.Follow(second.Clock, first.DueOn, calendar)
		}
		return d
	}
	return first.Dates
}
