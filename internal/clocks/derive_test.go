package clocks_test

import (
	"strings"
	"testing"
	"time"

	"github.com/spazio-in-comune/sportello/internal/clocks"
	"github.com/spazio-in-comune/sportello/internal/town"
	"github.com/spazio-in-comune/sportello/plugins/sdk/calc"
)

// peschiera is the calendar of the town: national holidays, 4 October from 2026,
// San Carlo on 4 November.
func peschiera() calc.Calendar {
	return calc.Calendar{
		Fixed:        []calc.MonthDay{"01-01", "01-06", "04-25", "05-01", "06-02", "08-15", "10-04", "11-01", "12-08", "12-25", "12-26"},
		FixedFrom:    map[calc.MonthDay]int{"10-04": 2026},
		Local:        []calc.MonthDay{"11-04"},
		EasterMonday: true,
	}
}

func fiveDays() calc.Calendar {
	c := peschiera()
	c.SaturdayOff = true
	return c
}

func day(text string) town.Date {
	d, err := calc.ParseDate(text)
	if err != nil {
		panic(err)
	}
	return d
}

func at(effect town.ClockEffect, on string, more ...any) clocks.Entry {
	e := clocks.Entry{Effect: effect, OnDay: day(on)}
	for _, m := range more {
		switch v := m.(type) {
		case int:
			e.Days = v
		case string:
			e.Article = v
		}
	}
	return e
}

func start(on string) clocks.Entry { return at(town.ClockStart, on) }

func days(n int) clocks.Clock    { return clocks.Clock{Amount: n, Unit: calc.CalendarDays} }
func working(n int) clocks.Clock { return clocks.Clock{Amount: n, Unit: calc.WorkingDays} }
func months(n int) clocks.Clock  { return clocks.Clock{Amount: n, Unit: calc.Months} }

