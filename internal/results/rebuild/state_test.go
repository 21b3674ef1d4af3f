package rebuild_test

import (
	"maps"
	"testing"
	"time"

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
	terms := map[string]string{
		"state": "OPEN", "owner_office": "sector", "acknowledge_by": "2026-12-02", "answer_by": "2026-12-31", "next_at": "2026-12-31T23:00:00Z", "rating": "4",
	}
	report := func(f town.EventType, id string, at time.Time) town.Event {
		data := map[string]string{"report": id, "asked_office": "tributi", "report_by": "2026-12-09"}
		maps.Copy(data, terms)
		data["state"] = "OPEN, as it was before"
		return town.Event{Type: f, At: at, EscalationID: "f", Data: data}
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
		report(town.EventEscalationAsked, "r", time.Time{}), report(town.EventEscalationAsked, "never", time.Time{}),
		{Type: town.EventEscalationTaken, EscalationID: "f", Data: terms},
		report(town.EventEscalationReport, "r", time.Date(2026, 12, 7, 9, 30, 0, 0, time.UTC)),
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
		{Projection: rebuild.Steps, ID: "f"}:           "OPEN  at sector",
		{Projection: rebuild.StepTerms, ID: "f"}:       "acknowledge by 2026-12-02, answer by 2026-12-31, next at 2026-12-31T23:00:00Z",
		{Projection: rebuild.StepRatings, ID: "f"}:     "4",
		{Projection: rebuild.Reports, ID: "r"}:         "of f at tributi by 2026-12-09, given 2026-12-07T09:30:00Z",
		{Projection: rebuild.Reports, ID: "never"}:     "of f at tributi by 2026-12-09, given ",
		{Projection: rebuild.Words, ID: "w"}:           "2",
	}
	if diff := cmp.Diff(want, log.State); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
