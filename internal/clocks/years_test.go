package clocks_test

import (
	"testing"
	"time"

	"github.com/spazio-in-comune/sportello/internal/clocks"
	"github.com/spazio-in-comune/sportello/internal/town"
)

// Holidays move from year to year, and so do the last days that fall on them.
func TestLastDayByYear(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		term       int
		from, want string
	}{
		"Easter Monday 2027":                         {30, "2027-02-27", "2027-03-30"},
		"Easter Monday 2028":                         {30, "2028-03-18", "2028-04-18"},
		"Easter 2029, and its Monday":                {30, "2029-03-02", "2029-04-03"},
		"Easter Monday 2030":                         {30, "2030-03-23", "2030-04-23"},
		"4 October before it was a holiday":          {10, "2025-09-24", "2025-10-04"},
		"4 October 2028, a Wednesday":                {10, "2028-09-24", "2028-10-05"},
		"4 October 2030, a Friday":                   {10, "2030-09-24", "2030-10-05"},
		"the patron on a Saturday, then a Sunday":    {10, "2028-10-25", "2028-11-06"},
		"the patron on a Sunday":                     {10, "2029-10-25", "2029-11-05"},
		"Christmas, Santo Stefano and a Sunday":      {30, "2026-11-25", "2026-12-28"},
		"permit, 60 days of examination":             {60, "2026-11-23", "2027-01-22"},
		"permit, 30 more: the last one is a Sunday":  {30, "2027-01-22", "2027-02-22"},
		"review of civic access, 20 days":            {20, "2026-12-24", "2027-01-13"},
		"across the night in which clocks go back":   {2, "2026-10-24", "2026-10-26"},
		"across the night in which clocks go onward": {2, "2026-03-28", "2026-03-30"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := clocks.Derive(days(tt.term), []clocks.Entry{start(tt.from)}, peschiera())
			if err != nil {
				t.Fatal(err)
			}
			if got.DueOn.String() != tt.want {
				t.Errorf("%d days from %s: %s, want %s", tt.term, tt.from, got.DueOn, tt.want)
			}
		})
	}
}

// Third parties in generalised civic access stop the term for 10 days at most (D.Lgs.
// 33/2013 art. 5 c. 5); it goes on from the day on which they answer, or by itself.
func TestThirdPartiesInCivicAccess(t *testing.T) {
	t.Parallel()
	heard := []clocks.Entry{start("2026-11-23"), at(town.ClockSuspend, "2026-12-03", clocks.ArticleThirdParties)}
	for want, ledger := range map[string][]clocks.Entry{
		"2027-01-02": heard,
		"2026-12-28": {heard[0], heard[1], at(town.ClockResume, "2026-12-08")},
	} {
		got, err := clocks.Derive(days(30), ledger, peschiera())
		if err != nil {
			t.Fatal(err)
		}
		if got.DueOn.String() != want {
			t.Errorf("due on %s, want %s", got.DueOn, want)
		}
	}
}

// A term in hours passes after as many hours, also in the night that has 23.
func TestHoursWhenTheClockGoesOnward(t *testing.T) {
	t.Parallel()
	death := time.Date(2026, 3, 28, 21, 0, 0, 0, time.UTC) // 22:00 in Rome; a day later it is 23:00 there
	entry := clocks.Entry{Effect: town.ClockStart, OnDay: day("2026-03-28"), At: death}
	d, err := clocks.Derive(clocks.Clock{Amount: 24, Unit: clocks.Hours}, []clocks.Entry{entry}, peschiera())
	if err != nil {
		t.Fatal(err)
	}
	if want := death.Add(24 * time.Hour); !d.DueAt.Equal(want) || d.DueOn != day("2026-03-29") || d.DueAt.In(town.Rome()).Hour() != 23 {
		t.Errorf("due at %s on %s, want %s", d.DueAt, d.DueOn, want)
	}
}
