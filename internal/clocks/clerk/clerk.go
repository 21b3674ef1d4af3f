// Package clerk counts a term as a clerk does with a wall calendar: from day to day, crossing off each day that counts. It
// shares nothing with the engine that it is compared with but the calendar's holidays and the articles' names, and it is
// slow. Tests and the simulated year ask it whether the engine is right.
package clerk

import (
	"slices"
	"time"

	"github.com/spazio-in-comune/sportello/internal/clocks"
	"github.com/spazio-in-comune/sportello/internal/town"
	"github.com/spazio-in-comune/sportello/plugins/sdk/calc"
)

// Due is the last useful day of a term by its ledger, in any order; the zero date while nobody can tell, because it has not
// started or is suspended until somebody acts. A stop changes nothing: the day stays, to compare with. The ledger must be
// one that the law allows.
func Due(term clocks.Clock, ledger []clocks.Entry, calendar calc.Calendar) town.Date {
	lines := slices.Clone(ledger)
	slices.SortStableFunc(lines, func(a, b clocks.Entry) int { return b.OnDay.DaysUntil(a.OnDay) })
	lines = slices.DeleteFunc(lines, func(e clocks.Entry) bool { return e.Effect == town.ClockStop })
	if len(lines) == 0 {
		return town.Date{}
	}
	if term.Unit == clocks.Hours {
		return hours(term, lines)
	}
	c := &clerk{term: term, calendar: calendar, town: calendar}
	if term.National {
		c.calendar = calendar.National()
	}
	last := lines[len(lines)-1].OnDay
	for d := lines[0].OnDay; ; d = d.AddDays(1) {
		c.cross(d)
		for len(lines) > 0 && lines[0].OnDay == d {
			c.enter(lines[0])
			lines = lines[1:]
		}
		c.wake(d)
		c.look(d)
		switch {
		case !c.found.IsZero() && !d.Before(last):
			return c.found
		case !c.running && c.until.IsZero() && !d.Before(last):
			return town.Date{}
		}
	}
}

// clerk is the state between two days.
type clerk struct {
	term     clocks.Clock
	calendar calc.Calendar
	town     calc.Calendar // the applicant's, whoever does the work

	left    int
	running bool
	until   town.Date // the last day of a suspension that ends by itself
	notice  bool      // suspended by a notice of refusal
	found   town.Date // the last day, unless something later undoes it
}

// cross counts a day. The first day does not count, since nothing runs before it is entered.
func (c *clerk) cross(d town.Date) {
	if c.running && (c.term.Unit != calc.WorkingDays || c.calendar.IsWorkingDay(d)) {
		c.left--
	}
}

// wake ends a suspension on the last day that it may last; the day after is the first that counts again.
func (c *clerk) wake(d town.Date) {
	if !c.running && !c.until.IsZero() && d == c.until {
		c.running, c.until = true, town.Date{}
	}
}

func (c *clerk) enter(e clocks.Entry) {
	switch e.Effect {
	case town.ClockStart, town.ClockRestart, town.ClockShiftStart:
		*c = clerk{term: c.term, calendar: c.calendar, town: c.town, left: c.whole(e.OnDay), running: true}
	case town.ClockSuspend:
		if !c.running && (!c.notice || e.Article != clocks.ArticleNotice) {
			return
		}
		window := c.running && e.Article == clocks.ArticleNotice // the first of two is the notice itself
		c.running, c.left, c.found = false, max(c.left, 0), town.Date{}
		c.notice = e.Article == clocks.ArticleNotice
		c.until = town.Date{}
		if days := longest(e); days > 0 {
			c.until = e.OnDay.AddDays(days)
		}
		for window && !c.town.IsWorkingDay(c.until) { // the applicant's last day is one on which the office works
			c.until = c.until.AddDays(1)
		}
	case town.ClockResume:
		if !c.running {
			c.running, c.until = true, town.Date{}
		}
	case town.ClockExtend:
		c.left += e.Days
		c.found = town.Date{}
	case town.ClockStop:
	}
}

// look says whether the term ends on this day: all days are crossed off and, where something is due, the office works.
func (c *clerk) look(d town.Date) {
	moves := c.term.Amount > 0 && !c.term.Wait
	if c.running && c.left <= 0 && c.found.IsZero() && (!moves || c.calendar.IsWorkingDay(d)) {
		c.found = d
	}
}

// whole is the term in days from a day on. Months end on the same day of a later month, or on its last.
func (c *clerk) whole(from town.Date) int {
	if c.term.Unit != calc.Months {
		return c.term.Amount
	}
	days, months := 0, 0
	for d := from; ; days++ {
		next := d.AddDays(1)
		lastOfMonth := next.Day == 1
		if months == c.term.Amount && (d.Day == from.Day || lastOfMonth && d.Day < from.Day) {
			return days
		}
		if lastOfMonth {
			months++
		}
		d = next
	}
}

// longest is how many days a suspension lasts at most; 0 is until somebody acts.
func longest(e clocks.Entry) int {
	switch {
	case e.Days > 0:
		return e.Days
	case e.Article == clocks.ArticleFacts:
		return 30
	case e.Article == clocks.ArticleNotice, e.Article == clocks.ArticleThirdParties:
		return 10
	default:
		return 0
	}
}

// hours is the day of a term that runs from moment to moment.
func hours(term clocks.Clock, lines []clocks.Entry) town.Date {
	begun := lines[len(lines)-1]
	at := begun.At
	if at.IsZero() {
		at = begun.OnDay.At(0, 0, town.Rome())
	}
	return town.Today(at.Add(time.Duration(term.Amount) * time.Hour))
}
