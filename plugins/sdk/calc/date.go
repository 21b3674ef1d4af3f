// Package calc has the arithmetic of an Italian town hall as pure functions:
// civil dates and calendars, terms, tax codes, money. Departments, the platform
// and its tests share it.
package calc

import (
	"database/sql/driver"
	"fmt"
	"time"
)

// Date is a civil date, without time or zone. The zero value is "no date".
type Date struct {
	Year  int
	Month time.Month
	Day   int
}

// ParseDate reads YYYY-MM-DD and refuses a day that does not exist.
func ParseDate(text string) (Date, error) {
	t, err := time.Parse(time.DateOnly, text)
	if err != nil {
		return Date{}, fmt.Errorf("read date %q: not a day in the form YYYY-MM-DD", text)
	}
	return Date{t.Year(), t.Month(), t.Day()}, nil
}

// DateOf is the civil date of t in its own location.
func DateOf(t time.Time) Date {
	y, m, d := t.Date()
	return Date{y, m, d}
}

// String is YYYY-MM-DD, empty for the zero value.
func (d Date) String() string {
	if d.IsZero() {
		return ""
	}
	return fmt.Sprintf("%04d-%02d-%02d", d.Year, int(d.Month), d.Day)
}

// IsZero reports "no date".
func (d Date) IsZero() bool { return d == Date{} }

// At is the moment of the given local time on that day.
func (d Date) At(hour, minute int, loc *time.Location) time.Time {
	return time.Date(d.Year, d.Month, d.Day, hour, minute, 0, 0, loc)
}

// AddDays is the date n days later, or earlier if n is negative.
func (d Date) AddDays(n int) Date { return DateOf(d.At(12, 0, time.UTC).AddDate(0, 0, n)) }

// AddMonths keeps the day of the month, or takes the last day of a month that
// has no such day: 31 August plus 6 months is 28 February.
func (d Date) AddMonths(n int) Date {
	first := time.Date(d.Year, d.Month+time.Month(n), 1, 12, 0, 0, 0, time.UTC)
	last := first.AddDate(0, 1, -1).Day()
	return Date{first.Year(), first.Month(), min(d.Day, last)}
}

// DaysUntil is the number of days from d to other, negative if other is earlier.
func (d Date) DaysUntil(other Date) int {
	return int(other.At(12, 0, time.UTC).Sub(d.At(12, 0, time.UTC)).Hours() / 24)
}

// Before reports whether d is strictly earlier than other.
func (d Date) Before(other Date) bool { return d.DaysUntil(other) > 0 }

// After reports whether d is strictly later than other.
func (d Date) After(other Date) bool { return other.Before(d) }

// Weekday is the day of the week.
func (d Date) Weekday() time.Weekday { return d.At(12, 0, time.UTC).Weekday() }

// MarshalText writes YYYY-MM-DD.
func (d Date) MarshalText() ([]byte, error) { return []byte(d.String()), nil }

// UnmarshalText reads YYYY-MM-DD; empty text is "no date".
func (d *Date) UnmarshalText(text []byte) error {
	if len(text) == 0 {
		*d = Date{}
		return nil
	}
	parsed, err := ParseDate(string(text))
	if err != nil {
		return err
	}
	*d = parsed
	return nil
}

// Value stores the date as text, so that every database orders it alike.
func (d Date) Value() (driver.Value, error) { return d.String(), nil }

// Scan reads what Value wrote.
func (d *Date) Scan(src any) error {
	switch v := src.(type) {
	case nil:
		*d = Date{}
		return nil
	case string:
		return d.UnmarshalText([]byte(v))
	case []byte:
		return d.UnmarshalText(v)
	default:
		return fmt.Errorf("read date from %T: want text", src)
	}
}
