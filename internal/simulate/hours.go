package simulate

import (
	"fmt"
	"strings"
	"time"

	"github.com/spazio-in-comune/sportello/plugins/sdk/calc"
)

// stretch is a time without a break in which the site is open.
type stretch struct {
	from, to time.Time
	// last marks the last one of its day, weight is its share of the week.
	last   bool
	weight float64
}

func (s stretch) afternoon() bool { return s.from.Hour() >= 13 }

// openings are the stretches of the first days of a week, from the site's opening
// hours.
func openings(p *profile, hours map[string][]string, days int) ([]stretch, error) {
	var all []stretch
	for i := range days {
		day := p.FirstDay.AddDays(i)
		spans := hours[dayName(day.Weekday())]
		for n, span := range spans {
			s, err := stretchOf(day, span)
			if err != nil {
				return nil, err
			}
			s.last = n == len(spans)-1
			s.weight = p.DayWeights[dayName(day.Weekday())]
			if len(spans) > 1 && s.afternoon() {
				s.weight *= 1 - p.LongDayMorning
			} else if len(spans) > 1 {
				s.weight *= p.LongDayMorning
			}
			all = append(all, s)
		}
	}
	if len(all) == 0 {
		return nil, fmt.Errorf("the site is closed for all of %d days", days)
	}
	return all, nil
}

// stretchOf reads a span such as 08:30-12:30.
func stretchOf(day calc.Date, span string) (stretch, error) {
	var h1, m1, h2, m2 int
	if _, err := fmt.Sscanf(strings.TrimSpace(span), "%d:%d-%d:%d", &h1, &m1, &h2, &m2); err != nil {
		return stretch{}, fmt.Errorf("read opening hours %q: %w", span, err)
	}
	s := stretch{from: day.At(h1, m1, calc.Rome()), to: day.At(h2, m2, calc.Rome())}
	if !s.to.After(s.from) {
		return stretch{}, fmt.Errorf("opening hours %q end before they begin", span)
	}
	return s, nil
}

// workTime is t, or the next opening if the site is closed then; the zero time
// if that is after the end of the week.
func workTime(open []stretch, t time.Time) time.Time {
	for _, s := range open {
		if t.Before(s.from) {
			return s.from.Add(t.Sub(t.Truncate(time.Hour))) // not all at the stroke of the opening
		}
		if t.Before(s.to) {
			return t
		}
	}
	return time.Time{}
}
