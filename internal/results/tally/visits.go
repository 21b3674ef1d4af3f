package tally

import "github.com/spazio-in-comune/sportello/internal/town"

// The figures of visits, by office, service and level.
const (
	// VisitOpened counts visits where they began.
	VisitOpened Figure = "visit_opened"
	// VisitClosed counts visits where they ended after somebody was received; the detail
	// is the outcome of the last stop, the measure how many stops there were.
	VisitClosed Figure = "visit_closed"
	// GaveUp counts stops that ended unserved; the detail is how: NO_SHOW, LEFT,
	// CANCELLED or EXPIRED. REINSTATED counts those that were let wait again after all.
	GaveUp Figure = "stop_unserved"
)

// Reinstated is the detail of a stop that was no no-show after all.
const Reinstated = "REINSTATED"

// Solved reports whether nobody has to come back after a visit that ended so.
func Solved(k Key) bool {
	return k.Detail == string(town.OutcomeServed) || k.Detail == string(town.OutcomeInfoOnly)
}

// SolvedAtInfoPoint reports whether the visit needed nobody else.
func SolvedAtInfoPoint(k Key) bool {
	return Solved(k) && k.Level == town.LevelInfoPoint && k.Measure == 1
}

func visits(e town.Event) []Key {
	unserved := func(how string) []Key { return []Key{about(GaveUp, e, how)} }
	switch e.Type {
	case town.EventVisitOpened:
		return []Key{about(VisitOpened, e, "")}
	case town.EventVisitClosed:
		stops, ok := number(e, town.DataStops)
		if !ok || e.Data[town.DataOutcome] == "" {
			return nil
		}
		key := about(VisitClosed, e, e.Data[town.DataOutcome])
		key.Measure = stops
		return []Key{key}
	case town.EventLegNoShow:
		return unserved(string(town.LegNoShow))
	case town.EventLegLeft:
		return unserved(string(town.LegLeft))
	case town.EventLegCancelled:
		return unserved(string(town.LegCancelled))
	case town.EventLegExpired:
		return unserved(string(town.LegExpired))
	case town.EventLegReinstated:
		return unserved(Reinstated)
	default:
		return nil
	}
}
