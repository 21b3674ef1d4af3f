package rules

import (
	"fmt"
	"time"

	"github.com/spazio-in-comune/sportello/internal/town"
	"github.com/spazio-in-comune/sportello/plugins/sdk/calc"
)

// Label is a ticket number as printed and shown: the letter and at least three
// digits, such as A012.
func Label(letter string, number int) string { return fmt.Sprintf("%s%03d", letter, number) }

// DayOf is the day of a number: the civil date at the site, so that series start
// again at its midnight, in summer as in winter. zone is an IANA name.
func DayOf(now time.Time, zone string) (town.Date, error) {
	loc, err := location(zone)
	if err != nil {
		return town.Date{}, err
	}
	return calc.DateOf(now.In(loc)), nil
}

// StartOf is the first moment of a civil day at the site.
func StartOf(day town.Date, zone string) (time.Time, error) {
	loc, err := location(zone)
	if err != nil {
		return time.Time{}, err
	}
	return town.Stamp(day.At(0, 0, loc)), nil
}

// location is a zone by its name. Ours is at hand; others are read from their files.
func location(zone string) (*time.Location, error) {
	if rome := town.Rome(); zone == rome.String() {
		return rome, nil
	}
	loc, err := time.LoadLocation(zone)
	if err != nil {
		return nil, fmt.Errorf("time zone %q of the site: %w", zone, err)
	}
	return loc, nil
}
