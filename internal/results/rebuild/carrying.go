package rebuild

import (
	"strings"

	"github.com/spazio-in-comune/sportello/internal/town"
)

// CarriesTerm reports whether a clock of that kind carries the term of its case: the first
// one, that of whoever concludes in the place of an office, or that of a review.
func CarriesTerm(kind string) bool {
	return kind == town.ClockConclusion || strings.HasPrefix(kind, "substitute") || strings.HasPrefix(kind, "self_review")
}

// Carrying is the last day of a case by its clocks that carry its term: that of the one
// which has not ended, else of the one which ended last; zero without any.
func Carrying(all []Dates) town.Date {
	var found Dates
	for _, d := range all {
		if d.EndedAt.IsZero() {
			return d.DueOn
		}
		if d.EndedAt.After(found.EndedAt) {
			found = d
		}
	}
	return found.DueOn
}
