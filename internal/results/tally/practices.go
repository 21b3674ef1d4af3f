package tally

import "github.com/spazio-in-comune/sportello/internal/town"

// The figures of practices, by office, service and practice.
const (
	// Filed counts practices that were registered.
	Filed Figure = "practice_filed"
	// Concluded counts practices that came to an end; the detail is the phase in which
	// they ended: decided, by silence, withdrawn, or done on the spot.
	Concluded Figure = "practice_concluded"
)

func practices(e town.Event) []Key {
	key := ofPractice(Filed, e, "")
	switch {
	case e.Type == town.EventCaseRegistered:
	case e.Data[town.DataConcludedDays] != "":
		key.Figure, key.Detail = Concluded, e.Data[town.DataPhase]
	default:
		return nil
	}
	return []Key{key}
}

func ofPractice(f Figure, e town.Event, detail string) Key {
	key := about(f, e, detail)
	key.Level, key.PracticeID = 0, e.Data[town.DataPractice]
	return key
}
