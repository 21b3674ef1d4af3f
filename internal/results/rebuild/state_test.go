package rebuild_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/spazio-in-comune/sportello/internal/results/rebuild"
	"github.com/spazio-in-comune/sportello/internal/town"
)

func TestWhatTheLogSays(t *testing.T) {
	t.Parallel()
	leg := func(f town.EventType) town.Event { return town.Event{Type: f, VisitID: "v", LegID: "l"} }
	step := func(f town.EventType, state, outcome string) town.Event {
		return town.Event{Type: f, EscalationID: "e", Data: map[string]string{"state": state, "outcome": outcome, "owner_office": "help-point"}}
	}
	log := rebuild.NewLog()
	for _, e := range []town.Event{
		leg(town.EventVisitOpened), leg(town.EventLegQueued), leg(town.EventLegCalled), leg(town.EventLegRecalled), leg(town.EventLegNoShow),
		leg(town.EventVisitClosed), leg(town.EventLegReinstated), leg(town.EventLegCalled), leg(town.EventLegServing), leg(town.EventLegCompleted),
		{Type: town.EventCounterOpened, Data: map[string]string{"session": "s"}},
		{Type: town.EventCounterPaused, Data: map[string]string{"session": "s"}},
		{Type: town.EventCaseRegistered, CaseID: "c"},
		{Type: town.EventCaseTransferred, CaseID: "c", Data: map[string]string{"former_office": "a", "phase": "IN_PROGRESS"}},
		{Type: town.EventClockExpired, CaseID: "c", Data: map[string]string{"phase": "DEEMED_GRANTED"}},
		step(town.EventEscalationRaised, "OPEN", ""), step(town.EventEscalationAnswer, "ANSWERED", "EXPLAINED"),
		{Type: town.EventFeedbackGiven, FeedbackID: "w", CaseID: "c", Data: map[string]string{"score": "2", "phase": "TRIAGE"}},
	} {
		log.Apply(e)
	}
	want := rebuild.State{
		{Projection: rebuild.Legs, ID: "l"}:            "COMPLETED after WAITING, CALLED, NO_SHOW, WAITING, CALLED, SERVING",
		{Projection: rebuild.Visits, ID: "v"}:          rebuild.VisitOpen,
		{Projection: rebuild.Sessions, ID: "s"}:        "PAUSED",
		{Projection: rebuild.Cases, ID: "c"}:           "DEEMED_GRANTED",
		{Projection: rebuild.FormerOffices, ID: "a c"}: "reads",
		{Projection: rebuild.Steps, ID: "e"}:           "ANSWERED EXPLAINED at help-point",
		{Projection: rebuild.Words, ID: "w"}:           "2",
	}
	if diff := cmp.Diff(want, log.State); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
