package figures

import (
	"time"

	"github.com/spazio-in-comune/sportello/internal/results/tally"
	"github.com/spazio-in-comune/sportello/internal/town"
)

// Step is how a span is cut.
type Step string

// The steps.
const (
	Day  Step = "DAY"
	Week Step = "WEEK" // from Monday; the first and the last one may be cut
)

// span is from one day to another, both included.
type span struct{ from, to town.Date }

func (s span) has(d town.Date) bool { return !d.Before(s.from) && !d.After(s.to) }

// cut makes days or weeks of the span, in order.
func (s span) cut(by Step) []span {
	var all []span
	for from := s.from; !from.After(s.to); {
		to := from
		if by == Week {
			weekday := time.Date(from.Year, from.Month, from.Day, 12, 0, 0, 0, time.UTC).Weekday()
			to = from.AddDays((7 - int(weekday)) % 7)
		}
		if to.After(s.to) {
			to = s.to
		}
		all = append(all, span{from, to})
		from = to.AddDays(1)
	}
	return all
}

// SetTerms are the terms set for practices, by code.
type SetTerms map[string]SetTerm

// Over are the figures of the whole span, and of its days or weeks where they are asked for.
func Over(counts tally.Counts, from, to town.Date, by Step, choice Choice, set SetTerms) (total Period, periods []Period) {
	chosen := tally.Counts{}
	byDay := map[town.Date]tally.Counts{}
	whole := span{from, to}
	for key, n := range counts {
		if !choice.holds(key) || !whole.has(key.Day) {
			continue
		}
		chosen[key] = n
		if byDay[key.Day] == nil {
			byDay[key.Day] = tally.Counts{}
		}
		byDay[key.Day][key] = n
	}
	periods = []Period{}
	if by != "" {
		for _, s := range whole.cut(by) {
			part := tally.Counts{}
			for d := s.from; !d.After(s.to); d = d.AddDays(1) {
				part.Add(byDay[d])
			}
			periods = append(periods, of(part, s, set))
		}
	}
	return of(chosen, whole, set), periods
}

// of are the figures of the counts of a span.
func of(counts tally.Counts, s span, set SetTerms) Period {
	c := table(counts)
	return Period{
		From: s.from, To: s.to, Practices: c.practices(), Visits: c.visits(), Waits: c.waits(), Terms: c.terms(set),
		Escalations: c.steps(), Overruled: c.overruled(), Satisfaction: c.satisfaction(), Words: c.words(),
	}
}
