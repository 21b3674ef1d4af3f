package desk

import (
	"github.com/spazio-in-comune/sportello/ent"
	"github.com/spazio-in-comune/sportello/internal/town"
)

// The inputs are those of the API, field by field; its schema documents them.

// IssueTicketInput asks for a number.
type IssueTicketInput struct {
	IdempotencyKey string
	SiteID         string
	ServiceCode    *string
	PracticeCode   *string
	OfficeCode     *string
	Priority       *town.Priority
	Language       *string
	PartySize      *int
	Discreet       *bool
	PersonID       *string
}

// Issued is a visit with its number.
type Issued struct {
	Visit *ent.Visit
	// Code is printed on the ticket; nil on a repeated request.
	Code     *string
	Replayed bool
}

// SetVisitPriorityInput sets the class of a visit.
type SetVisitPriorityInput struct {
	VisitID         string
	ExpectedVersion int
	Priority        town.Priority
}

// LeaveVisitInput ends a visit before its call.
type LeaveVisitInput struct {
	VisitID         string
	ExpectedVersion int
}

// OpenCounterInput opens a counter for whoever asks.
type OpenCounterInput struct {
	IdempotencyKey string
	CounterID      string
}

// CounterSessionInput names a shift as it was seen.
type CounterSessionInput struct {
	SessionID       string
	ExpectedVersion int
}

// CallNextInput calls the next person to the counter of a shift.
type CallNextInput struct {
	IdempotencyKey string
	SessionID      string
}

// LegInput names a leg as it was seen.
type LegInput struct {
	LegID           string
	ExpectedVersion int
}

// LegNoteInput names a leg as it was seen, with a reason.
type LegNoteInput struct {
	town.Private

	LegID           string
	ExpectedVersion int
	Note            string
}

// ResumeLegInput calls a parked person to the counter of a shift.
type ResumeLegInput struct {
	LegID           string
	ExpectedVersion int
	SessionID       string
}

// CompleteLegInput ends a leg with its outcome.
type CompleteLegInput struct {
	LegID           string
	ExpectedVersion int
	Outcome         town.LegOutcome
}

// TransferLegInput sends a person on to another office.
type TransferLegInput struct {
	town.Private

	IdempotencyKey  string
	LegID           string
	ExpectedVersion int
	OfficeCode      string
	ServiceCode     *string
	Note            *string
}

// CloseDayInput closes the day of a site.
type CloseDayInput struct {
	IdempotencyKey string
	SiteID         string
}

// ClosedDay says what the end of the day closed.
type ClosedDay struct {
	ExpiredLegs    int
	ClosedSessions int
}
