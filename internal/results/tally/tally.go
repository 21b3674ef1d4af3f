// Package tally counts what the log of events says, day by day. Each projection looks at
// one event at a time, on which all that it needs is written, and says what to count: so
// the counts do not depend on how the log is cut or on the order in which its parts are
// counted, and counts of days add up to those of weeks. It reads no database and no clock.
package tally

import (
	"cmp"
	"maps"
	"strconv"

	"github.com/spazio-in-comune/sportello/internal/town"
)

// Figure is what is counted.
type Figure string

// Key tells one count from the others. It names no person.
type Key struct {
	// Day is the civil day in Rome on which it was counted.
	Day    town.Date
	Figure Figure
	// OfficeID, ServiceID and PracticeID are empty where the figure does not tell by them.
	OfficeID   string
	ServiceID  string
	PracticeID string
	Level      town.Level
	// Detail is what else tells the counts apart, as the figure says: an outcome, a class.
	Detail string
	// Measure is the quantity that was met, as the figure says: seconds, days, a score.
	Measure int
}

// Counts are how often each key was met. A key that was never met is missing.
type Counts map[Key]int64

// Apply counts one event in all projections.
func (c Counts) Apply(e town.Event) {
	for _, p := range Projections() {
		for _, key := range p.Keys(e) {
			key.Day = town.Today(e.At)
			c[key]++
		}
	}
}

// Add adds the counts of another part of the log.
func (c Counts) Add(more Counts) {
	for key, n := range more {
		c[key] += n
	}
}

// Difference is a key that two counts do not agree on.
type Difference struct {
	Key      Key
	One, Two int64
}

// Differences are the keys on which the counts do not agree, in no order.
func (c Counts) Differences(other Counts) []Difference {
	var all []Difference
	for key, n := range c {
		if other[key] != n {
			all = append(all, Difference{key, n, other[key]})
		}
	}
	for key := range maps.Keys(other) {
		if _, known := c[key]; !known && other[key] != 0 {
			all = append(all, Difference{key, 0, other[key]})
		}
	}
	return all
}

// Projection turns events into counts.
type Projection struct {
	Name string
	// Figures are what it counts.
	Figures []Figure
	// Keys are what an event counts for, the day left open: none for most events.
	Keys func(e town.Event) []Key
}

// Projections are all that is derived from the log, in the order of the README.
func Projections() []Projection {
	return []Projection{
		{"practices", []Figure{Filed, Concluded}, practices},
		{"visits", []Figure{VisitOpened, VisitClosed, GaveUp}, visits},
		{"waits", []Figure{Wait, Promise}, waits},
		{"terms", []Figure{ConclusionDays, TermPassed}, terms},
		{"escalations", []Figure{StepOffered, StepOpened, StepAnswered, StepEnded}, escalations},
		{"satisfaction", []Figure{Contact, Word, WordCause, WordPhase, WordChannel, WordGivenBy, WordOutcome}, satisfaction},
	}
}

// Groups are the first words of the types of the events that are counted.
func Groups() []string { return []string{"visit", "leg", "case", "clock", "feedback", "escalation"} }

// about is a key for the office, the service and the level of the event.
func about(f Figure, e town.Event, detail string) Key {
	return Key{Figure: f, OfficeID: e.OfficeID, ServiceID: e.ServiceID, Level: e.Level, Detail: detail}
}

// number reads a quantity that an event bears; false if it bears none.
func number(e town.Event, name string) (int, bool) {
	n, err := strconv.Atoi(e.Data[name])
	return n, err == nil && n >= 0
}

// Compare orders keys by day, then by what they count.
func Compare(a, b Key) int {
	return cmp.Or(
		cmp.Compare(a.Day.String(), b.Day.String()), cmp.Compare(a.Figure, b.Figure),
		cmp.Compare(a.OfficeID, b.OfficeID), cmp.Compare(a.ServiceID, b.ServiceID), cmp.Compare(a.PracticeID, b.PracticeID),
		cmp.Compare(a.Level, b.Level), cmp.Compare(a.Detail, b.Detail), cmp.Compare(a.Measure, b.Measure),
	)
}
