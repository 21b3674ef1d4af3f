package casework

import (
	"context"

	"github.com/spazio-in-comune/sportello/internal/store"
	"github.com/spazio-in-comune/sportello/internal/town"
	"github.com/spazio-in-comune/sportello/plugins/sdk"
)

// Departments is what casework needs of the catalogue.
type Departments interface {
	// Practice gives a practice type as it is offered now, whether its department's
	// process is up or not.
	Practice(code string) (Offer, bool)
	// ByHash gives a definition to which a case is pinned.
	ByHash(ctx context.Context, hash string) (*sdk.Service, error)
	// Serves reports whether a version of a department that published the definition
	// still takes requests.
	Serves(hash string) bool
	// Review asks a department about one intake. One that cannot answer gives
	// PLUGIN_UNAVAILABLE within its deadline.
	Review(ctx context.Context, service, hash string, req sdk.ReviewRequest) (*sdk.ReviewResponse, error)
}

// Offer is a practice type in its service's current definition.
type Offer struct {
	Service  *sdk.Service
	Practice *sdk.CompiledPractice
	// Hash names the definition; a case is pinned to it.
	Hash string
}

// ServiceID is the code of the service.
func (o Offer) ServiceID() string { return o.Service.Definition().Service }

// People is what casework needs of the persons' records, where personal data
// stand.
type People interface {
	// TaxCode is the tax code of a person, empty if it is not known.
	TaxCode(ctx context.Context, personID string) (string, error)
	// Find is the id of the citizen with that tax code, empty if there is none.
	Find(ctx context.Context, taxCode string) (string, error)
	// Namesakes are the ids of the citizens with exactly that family name, but for the
	// case of letters: all up to 100, and 101 where there are more.
	Namesakes(ctx context.Context, familyName string) ([]string, error)
	// Ensure is the id of that citizen, whose record is made if there is none, in
	// the given transaction.
	Ensure(ctx context.Context, tx *store.Tx, who Applicant) (string, error)
}

// Applicant is the interested person as the form describes them.
type Applicant struct {
	town.Private

	TaxCode, GivenName, FamilyName string
	BirthDate                      town.Date
	Email, Phone                   string
}

// Queue is what casework needs of the waiting hall.
type Queue interface {
	// Leg gives the stop of a visit that is served, or NOT_FOUND.
	Leg(ctx context.Context, legID string) (LegRef, error)
	// Facts are what the hall knows of a person's visits and of the wait now. What
	// is not known is nil.
	Facts(ctx context.Context, personID, legID, serviceID string) QueueFacts
	// Identify notes, in the given transaction, whose visit the leg belongs to, now
	// that the person has said who they are.
	Identify(ctx context.Context, tx *store.Tx, legID, personID string) error
}

// LegRef is where an intake at the counter happens.
type LegRef struct{ VisitID, SiteID, OfficeID string }

// QueueFacts are the ambient names that come from the hall.
type QueueFacts struct {
	// VisitsLast30Days includes the present visit.
	VisitsLast30Days *int
	// Appointment: the ticket has one, in its window.
	Appointment *bool
	// WaitMinutes is the estimated wait now.
	WaitMinutes *int
	// PreviousOutcome is the code of how the visit before ended.
	PreviousOutcome *string
}

// Registers is what casework needs of the town's registers. A register that is
// down knows nothing: nobody is treated worse for that.
type Registers interface {
	Facts(ctx context.Context, taxCode, practice string) RegisterFacts
}

// RegisterFacts are the ambient names that come from registers. What is not
// known is nil.
type RegisterFacts struct {
	Resident, DebtsOpen, WindowOpen *bool
}

type noQueue struct{}

func (noQueue) Leg(context.Context, string) (LegRef, error)               { return LegRef{}, town.ErrNotFound() }
func (noQueue) Identify(context.Context, *store.Tx, string, string) error { return nil }
func (noQueue) Facts(context.Context, string, string, string) QueueFacts {
	return QueueFacts{}
}

type noRegisters struct{}

func (noRegisters) Facts(context.Context, string, string) RegisterFacts { return RegisterFacts{} }