func TestDueDay(t *testing.T) {
	t.Parallel()
	national := working(6)
	national.National = true
	nationalDays := days(30)
	nationalDays.National = true
	wait := days(15)
	wait.Wait = true
	const c7, notice = clocks.ArticleFacts, clocks.ArticleNotice
	tests := map[string]struct {
		clock    clocks.Clock
		calendar calc.Calendar
		ledger   []clocks.Entry
		want     string
	}{
		"residence, registration, six-day week":   {working(2), peschiera(), []clocks.Entry{start("2026-12-24")}, "2026-12-29"},
		"residence, registration, five-day week":  {working(2), fiveDays(), []clocks.Entry{start("2026-12-24")}, "2026-12-29"},
		"residence, checks end on a Sunday":       {days(45), peschiera(), []clocks.Entry{start("2026-12-24")}, "2027-02-08"},
		"4 October in 2027, six-day week":         {working(2), peschiera(), []clocks.Entry{start("2027-10-01")}, "2027-10-05"},
		"4 October in 2027, five-day week":        {working(2), fiveDays(), []clocks.Entry{start("2027-10-01")}, "2027-10-06"},
		"identity card: the printer has no saint": {national, peschiera(), []clocks.Entry{start("2026-11-02")}, "2026-11-09"},
		"identity card, five-day week":            {national, fiveDays(), []clocks.Entry{start("2026-11-02")}, "2026-11-10"},
		"birth: Easter and its Monday":            {days(10), peschiera(), []clocks.Entry{start("2026-03-26")}, "2026-04-07"},
		"the usual 30 days":                       {days(30), peschiera(), []clocks.Entry{start("2026-11-23")}, "2026-12-23"},
		"suspended with 10 days used": {days(30), peschiera(), []clocks.Entry{
			start("2026-11-23"), at(town.ClockSuspend, "2026-12-03", c7), at(town.ClockResume, "2026-12-15"),
		}, "2027-01-04"},
		"recorded late, in another order": {days(30), peschiera(), []clocks.Entry{
			start("2026-11-23"), at(town.ClockResume, "2026-12-15"), at(town.ClockSuspend, "2026-12-03", c7),
		}, "2027-01-04"},
		"a suspension ends by itself after 30 days": {days(30), peschiera(), []clocks.Entry{
			start("2026-11-23"), at(town.ClockSuspend, "2026-12-03", c7),
		}, "2027-01-22"},
		"a resumption after that changes nothing": {days(30), peschiera(), []clocks.Entry{
			start("2026-11-23"), at(town.ClockSuspend, "2026-12-03", c7), at(town.ClockResume, "2027-02-10"),
		}, "2027-01-22"},
		"notice of refusal without observations": {days(30), peschiera(), []clocks.Entry{
			start("2026-11-23"), at(town.ClockSuspend, "2026-12-03", notice),
		}, "2027-01-04"}, // the window ends on Monday 14 December, 20 days: Sunday 3 January
		"notice of refusal, its window ends on the town's holiday": {days(30), peschiera(), []clocks.Entry{
			start("2026-10-21"), at(town.ClockSuspend, "2026-10-25", notice),
		}, "2026-12-01"}, // 4 days used; Wed 4 November is San Carlo: 26 from the 5th
		"notice of refusal, the work is another body's and the window the town's": {nationalDays, peschiera(), []clocks.Entry{
			start("2026-10-21"), at(town.ClockSuspend, "2026-10-25", notice),
		}, "2026-12-01"},
		"notice of refusal, its window ends on a Saturday, six-day week": {days(30), peschiera(), []clocks.Entry{
			start("2026-11-23"), at(town.ClockSuspend, "2026-12-02", notice),
		}, "2027-01-02"}, // 9 days used; 21 from Saturday 12 December
		"notice of refusal, its window ends on a Saturday, five-day week": {days(30), fiveDays(), []clocks.Entry{
			start("2026-11-23"), at(town.ClockSuspend, "2026-12-02", notice),
		}, "2027-01-04"}, // 9 days used; 21 from Monday 14 December
		"notice of refusal, observations on the Monday after the tenth day": {days(30), peschiera(), []clocks.Entry{
			start("2026-11-23"), at(town.ClockSuspend, "2026-12-03", notice), at(town.ClockSuspend, "2026-12-14", notice),
		}, "2027-01-13"}, // runs again from 24 December, 20 days
		"notice of refusal, 10 days after observations are a Sunday": {days(30), peschiera(), []clocks.Entry{
			start("2026-11-23"), at(town.ClockSuspend, "2026-12-04", notice), at(town.ClockSuspend, "2026-12-10", notice),
		}, "2027-01-08"}, // 11 days used; 19 from Sunday 20 December, which does not move
		"notice of refusal, observations on day 4": {days(30), peschiera(), []clocks.Entry{
			start("2026-11-23"), at(town.ClockSuspend, "2026-12-03", notice), at(town.ClockSuspend, "2026-12-07", notice),
		}, "2027-01-07"}, // runs again from 17 December, 20 days: Wed 6 January is a holiday
		"made regular on day 8: counts from then": {days(30), peschiera(), []clocks.Entry{
			start("2026-11-23"), at(town.ClockSuspend, "2026-11-26", clocks.ArticleIrregular), at(town.ClockShiftStart, "2026-12-01", clocks.ArticleIrregular),
		}, "2026-12-31"},
		"never made regular: no last day": {days(30), peschiera(), []clocks.Entry{
			start("2026-11-23"), at(town.ClockSuspend, "2026-11-26", clocks.ArticleIrregular),
		}, ""},
		"access request completed: starts over": {days(30), peschiera(), []clocks.Entry{
			start("2026-11-23"), at(town.ClockSuspend, "2026-12-02", clocks.ArticleIncomplete), at(town.ClockRestart, "2026-12-09", clocks.ArticleIncomplete),
		}, "2027-01-08"},
		"incomplete again, within 10 days of the new start": {days(30), peschiera(), []clocks.Entry{
			start("2026-11-23"), at(town.ClockSuspend, "2026-12-02", clocks.ArticleIncomplete), at(town.ClockRestart, "2026-12-09", clocks.ArticleIncomplete),
			at(town.ClockSuspend, "2026-12-16", clocks.ArticleIncomplete), at(town.ClockRestart, "2026-12-21", clocks.ArticleIncomplete),
		}, "2027-01-20"},
		"an opinion interrupts: starts over": {days(30), peschiera(), []clocks.Entry{
			start("2026-11-23"), at(town.ClockSuspend, "2026-12-03", clocks.ArticleInterruption), at(town.ClockRestart, "2026-12-17", clocks.ArticleInterruption),
		}, "2027-01-16"},
		"both suspensions of the law": {days(30), peschiera(), []clocks.Entry{
			start("2026-11-23"), at(town.ClockSuspend, "2026-12-03", c7), at(town.ClockResume, "2026-12-15"), at(town.ClockSuspend, "2026-12-18", notice),
		}, "2027-01-14"}, // 10 + 3 days used; 17 left from 28 December
		"observations recorded late, after the window": {days(30), peschiera(), []clocks.Entry{
			start("2026-11-23"), at(town.ClockSuspend, "2026-12-03", notice), at(town.ClockExtend, "2026-12-20", 5), at(town.ClockSuspend, "2026-12-07", notice),
		}, "2027-01-11"}, // 20 + 5 days from 17 December
		"answered after it went on by itself, and was extended": {days(30), peschiera(), []clocks.Entry{
			start("2026-11-23"), at(town.ClockSuspend, "2026-12-03", c7), at(town.ClockExtend, "2027-01-10", 5), at(town.ClockResume, "2027-01-12"),
		}, "2027-01-27"},
		"working days are kept too": {working(10), peschiera(), []clocks.Entry{
			start("2026-11-23"), at(town.ClockSuspend, "2026-11-26", c7), at(town.ClockResume, "2026-12-03"),
		}, "2026-12-12"},
		"starts over":            {days(30), peschiera(), []clocks.Entry{start("2026-11-23"), at(town.ClockRestart, "2026-12-01")}, "2026-12-31"},
		"the start moves":        {days(30), peschiera(), []clocks.Entry{start("2026-11-23"), at(town.ClockShiftStart, "2026-11-30")}, "2026-12-30"},
		"extended":               {days(30), peschiera(), []clocks.Entry{start("2026-11-23"), at(town.ClockExtend, "2026-12-01", 15)}, "2027-01-07"},
		"six months, Sunday":     {months(6), peschiera(), []clocks.Entry{start("2026-05-22")}, "2026-11-23"},
		"end of a shorter month": {months(6), peschiera(), []clocks.Entry{start("2026-08-31")}, "2027-03-01"},
		"months, suspended": {months(1), peschiera(), []clocks.Entry{
			start("2026-11-23"), at(town.ClockSuspend, "2026-12-03", c7), at(town.ClockResume, "2026-12-15"),
		}, "2027-01-04"},
		"19 days on the patron's day": {days(19), peschiera(), []clocks.Entry{start("2026-10-16")}, "2026-11-05"},
		"4 October 2026, a Sunday":    {days(10), peschiera(), []clocks.Entry{start("2026-09-24")}, "2026-10-05"},
		"a Saturday does not move":    {days(10), peschiera(), []clocks.Entry{start("2026-11-11")}, "2026-11-21"},
		"nothing is due: no roll":     {wait, peschiera(), []clocks.Entry{start("2026-11-07")}, "2026-11-22"},
		"on the spot":                 {days(0), peschiera(), []clocks.Entry{start("2026-11-22")}, "2026-11-22"},
		"an open suspension":          {days(30), peschiera(), []clocks.Entry{start("2026-11-23"), at(town.ClockSuspend, "2026-12-03")}, ""},
		"not started":                 {days(30), peschiera(), nil, ""},
		"stopped: the day it was":     {days(30), peschiera(), []clocks.Entry{start("2026-11-23"), at(town.ClockStop, "2026-12-01")}, "2026-12-23"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := clocks.Derive(tt.clock, tt.ledger, tt.calendar)
			if err != nil {
				t.Fatal(err)
			}
			if got.DueOn.String() != tt.want {
				t.Errorf("due on %s, want %s", got.DueOn, tt.want)
			}
		})
	}
}

