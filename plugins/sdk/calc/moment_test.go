package calc

import (
	"testing"
	"time"
)

func TestLocalAtClockChanges(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		date         string
		hour, minute int
		want         string
	}{
		"winter":                         {"2026-01-10", 9, 0, "2026-01-10T08:00:00Z"},
		"summer":                         {"2026-07-10", 9, 0, "2026-07-10T07:00:00Z"},
		"the hour that occurs twice":     {"2026-10-25", 2, 30, "2026-10-25T00:30:00Z"},
		"after the hour that occurs two": {"2026-10-25", 3, 0, "2026-10-25T02:00:00Z"},
		"the hour that does not exist":   {"2026-03-29", 2, 30, "2026-03-29T01:30:00Z"},
		"just after the missing hour":    {"2026-03-29", 3, 0, "2026-03-29T01:00:00Z"},
		"just before the missing hour":   {"2026-03-29", 1, 59, "2026-03-29T00:59:00Z"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := Local(day(tt.date), tt.hour, tt.minute, Rome()).UTC().Format(time.RFC3339)
			if got != tt.want {
				t.Errorf("Local(%s, %d:%02d) = %s, want %s", tt.date, tt.hour, tt.minute, got, tt.want)
			}
		})
	}
}

func TestAge(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		birth, today string
		want         int
	}{
		"birthday":                     {"1956-11-23", "2026-11-23", 70},
		"eve":                          {"1956-11-24", "2026-11-23", 69},
		"29 February, 28 of a common":  {"2008-02-29", "2026-02-28", 17},
		"29 February, 1 March":         {"2008-02-29", "2026-03-01", 18},
		"29 February, 29 of leap year": {"2008-02-29", "2028-02-29", 20},
		"not yet born":                 {"2027-01-01", "2026-11-23", -1},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := Age(day(tt.birth), day(tt.today)); got != tt.want {
				t.Errorf("Age(%s, %s) = %d, want %d", tt.birth, tt.today, got, tt.want)
			}
		})
	}
}

func TestMonthsBetween(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		from, to string
		want     int
	}{
		"same day":             {"2026-05-22", "2026-11-22", 6},
		"a day short":          {"2026-05-23", "2026-11-22", 5},
		"end of month clamped": {"2026-01-31", "2026-02-28", 1},
		"backwards":            {"2026-11-22", "2026-10-23", -1},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := MonthsBetween(day(tt.from), day(tt.to)); got != tt.want {
				t.Errorf("MonthsBetween(%s, %s) = %d, want %d", tt.from, tt.to, got, tt.want)
			}
		})
	}
}
