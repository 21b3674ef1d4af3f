package calc

import (
	"testing"
	"time"

	"pgregory.net/rapid"
)

// peschiera is the calendar of the worked examples.
func peschiera() Calendar {
	return Calendar{
		Fixed:        []MonthDay{"01-01", "01-06", "04-25", "05-01", "06-02", "08-15", "10-04", "11-01", "12-08", "12-25", "12-26"},
		FixedFrom:    map[MonthDay]int{"10-04": 2026},
		Local:        []MonthDay{"11-04"},
		EasterMonday: true,
	}
}

func fiveDays() Calendar {
	c := peschiera()
	c.SaturdayOff = true
	return c
}

func day(text string) Date {
	d, err := ParseDate(text)
	if err != nil {
		panic(err)
	}
	return d
}

func TestEasterAndMovableHolidays(t *testing.T) {
	t.Parallel()
	tests := map[int]struct {
		easter    string
		october4  time.Weekday
		november4 time.Weekday
	}{
		2026: {"2026-04-05", time.Sunday, time.Wednesday},
		2027: {"2027-03-28", time.Monday, time.Thursday},
		2028: {"2028-04-16", time.Wednesday, time.Saturday},
		2029: {"2029-04-01", time.Thursday, time.Sunday},
		2030: {"2030-04-21", time.Friday, time.Monday},
	}
	for year, want := range tests {
		if got := Easter(year).String(); got != want.easter {
			t.Errorf("Easter(%d) = %s, want %s", year, got, want.easter)
		}
		if !peschiera().IsHoliday(day(want.easter).AddDays(1)) {
			t.Errorf("Easter Monday of %d is not a holiday", year)
		}
		if got := (Date{year, time.October, 4}).Weekday(); got != want.october4 {
			t.Errorf("4 October %d = %s, want %s", year, got, want.october4)
		}
		if got := (Date{year, time.November, 4}).Weekday(); got != want.november4 {
			t.Errorf("4 November %d = %s, want %s", year, got, want.november4)
		}
	}
}

func TestIsHoliday(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		calendar Calendar
		day      string
		want     bool
	}{
		"4 October before the law":      {peschiera(), "2024-10-04", false},
		"4 October from 2026":           {peschiera(), "2027-10-04", true},
		"the patron":                    {peschiera(), "2026-11-04", true},
		"the patron for another body":   {peschiera().National(), "2026-11-04", false},
		"no Easter Monday if not kept":  {Calendar{}, "2026-04-06", false},
		"a Sunday for the zero value":   {Calendar{}, "2026-11-22", true},
		"San Giuseppe, abolished":       {peschiera(), "2026-03-19", false},
		"Saturday is never a holiday":   {fiveDays(), "2026-11-21", false},
		"a weekday in April":            {peschiera(), "2026-04-07", false},
		"26 December, the last of year": {peschiera(), "2026-12-26", true},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := tt.calendar.IsHoliday(day(tt.day)); got != tt.want {
				t.Errorf("IsHoliday(%s) = %v, want %v", tt.day, got, tt.want)
			}
		})
	}
}

func TestLastUsefulDay(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		calendar Calendar
		from     string
		amount   int
		unit     Unit
		want     string
	}{
		"residence at Christmas, six days":     {peschiera(), "2026-12-24", 2, WorkingDays, "2026-12-29"},
		"residence at Christmas, five days":    {fiveDays(), "2026-12-24", 2, WorkingDays, "2026-12-29"},
		"45 days of checks":                    {peschiera(), "2026-12-24", 45, CalendarDays, "2027-02-08"},
		"residence at San Francesco, six days": {peschiera(), "2027-10-01", 2, WorkingDays, "2027-10-05"},
		"residence at San Francesco, five":     {fiveDays(), "2027-10-01", 2, WorkingDays, "2027-10-06"},
		"identity card, printer, six days":     {peschiera().National(), "2026-11-02", 6, WorkingDays, "2026-11-09"},
		"identity card, printer, five days":    {fiveDays().National(), "2026-11-02", 6, WorkingDays, "2026-11-10"},
		"birth before Easter":                  {peschiera(), "2026-03-26", 10, CalendarDays, "2026-04-07"},
		"request of 23 November":               {peschiera(), "2026-11-23", 30, CalendarDays, "2026-12-23"},
		"last day Sunday":                      {peschiera(), "2026-11-12", 10, CalendarDays, "2026-11-23"},
		"last day Saturday stays":              {peschiera(), "2026-11-11", 10, CalendarDays, "2026-11-21"},
		"last day the patron":                  {peschiera(), "2026-10-16", 19, CalendarDays, "2026-11-05"},
		"months end on a Sunday":               {peschiera(), "2026-05-22", 6, Months, "2026-11-23"},
		"31 August plus six months":            {Calendar{}, "2027-08-31", 6, Months, "2028-02-29"},
		"on the spot":                          {peschiera(), "2026-11-22", 0, WorkingDays, "2026-11-22"},
		"hours are not counted in days":        {peschiera(), "2026-11-22", 5, "hours", ""},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := tt.calendar.LastUsefulDay(day(tt.from), tt.amount, tt.unit).String(); got != tt.want {
				t.Errorf("LastUsefulDay(%s, %d %s) = %s, want %s", tt.from, tt.amount, tt.unit, got, tt.want)
			}
		})
	}
}

func TestAfterSuspension(t *testing.T) {
	t.Parallel()
	got := peschiera().AfterSuspension(day("2026-11-23"), 30, day("2026-12-03"), day("2026-12-15"))
	if got != day("2027-01-04") {
		t.Errorf("30 days suspended after 10, resumed on 15 December = %s, want 2027-01-04", got)
	}
}

func TestCalendarWithoutWorkingDaysEnds(t *testing.T) {
	t.Parallel()
	var all []MonthDay
	for d := day("2024-01-01"); d.Year == 2024; d = d.AddDays(1) {
		all = append(all, MonthDay(d.String()[5:]))
	}
	from := day("2026-01-01")
	if got := (Calendar{Local: all}).LastUsefulDay(from, 1, WorkingDays); !got.After(from) {
		t.Errorf("a year of holidays gives %s", got)
	}
}

func TestLastUsefulDayIsAWorkingDayNotBeforeTheTerm(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		calendar := rapid.SampledFrom([]Calendar{peschiera(), fiveDays(), peschiera().National(), {}}).Draw(t, "calendar")
		from := day("2024-01-01").AddDays(rapid.IntRange(0, 4000).Draw(t, "start"))
		amount := rapid.IntRange(1, 400).Draw(t, "amount")
		unit := rapid.SampledFrom([]Unit{WorkingDays, CalendarDays}).Draw(t, "unit")
		last := calendar.LastUsefulDay(from, amount, unit)
		if !calendar.IsWorkingDay(last) {
			t.Fatalf("%s is no working day", last)
		}
		if last.Before(from.AddDays(amount)) {
			t.Fatalf("%s is before %d days from %s", last, amount, from)
		}
		if longer := calendar.LastUsefulDay(from, amount+1, unit); longer.Before(last) {
			t.Fatalf("a longer term ends earlier: %s before %s", longer, last)
		}
	})
}