func TestRefusals(t *testing.T) {
	t.Parallel()
	suspended := func(article string, days int) []clocks.Entry {
		return []clocks.Entry{start("2026-11-23"), at(town.ClockSuspend, "2026-12-03", article, days)}
	}
	tests := map[string]struct {
		ledger []clocks.Entry
		want   string
	}{
		"a second suspension under art. 2 c. 7": {append(suspended(clocks.ArticleFacts, 5), at(town.ClockSuspend, "2026-12-15", clocks.ArticleFacts)), "art. 2 c. 7"},
		"31 days under art. 2 c. 7":             {suspended(clocks.ArticleFacts, 31), "at most 30 days"},
		"11 days for third parties":             {suspended(clocks.ArticleThirdParties, 11), "art. 5 c. 5"},
		"documentary access never":              {suspended(clocks.ArticleAccess, 10), "DPR 184/2006 art. 3"},
		"a second notice of refusal":            {append(suspended(clocks.ArticleNotice, 0), at(town.ClockSuspend, "2026-12-20", clocks.ArticleNotice)), "art. 10-bis"},
		"access, incomplete after 11 days":      {[]clocks.Entry{start("2026-11-23"), at(town.ClockSuspend, "2026-12-04", clocks.ArticleIncomplete)}, "within 10 days"},
		"a second interruption":                 {[]clocks.Entry{start("2026-11-23"), at(town.ClockSuspend, "2026-11-25", clocks.ArticleInterruption), at(town.ClockRestart, "2026-11-30"), at(town.ClockSuspend, "2026-12-05", clocks.ArticleInterruption)}, "it was used"},
		"a second extension":                    {[]clocks.Entry{start("2026-11-23"), at(town.ClockExtend, "2026-12-01", 10), at(town.ClockExtend, "2026-12-02", 10)}, "only one extension"},
		"extended by more than itself":          {[]clocks.Entry{start("2026-11-23"), at(town.ClockExtend, "2026-12-01", 31)}, "30 days at most"},
		"suspended twice at once":               {append(suspended(clocks.ArticleFacts, 0), at(town.ClockSuspend, "2026-12-05", clocks.ArticleThirdParties)), "already suspended"},
		"suspended when it is too late":         {[]clocks.Entry{start("2026-11-23"), at(town.ClockSuspend, "2026-12-24")}, "passed on 2026-12-23"},
		"extended when it is too late":          {[]clocks.Entry{start("2026-11-23"), at(town.ClockExtend, "2026-12-24", 5)}, "passed on 2026-12-23"},
		"resumed without a suspension":          {[]clocks.Entry{start("2026-11-23"), at(town.ClockResume, "2026-12-01")}, "not suspended"},
		"two starts":                            {[]clocks.Entry{start("2026-11-23"), start("2026-11-24")}, "already started"},
		"a suspension before the start":         {[]clocks.Entry{at(town.ClockSuspend, "2026-11-23")}, "not started"},
		"anything after the stop":               {[]clocks.Entry{start("2026-11-23"), at(town.ClockStop, "2026-12-01"), at(town.ClockRestart, "2026-12-02")}, "stopped on 2026-12-01"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := clocks.Derive(days(30), tt.ledger, peschiera())
			if town.CodeOf(err) != town.PreconditionFailed || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("got %v, want a refusal that says %q", err, tt.want)
			}
		})
	}
}

