package town

import (
	"fmt"
	"time"
	_ "time/tzdata" // the zone database, for machines that have none

	"github.com/spazio-in-comune/sportello/plugins/sdk/calc"
)

// Date is a civil date.
type Date = calc.Date

// Rome is the zone in which the law counts days.
func Rome() *time.Location {
	loc, err := time.LoadLocation("Europe/Rome")
	if err != nil { // impossible: the database is embedded
		panic(fmt.Sprintf("load Europe/Rome: %v", err))
	}
	return loc
}

// Today is the civil date in Rome at the given moment.
func Today(now time.Time) Date { return calc.DateOf(now.In(Rome())) }
