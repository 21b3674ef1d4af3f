package town

import "time"

// EventType names a business fact, such as "leg.called".
type EventType string

// The events of a visit, a case, a word of the citizen, a counter, a plug-in, of who may
// do what, and of alerts.
const (
	EventVisitOpened      EventType = "visit.opened"
	EventVisitPriority    EventType = "visit.priority_set"
	EventVisitClosed      EventType = "visit.closed"
	EventTicketIssued     EventType = "ticket.issued"
	EventLegQueued        EventType = "leg.queued"
	EventLegCalled        EventType = "leg.called"
	EventLegRecalled      EventType = "leg.recalled"
	EventLegReturned      EventType = "leg.returned"
	EventLegServing       EventType = "leg.serving_started"
	EventLegParked        EventType = "leg.parked"
	EventLegResumed       EventType = "leg.resumed"
	EventLegTransferred   EventType = "leg.transferred"
	EventLegCompleted     EventType = "leg.completed"
	EventLegNoShow        EventType = "leg.no_show"
	EventLegReinstated    EventType = "leg.reinstated"
	EventLegLeft          EventType = "leg.left"
	EventLegCancelled     EventType = "leg.cancelled"
	EventLegExpired       EventType = "leg.expired"
	EventPromised         EventType = "eta.promised"
	EventCounterOpened    EventType = "counter.opened"
	EventCounterPaused    EventType = "counter.paused"
	EventCounterResumed   EventType = "counter.resumed"
	EventCounterClosed    EventType = "counter.closed"
	EventIntakeReviewed   EventType = "intake.reviewed"
	EventCaseRegistered   EventType = "case.registered"
	EventCaseAssigned     EventType = "case.assigned"
	EventCaseTaken        EventType = "case.taken_in_charge"
	EventCaseDocsAsked    EventType = "case.documents_requested"
	EventCaseDocReceived  EventType = "case.document_received"
	EventCaseDocAttached  EventType = "case.document_attached"
	EventCaseDocScanned   EventType = "case.document_scanned"
	EventCaseProposed     EventType = "case.proposed"
	EventCaseDecided      EventType = "case.decided"
	EventCaseFulfilled    EventType = "case.fulfilled"
	EventCaseWithdrawn    EventType = "case.withdrawn"
	EventCaseNoted        EventType = "case.noted"
	EventCaseTransferred  EventType = "case.transferred"
	EventCaseNotified     EventType = "case.start_notice_sent"
	EventCaseAnswered     EventType = "case.integration_answered"
	EventCaseSuspended    EventType = "case.suspended"
	EventCaseResumed      EventType = "case.resumed"
	EventCaseForewarned   EventType = "case.rejection_notice_served"
	EventCaseObserved     EventType = "case.observations_recorded"
	EventCaseExtended     EventType = "case.term_extended"
	EventCaseTermStarted  EventType = "case.term_started"
	EventCaseReopened     EventType = "case.reopened"
	EventCaseSubstituted  EventType = "case.substituted"
	EventCaseAttested     EventType = "case.silence_attested"
	EventCaseArchived     EventType = "case.archived"
	EventClockExpired     EventType = "clock.expired"
	EventClockResumed     EventType = "clock.resumed"
	EventClockStarted     EventType = "clock.started" // because another one ended
	EventFeedbackGiven    EventType = "feedback.given"
	EventEscalationOffer  EventType = "escalation.offered"
	EventEscalationRaised EventType = "escalation.raised"
	EventEscalationTaken  EventType = "escalation.taken"
	EventEscalationAnswer EventType = "escalation.answered"
	EventEscalationPassed EventType = "escalation.passed_up"
	EventEscalationClosed EventType = "escalation.closed"
	EventEscalationOpened EventType = "escalation.opened_personal"
	EventEscalationAsked  EventType = "escalation.report_asked"
	EventEscalationReport EventType = "escalation.report_given"
	EventEscalationGuided EventType = "escalation.guided"
	EventEscalationRated  EventType = "escalation.rated"
	EventContactChosen    EventType = "contact.chosen"
	EventPluginState      EventType = "plugin.state_changed"
	EventPluginRegistered EventType = "plugin.registered"
	EventPluginCurrent    EventType = "plugin.made_current"
	EventPluginRolledBack EventType = "plugin.rolled_back"
	EventPluginRetired    EventType = "plugin.retired"
	EventPluginDisabled   EventType = "plugin.disabled"
	EventPluginEnabled    EventType = "plugin.enabled"
	EventPluginRestarted  EventType = "plugin.restarted"
	EventRoleGranted      EventType = "role.granted"
	EventRoleRevoked      EventType = "role.revoked"
	EventPersonDisabled   EventType = "person.disabled"
	EventPersonEnabled    EventType = "person.enabled"
	EventSessionStarted   EventType = "session.started"
	EventSessionEnded     EventType = "session.ended"
	EventCredentialOff    EventType = "credential.revoked"
	EventMandateGranted   EventType = "mandate.granted"
	EventMandateRevoked   EventType = "mandate.revoked"
	EventCaseHeld         EventType = "case.held"
	EventCaseReleased     EventType = "case.released"
	EventCaseErased       EventType = "case.erased"
	EventVisitErased      EventType = "visit.erased"
	EventIntakeErased     EventType = "intake.erased"
	EventFeedbackErased   EventType = "feedback.erased"
	EventEscalationErased EventType = "escalation.erased"
	EventPersonErased     EventType = "person.erased"
	EventAlertRaised      EventType = "alert.raised"
	EventAlertTaken       EventType = "alert.acknowledged"
	EventAlertSnoozed     EventType = "alert.snoozed"
	EventAlertWoken       EventType = "alert.woken"
	EventAlertHandedOver  EventType = "alert.handed_over"
	EventAlertResolved    EventType = "alert.resolved"
)

