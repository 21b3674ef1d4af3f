package fill

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/spazio-in-comune/sportello/plugins/sdk"
	"github.com/spazio-in-comune/sportello/plugins/sdk/calc"
)

// span is the days that a date may be of.
type span struct{ from, to calc.Date }

// date keeps the checks of the field; without any it is some day of this season.
func (s *sheet) date(f *sdk.Field) calc.Date {
	var day calc.Date
	switch {
	case f.Name == "data_nascita":
		day = s.who.Birth
	case strings.HasSuffix(f.Name, "_data_nascita"):
		day = s.person(f.Name).Birth
	default:
		within := s.span(f)
		day = within.from.AddDays(s.rng.IntN(within.from.DaysUntil(within.to) + 1))
	}
	s.dates[f.Name] = day
	return day
}

func (s *sheet) span(f *sdk.Field) span {
	days := span{s.today.AddDays(-60), s.today.AddDays(20)}
	for _, check := range checks(f) {
		switch name, argument := check.name, check.argument; name {
		case "not in the future":
			days.to = earlier(days.to, s.today)
		case "in the future":
			days = span{s.today.AddDays(1), s.today.AddDays(60)}
		case "age <", "age <=":
			years, _ := strconv.Atoi(argument)
			days = span{s.today.AddMonths(-12 * years).AddDays(1), earlier(days.to, s.today)}
		case "after", "not before":
			if other, known := s.dates[argument]; known {
				days.from = other.AddDays(1)
				days.to = later(days.to, days.from)
			}
		}
	}
	return days
}

// time is in the office's day; one that must come after another comes an hour
// after it.
func (s *sheet) time(f *sdk.Field) string {
	minutes := 8*60 + 15*s.rng.IntN(20)
	for _, check := range checks(f) {
		if other, known := s.times[check.argument]; known {
			minutes = min(other+60, 24*60-1)
		}
	}
	s.times[f.Name] = minutes
	return fmt.Sprintf("%02d:%02d", minutes/60, minutes%60)
}

// namedCheck is one check of a field, such as "after" with "possesso_dal".
type namedCheck struct{ name, argument string }

func checks(f *sdk.Field) []namedCheck {
	var all []namedCheck
	for part := range strings.SplitSeq(f.Check, ";") {
		part = strings.TrimSpace(part)
		found := namedCheck{name: part}
		for _, name := range []string{"age <=", "age <", "after", "not before"} {
			if argument, ok := strings.CutPrefix(part, name+" "); ok {
				found = namedCheck{name, argument}
				break
			}
		}
		all = append(all, found)
	}
	return all
}

func earlier(a, b calc.Date) calc.Date {
	if a.Before(b) {
		return a
	}
	return b
}

func later(a, b calc.Date) calc.Date {
	if a.After(b) {
		return a
	}
	return b
}
