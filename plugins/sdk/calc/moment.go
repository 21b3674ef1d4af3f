package calc

import (
	"sync"
	"time"
	_ "time/tzdata" // the town's zone must exist on every machine
)

// Rome is the time zone of the town.
var Rome = sync.OnceValue(func() *time.Location {
	loc, err := time.LoadLocation("Europe/Rome")
	if err != nil {
		panic("load Europe/Rome from the embedded zones: " + err.Error())
	}
	return loc
})

// Local joins a civil date and a time of day in a zone. An hour that occurs
// twice is the first of the two; an hour that does not exist is read in winter
// time. time.Date promises neither.
func Local(d Date, hour, minute int, loc *time.Location) time.Time {
	wall := d.At(hour, minute, time.UTC)
	_, before := wall.Add(-24 * time.Hour).In(loc).Zone()
	_, after := wall.Add(24 * time.Hour).In(loc).Zone()
	first := wall.Add(-time.Duration(before) * time.Second).In(loc)
	second := wall.Add(-time.Duration(after) * time.Second).In(loc)
	if !showsSame(first, wall) && showsSame(second, wall) {
		return second
	}
	return first
}

func showsSame(t, wall time.Time) bool {
	return DateOf(t) == DateOf(wall) && t.Hour() == wall.Hour() && t.Minute() == wall.Minute()
}

// Age is the number of whole years from birth to today. Who is born on
// 29 February grows older on 1 March of common years.
func Age(birth, today Date) int {
	years := today.Year - birth.Year
	if today.Month < birth.Month || today.Month == birth.Month && today.Day < birth.Day {
		years--
	}
	return years
}

// MonthsBetween is the largest n with from + n months not after to.
func MonthsBetween(from, to Date) int {
	n := (to.Year-from.Year)*12 + int(to.Month) - int(from.Month)
	if from.AddMonths(n).After(to) {
		n--
	}
	return n
}
