package rule

import (
	"time"

	"github.com/spazio-in-comune/sportello/internal/town"
)

// Watch is what is remembered of one measure between two looks at it.
type Watch struct {
	// Beyond is since when it has been beyond the threshold without a break, Back since
	// when it has been back; zero where it is not.
	Beyond, Back time.Time
	// Raised reports whether an alert stands for it.
	Raised bool
}

// Change is what a look leads to.
type Change int

// What a look may lead to.
const (
	Nothing Change = iota
	Raise
	Resolve
)

// Look compares the measure with the line at a moment. An alert is raised once the measure
// has been beyond the threshold for the window, and resolved once it has been back for as
// long: what lies between threshold and back changes nothing, and begins both waits anew.
// The window of scores is the one over which they are counted: there nothing is waited for.
func (w Watch) Look(now time.Time, l Line, measure float64) (Watch, Change) {
	beyond, back := l.beyond(measure), l.back(measure)
	w.Beyond, w.Back = since(w.Beyond, beyond && !w.Raised, now), since(w.Back, back && w.Raised, now)
	switch {
	case !w.Beyond.IsZero() && now.Sub(w.Beyond) >= l.wait():
		return Watch{Raised: true}, Raise
	case !w.Back.IsZero() && now.Sub(w.Back) >= l.wait():
		return Watch{}, Resolve
	}
	return w, Nothing
}

// since keeps the moment from which something holds. A clock that was set back begins anew.
func since(known time.Time, holds bool, now time.Time) time.Time {
	switch {
	case !holds:
		return time.Time{}
	case known.IsZero() || known.After(now):
		return now
	}
	return known
}

func (l Line) wait() time.Duration {
	if l.Kind == town.AlertWaitLong || l.Kind == town.AlertDepartmentDown {
		return l.Window
	}
	return 0
}

// falls reports whether less is worse.
func (l Line) falls() bool { return l.Kind == town.AlertSatisfactionLow }

func (l Line) beyond(measure float64) bool {
	if l.falls() {
		return measure <= l.Threshold
	}
	return measure >= l.Threshold
}

func (l Line) back(measure float64) bool {
	if l.beyond(measure) {
		return false
	}
	if l.falls() {
		return measure >= l.Back
	}
	return measure <= l.Back
}
