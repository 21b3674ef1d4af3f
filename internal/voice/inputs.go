package voice

import (
	"github.com/spazio-in-comune/sportello/ent"
	"github.com/spazio-in-comune/sportello/internal/town"
)

// The inputs are those of the API, field by field; its schema documents them.

// GiveFeedbackInput rates a leg, a case or a step of the ladder: exactly one.
type GiveFeedbackInput struct {
	town.Private

	IdempotencyKey string
	LegID          *string
	CaseID         *string
	EscalationID   *string
	Score          int
	Cause          *town.FeedbackCause
	Comment        *string
	// Anonymous leaves out who said it; nil is true.
	Anonymous *bool
	// GivenBy is how it came in; nil is PHONE_LINK for who holds a ticket, else ONLINE.
	GivenBy *town.FeedbackWay
}

// RaiseEscalationInput takes up an offer, or asks for the Help Point about a case
// or a leg: exactly one.
type RaiseEscalationInput struct {
	town.Private

	IdempotencyKey string
	EscalationID   *string
	CaseID         *string
	CaseProtocol   *string
	LegID          *string
	// Kind is DISSATISFACTION unless given; an offer has its own.
	Kind   *town.EscalationKind
	Reason *town.FeedbackCause
	Text   string
}

// EscalationInput names a step as it was seen.
type EscalationInput struct {
	EscalationID    string
	ExpectedVersion int
}

// AnswerEscalationInput answers a step.
type AnswerEscalationInput struct {
	town.Private

	IdempotencyKey  string
	EscalationID    string
	ExpectedVersion int
	Outcome         town.EscalationOutcome
	Answer          string
}

// PassUpEscalationInput goes one step up.
type PassUpEscalationInput struct {
	town.Private

	IdempotencyKey  string
	EscalationID    string
	ExpectedVersion int
	Text            string
}

// OpenPersonalDataInput opens the personal data behind a step of level 5.
type OpenPersonalDataInput struct {
	town.Private

	IdempotencyKey string
	EscalationID   string
	// Reason says why, in 10 to 500 characters.
	Reason string
}

// AcceptEscalationInput accepts the answer, with a rating from 1 to 5.
type AcceptEscalationInput struct {
	EscalationID    string
	ExpectedVersion int
	Rating          *int
}

// RateEscalationInput is the citizen's rating of a step, from 1 to 5.
type RateEscalationInput struct {
	EscalationID    string
	ExpectedVersion int
	Rating          int
}

// RequestReportInput asks an office to report; nil is the office whose answer did not
// satisfy, and the usual term.
type RequestReportInput struct {
	town.Private

	IdempotencyKey  string
	EscalationID    string
	ExpectedVersion int
	OfficeCode      *string
	Question        string
	DueOn           *town.Date
}

// AnswerReportInput is what an office reports.
type AnswerReportInput struct {
	town.Private

	IdempotencyKey  string
	ReportID        string
	ExpectedVersion int
	Answer          string
}

// GiveGuidanceInput steers an office, from level 5.
type GiveGuidanceInput struct {
	town.Private

	IdempotencyKey  string
	EscalationID    string
	ExpectedVersion int
	Text            string
}

// ReportFilter narrows a list; nil fields do not.
type ReportFilter struct {
	OfficeCode *string
	// Open true keeps what was not answered yet, false what was.
	Open *bool
}

// ChooseContactInput says how one wishes to be told.
type ChooseContactInput struct {
	town.Private

	IdempotencyKey string
	Channel        town.ContactChannel
	// Address is a mailbox, for EMAIL.
	Address *string
}

// FeedbackFilter narrows a list; nil fields do not.
type FeedbackFilter struct {
	OfficeCode *string
	Level      *town.Level
}

// EscalationFilter narrows a list; nil fields do not.
type EscalationFilter struct {
	Level *town.Level
	// Open true keeps steps that have not ended, false those that have.
	Open   *bool
	CaseID *string
	Kind   *town.EscalationKind
	Step   *town.EscalationStep
	// Breached keeps the steps of stories in which a term has passed, or that nobody
	// acknowledged in time.
	Breached *bool
}

// Given is what came of a word.
type Given struct {
	Feedback *ent.Feedback
	// Offer is the Help Point, offered after a low score; nil otherwise.
	Offer *ent.Escalation
}

// Stepped is a step after an action, and the next one where that opened it and the
// viewer may see it.
type Stepped struct {
	Escalation *ent.Escalation
	Next       *ent.Escalation
}
