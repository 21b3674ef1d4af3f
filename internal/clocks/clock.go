// Package clocks counts the terms of law. A term is a ledger of entries (start,
// suspension, resumption, …) from which its dates are derived: nobody ever edits
// a date. Everything here is pure; the day it is comes in as a value.
//
// How days are counted: the first day is excluded; a last day that is a Sunday or
// a holiday moves to the next working day (art. 2963 c.c., art. 155 c.p.c.); a
// suspension keeps the days used and leaves the rest (L. 241/1990 art. 2 c. 7).
package clocks

import (
	"time"

	"github.com/spazio-in-comune/sportello/internal/town"
	"github.com/spazio-in-comune/sportello/plugins/sdk/calc"
)

// Hours is the unit of the few terms that run from moment to moment. The others
// are those of [calc.Unit].
const Hours calc.Unit = "hours"

// Clock is a term: how much of what.
type Clock struct {
	Amount int
	Unit   calc.Unit
	// Wait marks a term in which nothing is due: the act may not come before. Its
	// last day does not move.
	Wait bool
	// National leaves the local holidays out: another body does the work.
	National bool
}

// Entry is one line of a clock's ledger.
type Entry struct {
	Effect town.ClockEffect
	OnDay  town.Date
	// At is the moment of the event. Only terms in hours need it.
	At time.Time
	// Days is how long a suspension lasts at most, or by how much an extension
	// lengthens the term. A suspension of 0 days lasts as long as its article
	// allows, or until it is resumed.
	Days int
	// Ground is why, in the words of the author; Article is the rule of law.
	Ground  string
	Article string
}

// Derived is what follows from a ledger.
type Derived struct {
	// State is PENDING, RUNNING, SUSPENDED or STOPPED by the ledger alone; see
	// NextAt for what time does to it.
	State town.ClockState
	// StartedOn is the first day of the present count, which does not count.
	StartedOn town.Date
	// DueOn is the last useful day; zero while nobody can tell it.
	DueOn town.Date
	// DueAt is the first moment at which the term has passed: the midnight after
	// DueOn in Rome, as UTC. Zero with DueOn.
	DueAt time.Time
	// Used are the units that passed before the last suspension or the stop; Left
	// are those that remained. Months count as the days that they have.
	Used, Left int
	// SuspendedOn and ResumesOn are set while the ledger ends in a suspension;
	// ResumesOn is when it ends by itself, zero if it does not.
	SuspendedOn, ResumesOn town.Date
	// StoppedOn is the day of the act that ended the clock.
	StoppedOn town.Date

	nominal town.Date // DueOn before it moved off a holiday
	trace   []step
}

// NextAt is the first moment at which something happens to the clock by itself: its
// suspension has lasted as long as it may, or its term has passed. Zero if nothing
// will.
func (d Derived) NextAt() time.Time {
	if d.State == town.ClockSuspended && !d.ResumesOn.IsZero() {
		return Passed(d.ResumesOn)
	}
	return d.DueAt
}

// Passed is the first moment at which a term with that last useful day has
// passed.
func Passed(last town.Date) time.Time {
	return calc.Local(last.AddDays(1), 0, 0, calc.Rome()).UTC()
}

// Passed reports whether nothing more will happen to the clock by itself by that moment:
// its term has passed.
func (d Derived) Passed(now time.Time) bool {
	return d.State == town.ClockRunning && !d.DueAt.IsZero() && !d.DueAt.After(now)
}
