package rule

import (
	"slices"

	"github.com/spazio-in-comune/sportello/internal/town"
)

// move is one line of what may become of an alert.
type move struct {
	action town.AlertAction
	from   []town.AlertState
	to     town.AlertState
}

func moves() []move {
	standing := []town.AlertState{town.AlertOpen, town.AlertAcknowledged, town.AlertSnoozed, town.AlertHandedOver}
	return []move{
		{town.AlertAcknowledge, []town.AlertState{town.AlertOpen, town.AlertSnoozed, town.AlertHandedOver}, town.AlertAcknowledged},
		{town.AlertSnooze, standing, town.AlertSnoozed},
		{town.AlertWake, []town.AlertState{town.AlertSnoozed}, town.AlertOpen},
		{town.AlertHandOver, standing, town.AlertHandedOver},
		{town.AlertResolve, standing, town.AlertResolved},
	}
}

// Try gives the state after the action; false where it cannot be taken in this one.
func Try(action town.AlertAction, in town.AlertState) (town.AlertState, bool) {
	for _, m := range moves() {
		if m.action == action && slices.Contains(m.from, in) {
			return m.to, true
		}
	}
	return in, false
}

// Fact is the event of an action.
func Fact(action town.AlertAction) town.EventType {
	return map[town.AlertAction]town.EventType{
		town.AlertRaise: town.EventAlertRaised, town.AlertAcknowledge: town.EventAlertTaken, town.AlertSnooze: town.EventAlertSnoozed,
		town.AlertWake: town.EventAlertWoken, town.AlertHandOver: town.EventAlertHandedOver, town.AlertResolve: town.EventAlertResolved,
	}[action]
}
