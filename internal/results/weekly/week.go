package weekly

import (
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/spazio-in-comune/sportello/internal/results/tally"
	"github.com/spazio-in-comune/sportello/internal/town"
)

// ParseWeek reads an ISO week, such as "2026-W47", as its Monday and its Sunday.
func ParseWeek(text string) (from, to town.Date, err error) {
	var year, week int
	if _, err := fmt.Sscanf(text, "%4d-W%2d", &year, &week); err == nil {
		at := time.Date(year, time.January, 4, 12, 0, 0, 0, time.UTC) // is always in week 1
		at = at.AddDate(0, 0, -(int(at.Weekday())+6)%7+7*(week-1))
		if y, w := at.ISOWeek(); y == year && w == week && fmt.Sprintf("%04d-W%02d", year, week) == text {
			return town.Today(at), town.Today(at).AddDays(6), nil
		}
	}
	return from, to, fmt.Errorf("%q is no week: write it like 2026-W47", text)
}

// New makes the report of a week from its counts.
func New(week string, counts tally.Counts, names Names) (*Report, error) {
	from, to, err := ParseWeek(week)
	if err != nil {
		return nil, err
	}
	inside := tally.Counts{}
	for key, n := range counts {
		if !key.Day.Before(from) && !key.Day.After(to) {
			inside[key] += n
		}
	}
	c := counted(inside)
	return &Report{Week: week, From: from, To: to, Tables: []Table{
		c.practices(names), c.terms(names), c.termsByPractice(names), c.visits(),
		c.waits(names), c.waitsByService(names), c.waitsByClass(), c.steps(), c.overruled(names), c.satisfaction(), c.causes(),
	}}, nil
}

// counted are the counts of one week.
type counted tally.Counts

// sum is how often the figure was met with what holds.
func (c counted) sum(f tally.Figure, holds func(k tally.Key) bool) int64 {
	return tally.Counts(c).Sum(f, holds)
}

// spread is how often each measure of the figure was met with what holds.
func (c counted) spread(f tally.Figure, holds func(k tally.Key) bool) spread {
	return spread{tally.Counts(c).Spread(f, holds)}
}

// met are the different values of the keys of the figures, in order.
func (c counted) met(of func(k tally.Key) string, figures ...tally.Figure) []string {
	found := map[string]bool{}
	for key := range c {
		if v := of(key); v != "" && slices.Contains(figures, key.Figure) {
			found[v] = true
		}
	}
	return slices.Sorted(maps.Keys(found))
}

func office(k tally.Key) string  { return k.OfficeID }
func service(k tally.Key) string { return k.ServiceID }

func anything(tally.Key) bool { return true }
