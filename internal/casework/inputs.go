package casework

import (
	"encoding/json"
	"time"

	"github.com/spazio-in-comune/sportello/ent"
	"github.com/spazio-in-comune/sportello/internal/casework/life"
	"github.com/spazio-in-comune/sportello/internal/town"
)

// The inputs are those of the API, field by field; its schema documents them.

// DecisionOutcome is what is decided.
type DecisionOutcome = life.Outcome

// AvailableAction is an action with whether it may be taken now, and why not.
type AvailableAction = life.Available

// SubmitIntakeInput files a request.
type SubmitIntakeInput struct {
	town.Private

	IdempotencyKey string
	Practice       string
	Answers        json.RawMessage
	DefinitionHash *string
	LegID          *string
	ApplicantID    *string
	OverrideNote   *string
	// DraftID names the draft that the request comes of: it is gone once it is accepted.
	DraftID *string
}

// PreviewIntakeInput asks what would be decided.
type PreviewIntakeInput struct {
	town.Private

	Practice string
	Answers  json.RawMessage
}

// Submitted is what became of an intake.
type Submitted struct {
	// UserErrors are the problems of a form that came back; the rest is empty then,
	// but for the status and the intake.
	UserErrors town.Problems
	Status     town.IntakeStatus
	Intake     *ent.Intake
	// Case is nil unless accepted, and where the one who files may not read it.
	Case       *ent.CaseFile
	LinkedCase *ent.CaseFile
	// Decision is nil if there were problems.
	Decision *Decided
	// Replayed: an earlier identical request already had this effect.
	Replayed bool
}

// Preview is what would be decided.
type Preview struct {
	UserErrors town.Problems
	// Decision is nil if there were problems.
	Decision *Decided
}

// CaseInput names a case as it was seen.
type CaseInput struct {
	CaseID          string
	ExpectedVersion int
}

// CaseNoteInput names a case as it was seen, with a note.
type CaseNoteInput struct {
	town.Private

	IdempotencyKey  string
	CaseID          string
	ExpectedVersion int
	Note            *string
}

// AssignCaseInput names the officer who becomes responsible.
type AssignCaseInput struct {
	town.Private

	IdempotencyKey  string
	CaseID          string
	ExpectedVersion int
	PersonID        string
	Reason          *string
}

// RequestDocumentsInput asks the applicant for papers.
type RequestDocumentsInput struct {
	town.Private

	IdempotencyKey  string
	CaseID          string
	ExpectedVersion int
	Documents       []string
	Ground          string
	// LegalGround decides what the request does to the term. Where it is missing, words
	// that name art. 2 c. 7 are [town.GroundFacts], all others [town.GroundNone].
	LegalGround *town.Ground
	// DueOn is the last day for the answer; nil is 30 days from today.
	DueOn *town.Date
}

// ReceiveDocumentInput records a paper that came in.
type ReceiveDocumentInput struct {
	IdempotencyKey  string
	CaseID          string
	ExpectedVersion int
	Document        string
	// ReceivedOn is the day on which it came, where it is recorded later; nil is today.
	ReceivedOn *town.Date
}

// ProposeDecisionInput proposes a decision to the head.
type ProposeDecisionInput struct {
	town.Private

	IdempotencyKey  string
	CaseID          string
	ExpectedVersion int
	Outcome         DecisionOutcome
	Reasons         string
}

// DecideCaseInput decides.
type DecideCaseInput struct {
	town.Private

	IdempotencyKey  string
	CaseID          string
	ExpectedVersion int
	Outcome         DecisionOutcome
	Reasons         string
	// ObservationsAnswer says why observations on the notice of refusal were not accepted;
	// compulsory for a refusal after them.
	ObservationsAnswer *string
}

// CaseAnswerInput records what came back: the answer to a request, observations, or the
// information acquired.
type CaseAnswerInput struct {
	town.Private

	IdempotencyKey  string
	CaseID          string
	ExpectedVersion int
	Text            string
	// ReceivedOn is the day on which it came, where it is recorded later; nil is today.
	// Only the staff name another day.
	ReceivedOn *town.Date
}

// SuspendCaseInput suspends the term to acquire facts that no administration holds.
type SuspendCaseInput struct {
	town.Private

	IdempotencyKey  string
	CaseID          string
	ExpectedVersion int
	Days            int
	Reason          string
	// ThirdParties suspends for the notice to third parties of generalised civic access.
	ThirdParties *bool
}

// CaseReasonInput is an act that must be reasoned.
type CaseReasonInput struct {
	town.Private

	IdempotencyKey  string
	CaseID          string
	ExpectedVersion int
	Reason          string
}

// ExtendTermInput lengthens the term of a case.
type ExtendTermInput struct {
	town.Private

	IdempotencyKey  string
	CaseID          string
	ExpectedVersion int
	Days            int
	Reason          string
}

// StartTermInput records the event from which a term of a case runs.
type StartTermInput struct {
	town.Private

	IdempotencyKey  string
	CaseID          string
	ExpectedVersion int
	// Term is the kind of the clock that waits for the event.
	Term string
	// HappenedOn is the day of the event, HappenedAt its moment: only terms in hours need it.
	HappenedOn town.Date
	HappenedAt *time.Time
	// Document is the paper of the case that shows it, Note what the office adds.
	Document *string
	Note     *string
}

// AddCaseNoteInput adds a note to the history.
type AddCaseNoteInput struct {
	town.Private

	IdempotencyKey string
	CaseID         string
	Text           string
	Internal       bool
}

// TransferCaseInput hands a case over to another office.
type TransferCaseInput struct {
	town.Private

	IdempotencyKey  string
	CaseID          string
	ExpectedVersion int
	OfficeCode      string
	Reason          string
}

// CaseFilter narrows a list of cases.
type CaseFilter struct {
	OfficeCode    *string
	Phase         *town.Phase
	ServiceCode   *string
	Mine          *bool
	ApplicantIsMe *bool
	Protocol      *string
	// TaxCode and FamilyName are of the applicant, exact but for the case of letters;
	// they stand in no log.
	TaxCode, FamilyName *string
	// DueFrom and DueTo are inclusive.
	DueFrom, DueTo *town.Date
}
