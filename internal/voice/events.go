package voice

import (
	"maps"
	"strconv"
	"time"

	"github.com/spazio-in-comune/sportello/ent"
	"github.com/spazio-in-comune/sportello/internal/town"
)

// stepEvent is a fact about a step, for the office that holds it, the office whose
// answer did not satisfy, and the citizen; more is what it has beside the step.
func stepEvent(fact town.EventType, e *ent.Escalation, actor string, more map[string]string) town.Event {
	data := map[string]string{
		town.DataOwnerOffice: e.OwnerOffice, town.DataStep: string(e.Step), town.DataState: string(e.State), town.DataKind: string(e.Kind), "ladder": e.LadderID,
		town.DataAcknowledgeBy: e.AcknowledgeBy.String(), town.DataAnswerBy: e.DueOn.String(), town.DataNextAt: "",
		town.DataRating: strconv.Itoa(e.Rating),
	}
	maps.Copy(data, more)
	if e.DueAt != nil {
		data[town.DataNextAt] = e.DueAt.UTC().Format(time.RFC3339Nano)
	}
	if e.Outcome != "" {
		data[town.DataOutcome] = string(e.Outcome)
	}
	if fact == town.EventEscalationAnswer && e.AnsweredAt != nil {
		data[town.DataDays] = strconv.Itoa(max(0, town.Today(e.OpenedAt).DaysUntil(town.Today(*e.AnsweredAt))))
	}
	return town.Event{
		Type: fact, OfficeID: e.OfficeID, ServiceID: e.ServiceID, VisitID: e.VisitID, LegID: e.LegID, CaseID: e.CaseID,
		FeedbackID: e.FeedbackID, EscalationID: e.ID, Level: e.Level, Parties: known(e.OnBehalfOf), HolderID: e.OwnerID,
		Confidential: e.Confidential, Actor: actor, Data: data,
	}
}

// aboutReport is what an event says of a request for a report: by it the office that is asked
// learns of the request.
func aboutReport(row *ent.StepNote) map[string]string {
	return map[string]string{town.DataReport: row.ID, town.DataAskedOffice: row.OfficeID, town.DataReportBy: row.DueOn.String()}
}

// unnamed is the actor of what was said without a name.
const unnamed = "unnamed"

// feedbackEvent is the fact that the actor gave a word; it names nobody where the word
// has no name.
func feedbackEvent(f *ent.Feedback, c Contact, actor string, way town.FeedbackWay) town.Event {
	e := town.Event{
		Type: town.EventFeedbackGiven, SiteID: c.SiteID, OfficeID: f.OfficeID, ServiceID: f.ServiceID, VisitID: f.VisitID, LegID: f.LegID,
		CaseID: f.CaseID, EscalationID: f.EscalationID, FeedbackID: f.ID, Level: f.Level, Parties: known(f.AuthorID),
		Confidential: c.Confidential, Actor: unnamed, Data: map[string]string{town.DataScore: strconv.Itoa(f.Score)},
	}
	for name, value := range map[string]string{
		town.DataChannel: string(f.Channel), town.DataGivenBy: string(way), town.DataPhase: c.Phase, town.DataOutcome: c.Outcome,
	} {
		if value != "" {
			e.Data[name] = value
		}
	}
	if f.Cause != "" {
		e.Data[town.DataCause] = string(f.Cause)
	}
	if f.AuthorID != "" {
		e.Actor = actor
	}
	return e
}
