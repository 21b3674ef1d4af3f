package town

import (
	"time"
	_ "time/tzdata" // the zone database, for machines that have none

	"github.com/spazio-in-comune/sportello/plugins/sdk/calc"
)

// Date is a civil date.
type Date = calc.Date

// Rome is the zone in which the law counts days.
func Rome() *time.Location { return calc.Rome() }

// Today is the civil date in Rome at the given moment.
func Today(now time.Time) Date { return calc.DateOf(now.In(Rome())) }
