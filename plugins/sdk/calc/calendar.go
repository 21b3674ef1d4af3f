package calc

import "time"

// Calendar says which days are holidays. The zero value knows only Sundays.
type Calendar struct {
	// Fixed are holidays of every year as MM-DD.
	Fixed []MonthDay `json:"fixed" yaml:"fixed_holidays"`
	// FixedFrom gives the first year of a fixed holiday that is not of always,
	// such as 4 October from 2026 (L. 151/2025).
	FixedFrom map[MonthDay]int `json:"fixedFrom,omitempty" yaml:"holiday_from"`
	// Local are the holidays of the town, as MM-DD: the patron saint. A term of
	// another body leaves them out.
	Local []MonthDay `json:"local,omitempty" yaml:"local_holidays"`
	// EasterMonday is true where the Monday after Easter is a holiday.
	EasterMonday bool `json:"easterMonday" yaml:"easter_monday"`
	// SaturdayOff is true for bodies that work five days a week.
	SaturdayOff bool `json:"saturdayOff,omitempty" yaml:"saturday_off"`
}

// MonthDay is a day of the year in the form MM-DD.
type MonthDay string

// Unit is the unit of a term, with the words of the definitions.
type Unit string

// The units in which terms are counted in days.
const (
	WorkingDays  Unit = "working_days"
	CalendarDays Unit = "calendar_days"
	Months       Unit = "months"
)

// maxRoll bounds the search for a working day, so that a calendar in which
// every day is a holiday cannot hang its reader.
const maxRoll = 366

// National is the calendar without the local holidays: the one of a body that
// does not keep the town's patron.
func (c Calendar) National() Calendar {
	c.Local = nil
	return c
}

// IsHoliday reports Sundays, the fixed holidays of that year, Easter Monday and
// the local holidays.
func (c Calendar) IsHoliday(d Date) bool {
	if d.Weekday() == time.Sunday || contains(c.Local, d) {
		return true
	}
	for _, day := range c.Fixed {
		if day.is(d) {
			return d.Year >= c.FixedFrom[day]
		}
	}
	// Easter Monday falls between 23 March and 26 April.
	return c.EasterMonday && (d.Month == time.March || d.Month == time.April) && d == Easter(d.Year).AddDays(1)
}

// IsWorkingDay reports days that are neither holidays nor, for a body of five
// days, Saturdays.
func (c Calendar) IsWorkingDay(d Date) bool {
	return !c.IsHoliday(d) && (!c.SaturdayOff || d.Weekday() != time.Saturday)
}

// NextWorkingDay is d itself if it is a working day, else the first after it.
func (c Calendar) NextWorkingDay(d Date) Date {
	for range maxRoll {
		if c.IsWorkingDay(d) {
			break
		}
		d = d.AddDays(1)
	}
	return d
}

// AddWorkingDays is the n-th working day after d; the day d does not count, and
// with n = 0 the result is d.
func (c Calendar) AddWorkingDays(d Date, n int) Date {
	for range n {
		d = c.NextWorkingDay(d.AddDays(1))
	}
	return d
}

// LastUsefulDay is the last day of a term that starts on from. The first day is
// excluded; a last day of a term of days or months that is no working day moves
// to the next one (art. 155 c.p.c., art. 2963 c.c.). An amount of 0 is from
// itself: on the spot. A unit that is not counted in days gives the zero Date.
func (c Calendar) LastUsefulDay(from Date, amount int, unit Unit) Date {
	switch {
	case amount == 0:
		return from
	case unit == WorkingDays:
		return c.AddWorkingDays(from, amount)
	case unit == CalendarDays:
		return c.NextWorkingDay(from.AddDays(amount))
	case unit == Months:
		return c.NextWorkingDay(from.AddMonths(amount))
	default:
		return Date{}
	}
}

// AfterSuspension is the last day of a term of calendar days that started on
// from, stopped on suspended and went on from resumed: the days used are kept
// and the rest is counted anew (L. 241/1990 art. 2 c. 7).
func (c Calendar) AfterSuspension(from Date, days int, suspended, resumed Date) Date {
	left := max(days-from.DaysUntil(suspended), 0)
	return c.NextWorkingDay(resumed.AddDays(left))
}

// Easter is the Sunday of Easter by the anonymous Gregorian method.
func Easter(year int) Date {
	a, b, c := year%19, year/100, year%100
	d, e := b/4, b%4
	g := (8*b + 13) / 25
	h := (19*a + b - d - g + 15) % 30
	i, k := c/4, c%4
	l := (32 + 2*e + 2*i - h - k) % 7
	m := (a + 11*h + 19*l) / 433
	month := (h + l - 7*m + 90) / 25
	day := (h + l - 7*m + 33*month + 19) % 32
	return Date{year, time.Month(month), day}
}

func contains(days []MonthDay, d Date) bool {
	for _, day := range days {
		if day.is(d) {
			return true
		}
	}
	return false
}

// is compares without making a text: it runs for every day of every term.
func (m MonthDay) is(d Date) bool {
	return len(m) == 5 && m[2] == '-' &&
		int(m[0]-'0')*10+int(m[1]-'0') == int(d.Month) &&
		int(m[3]-'0')*10+int(m[4]-'0') == d.Day
}