func TestNextAt(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		ledger []clocks.Entry
		want   string // empty for never
	}{
		"the term passes":               {[]clocks.Entry{start("2026-11-23")}, "2026-12-24T00:00:00+01:00"},
		"not started":                   {nil, ""},
		"the suspension ends by itself": {[]clocks.Entry{start("2026-11-23"), at(town.ClockSuspend, "2026-12-03", clocks.ArticleFacts)}, "2027-01-03T00:00:00+01:00"},
		"suspended until it is resumed": {[]clocks.Entry{start("2026-11-23"), at(town.ClockSuspend, "2026-12-03")}, ""},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d, err := clocks.Derive(days(30), tt.ledger, peschiera())
			if err != nil {
				t.Fatal(err)
			}
			got := ""
			if next := d.NextAt(); !next.IsZero() {
				got = next.In(calc.Rome()).Format(time.RFC3339)
			}
			if got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}

func TestHours(t *testing.T) {
	t.Parallel()
	death := time.Date(2026, 10, 24, 20, 0, 0, 0, time.UTC) // 22:00 in Rome, before the clocks go back
	d, err := clocks.Derive(clocks.Clock{Amount: 24, Unit: clocks.Hours}, []clocks.Entry{{Effect: town.ClockStart, OnDay: day("2026-10-24"), At: death}}, peschiera())
	if err != nil {
		t.Fatal(err)
	}
	if want := death.Add(24 * time.Hour); !d.DueAt.Equal(want) || d.DueOn != day("2026-10-25") {
		t.Errorf("due at %s on %s, want %s", d.DueAt, d.DueOn, want)
	}
}

func TestPassedAtClockChange(t *testing.T) {
	t.Parallel()
	// The night of 25 October 2026 has 25 hours, that of 29 March 23.
	for last, want := range map[string]string{
		"2026-10-24": "2026-10-24T22:00:00Z", "2026-10-25": "2026-10-25T23:00:00Z",
		"2026-03-28": "2026-03-28T23:00:00Z", "2026-03-29": "2026-03-29T22:00:00Z",
	} {
		if got := clocks.Passed(day(last)).Format(time.RFC3339); got != want {
			t.Errorf("a term of %s passes at %s, want %s", last, got, want)
		}
	}
}

func TestArticleIn(t *testing.T) {
	t.Parallel()
	for ground, want := range map[string]string{
		"Dati non in possesso (L. 241/1990, Art. 2  c. 7)": clocks.ArticleFacts,
		"preavviso art. 10-bis":                            clocks.ArticleNotice,
		"manca la copia del documento":                     "",
	} {
		if got := clocks.ArticleIn(ground); got != want {
			t.Errorf("ArticleIn(%q) = %q, want %q", ground, got, want)
		}
	}
}

func TestHalfOf(t *testing.T) {
	t.Parallel()
	for whole, half := range map[int]int{30: 15, 45: 23, 1: 1, 2: 1, 90: 45} {
		if got := clocks.HalfOf(days(whole)); got.Amount != half || got.Unit != calc.CalendarDays {
			t.Errorf("half of %d days is %d %s, want %d", whole, got.Amount, got.Unit, half)
		}
	}
}

func TestOfGround(t *testing.T) {
	t.Parallel()
	for _, g := range town.Grounds() {
		r, ok := clocks.OfGround(g)
		if !ok || (r.Article == "") != (g == town.GroundNone) || (r.Asked == "") != (r.Answered == "") {
			t.Errorf("%s: %+v, %t", g, r, ok)
		}
	}
	if _, ok := clocks.OfGround("WHIM"); ok {
		t.Error("a ground that the law does not know")
	}
}