// DataOwnerOffice names the entry of an event's Data with the office that holds the
// step of the ladder. Every event about an escalation has it, and every event about an
// alert on one: who may see the event depends on it.
const DataOwnerOffice = "owner_office"

// DataFormerOffice names the entry of an event's Data with the office that a case
// or a leg came from, on the events that move one: it concerns both offices.
const DataFormerOffice = "former_office"

// DataPlugin names the entry of an event's Data with the id of the registered version
// of a department that the event is about.
const DataPlugin = "plugin"

// RightsGroups are the first words of the events after which somebody may see or do
// more or less than before. Each is appended in the unit that raises the policy version,
// with the person concerned among its parties.
func RightsGroups() []string { return []string{"role", "person", "session", "credential", "mandate"} }

// DataRole names the entry of an event's Data with the role that was given or taken; the
// event's office is where, "*" for all.
const DataRole = "role"

// DataMandate names the entry of an event's Data with the id of the mandate.
const DataMandate = "mandate"

// DataAlert names the entry of an event's Data with the id of the alert.
const DataAlert = "alert"

// DataSignIn names the entry of an event's Data with the id of the session or of the
// credential that has ended.
const DataSignIn = "sign_in"

// The entries of an event's Data from which figures are derived: codes and quantities of
// the fact, nothing of a person.
const (
	DataPractice = "practice" // the kind of practice of a case
	DataPhase    = "phase"    // of the case, after the event
	// DataConcludedDays is on the one event that ends a case: the days since it was filed.
	DataConcludedDays = "concluded_days"
	// DataTermKept, beside it, is "true" or "false"; missing where the case had no term.
	DataTermKept = "term_kept"
	DataClock    = "clock"    // the kind of the clock that passed
	DataEffect   = "effect"   // what its passing means
	DataWasOpen  = "was_open" // "true" where the case was open when it passed

	// DataWholeTerm is "true" where what passed is the first term of the case, the whole of it:
	// of a term of two parts, the second.
	DataWholeTerm = "whole_term"

	DataClass  = "class"          // of the person in the queue, on the first call
	DataWaited = "waited_seconds" // from joining the queue to the first call
	// DataPromiseKept, beside it, is "true" where the wait was no longer than the longer of
	// the two that were promised; missing where none was.
	DataPromiseKept = "promise_kept"
	DataOutcome     = "outcome" // of a stop, a decision, an answer
	DataStops       = "stops"   // of a visit that ends

	DataStep  = "step" // of the ladder
	DataKind  = "kind"
	DataState = "state"
	DataDays  = "days" // from the opening of the step to its answer
	// DataAcknowledgeBy and DataAnswerBy are the last useful days of a step, and DataNextAt the
	// moment at which something next happens to it by itself; empty for none.
	DataAcknowledgeBy = "acknowledge_by"
	DataAnswerBy      = "answer_by"
	DataNextAt        = "next_at"
	// DataReport is the id of a request for a report, DataAskedOffice the office that is asked
	// and DataReportBy its last useful day.
	DataReport      = "report"
	DataAskedOffice = "asked_office"
	DataReportBy    = "report_by"
	DataRating      = "rating" // of a step, by its citizen; 0 for none
	DataScore       = "score"
	DataCause       = "cause"
	// DataChannel is the channel of the contact that a word is about, DataGivenBy how the
	// word itself came in.
	DataChannel = "channel"
	DataGivenBy = "given_by"
)

// ClockConclusion is the kind of the clock that every case with a term has.
const ClockConclusion = "conclusion"

// Event is a business fact with ids only: no names, no free text. Who may see it
// follows from office, confidentiality and parties as of the commit.
type Event struct {
	// ID and At are set when the event is written; Seq when it is numbered.
	ID  string
	At  time.Time
	Seq int64

	Type         EventType
	SiteID       string
	OfficeID     string
	ServiceID    string
	VisitID      string
	LegID        string
	CounterID    string
	CaseID       string
	IntakeID     string
	FeedbackID   string
	EscalationID string
	// Level is the access level that the fact concerns, 0 if none.
	Level Level
	// Parties are the persons whom the fact concerns, by id: the citizen of a visit,
	// the applicant of a case, whoever an escalation is for. They are told of it.
	Parties []string
	// HolderID is the person who holds the escalation, if any.
	HolderID string
	// Confidential marks facts that need a grant of their own.
	Confidential bool
	// Actor is who did it: a person, a device, or the name of system work.
	Actor string
	// OnBehalfOf is the person for whom the actor acted under a mandate; empty for
	// one's own account.
	OnBehalfOf string
	// Data are further ids and codes, never personal data.
	Data map[string]string
}
