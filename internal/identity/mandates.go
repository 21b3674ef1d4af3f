package identity

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"

	"github.com/spazio-in-comune/sportello/ent"
	"github.com/spazio-in-comune/sportello/ent/definition"
	"github.com/spazio-in-comune/sportello/ent/mandate"
	"github.com/spazio-in-comune/sportello/ent/person"
	"github.com/spazio-in-comune/sportello/internal/access"
	"github.com/spazio-in-comune/sportello/internal/store"
	"github.com/spazio-in-comune/sportello/internal/town"
	"github.com/spazio-in-comune/sportello/internal/vault"
)

// Mandates keeps who may act for whom (delega).
type Mandates struct {
	store     *store.Store
	authority *access.Authority
	people    *People
	vault     *vault.Vault
}

// NewMandates makes the keeper of mandates.
func NewMandates(s *store.Store, authority *access.Authority, people *People, v *vault.Vault) *Mandates {
	return &Mandates{store: s, authority: authority, people: people, vault: v}
}

// MandateDocument is a paper on which a mandate rests. It is sealed with the key of the
// principal.
type MandateDocument struct {
	// Label says what it is, such as "decreto di nomina".
	Label string `json:"label"`
	// Reference is where it is found, such as its number; it may be empty.
	Reference string `json:"reference,omitempty"`
	// SHA256 is its hash in 64 hexadecimal digits; it may be empty.
	SHA256 string `json:"sha256,omitempty"`
}

// GrantMandateInput enters a mandate. A citizen gives a DELEGATION of their own; staff
// with mandate:grant enter what was shown at their desk.
type GrantMandateInput struct {
	IdempotencyKey string
	// PrincipalID is for whom the delegate acts: of staff only.
	PrincipalID *string
	// DelegateTaxCode names the delegate; or DelegateID does, of staff only.
	DelegateTaxCode *string
	DelegateID      *string
	Class           town.MandateClass
	// Services are codes; none is all, but in a DELEGATION.
	Services []string
	// From is the first day, nil for today; To the last, nil for no end.
	From, To  *town.Date
	Documents []MandateDocument
}

// Grant enters a mandate. A citizen must be known at level 2, and act on their own
// account: what one may do for another is not handed on. The delegate is found by the
// tax code or entered with it, so that nobody learns whom the house knows.
//
// Refusals: those of the rules of mandates; INVALID for people who are no citizens, for a
// tax code that is none and for an unknown service; NOT_ALLOWED for what only staff may
// say. FORBIDDEN for whoever may not give mandates at all.
func (m *Mandates) Grant(ctx context.Context, in GrantMandateInput) (*ent.Mandate, error) {
	v, err := access.From(ctx)
	if err != nil {
		return nil, err
	}
	byStaff, err := mayGrant(v)
	if err != nil {
		return nil, err
	}
	if err := checkNames(byStaff, v, in); err != nil {
		return nil, err
	}
	in.Services = slices.Compact(slices.Sorted(slices.Values(in.Services)))
	once := store.Once{Actor: v.ID, Mutation: "grantMandate", Key: in.IdempotencyKey, Input: in}
	return m.change(ctx, once, func(ctx context.Context, tx *store.Tx) (string, error) {
		asked, err := m.asked(ctx, tx, v, byStaff, in)
		if err != nil {
			return "", err
		}
		return m.enter(ctx, tx, v, asked)
	})
}

// mayGrant tells staff from citizens.
func mayGrant(v *access.Viewer) (byStaff bool, err error) {
	if v.ActsFor != nil {
		return false, town.Errorf(town.Forbidden, "Who acts for another gives no mandates.", "Chi agisce per altri non può dare deleghe.")
	}
	if v.Allow(access.MandateGrant, "") {
		return true, nil
	}
	if v.Kind != access.KindPerson || !v.Scope.Holds(town.RoleCitizen) {
		return false, v.Require(access.MandateGrant, "")
	}
	if !v.Assurance.Reaches(town.AssuranceSubstantial) {
		return false, town.Errorf(town.Forbidden, "Sign in at level 2 to give a mandate.", "Per dare una delega accedere con livello 2.")
	}
	return false, nil
}

func checkNames(byStaff bool, v *access.Viewer, in GrantMandateInput) error {
	switch {
	case byStaff && in.PrincipalID == nil:
		return town.Errorf(town.Required, "Say for whom it is.", "Indicare per chi è.").At("input", "principalId")
	case !byStaff && in.PrincipalID != nil && *in.PrincipalID != v.ID:
		return town.Errorf(town.NotAllowed, "You give mandates of your own only.", "Può dare solo deleghe proprie.").At("input", "principalId")
	case !byStaff && in.DelegateID != nil:
		return town.Errorf(town.NotAllowed, "Name the delegate by the tax code.", "Indicare il delegato con il codice fiscale.").At("input", "delegateId")
	case (in.DelegateTaxCode == nil) == (in.DelegateID == nil):
		return town.Errorf(town.Required, "Name the delegate, in one way.", "Indicare il delegato, in un solo modo.").At("input", "delegateTaxCode")
	}
	return nil
}

// asked works out who is meant, and checks that all of it exists.
func (m *Mandates) asked(ctx context.Context, tx *store.Tx, v *access.Viewer, byStaff bool, in GrantMandateInput) (mandateAsked, error) {
	house := access.System(ctx, "identity.grant-mandate")
	asked := mandateAsked{class: in.Class, principal: v.ID, byStaff: byStaff, services: in.Services, from: town.Today(tx.Now), documents: in.Documents}
	if in.From != nil {
		asked.from = *in.From
	}
	if in.To != nil {
		asked.to = *in.To
	}
	if in.PrincipalID != nil {
		asked.principal = *in.PrincipalID
	}
	if err := isCitizen(house, tx, asked.principal, "principalId"); err != nil {
		return asked, err
	}
	for _, code := range in.Services {
		known, err := tx.Definition.Query().Where(definition.ServiceID(code)).Exist(house)
		if err != nil {
			return asked, fmt.Errorf("look for the service: %w", err)
		}
		if !known {
			return asked, town.Errorf(town.Invalid, "There is no such service.", "Il servizio non esiste.").At("input", "services")
		}
	}
	var err error
	if in.DelegateID != nil {
		asked.delegate = *in.DelegateID
	} else if asked.delegate, err = m.people.CreateCitizen(house, tx, Personal{TaxCode: *in.DelegateTaxCode}); err != nil {
		return asked, named(err, "delegateTaxCode")
	}
	return asked, isCitizen(house, tx, asked.delegate, "delegateId")
}

// named moves a refusal to the input that it is about.
func named(err error, field string) error {
	if town.IsUserError(err) {
		return town.Errorf(town.Invalid, "This is not a valid Italian tax code.", "Il codice fiscale non è valido.").At("input", field)
	}
	return err
}

func isCitizen(house context.Context, tx *store.Tx, id, field string) error {
	known, err := tx.Person.Query().
		Where(person.ID(id), person.Kind(town.PersonCitizen), person.Disabled(false), person.ErasedAtIsNil()).Exist(house)
	if err != nil {
		return fmt.Errorf("look for a citizen: %w", err)
	}
	if !known {
		return town.Errorf(town.Invalid, "There is no such citizen.", "Il cittadino non esiste.").At("input", field)
	}
	return nil
}

// enter writes the mandate if the rules allow it. The policy's row is taken first: two
// who enter one at the same time are counted one after the other.
func (m *Mandates) enter(ctx context.Context, tx *store.Tx, v *access.Viewer, asked mandateAsked) (string, error) {
	if err := access.RolesChanged(ctx, tx); err != nil {
		return "", err
	}
	others, err := delegationsOf(access.System(ctx, "identity.grant-mandate"), tx, asked.principal)
	if err != nil {
		return "", err
	}
	if err := asked.check(tx.Now, others); err != nil {
		return "", err
	}
	id := town.NewID(town.PrefixMandate, tx.Now)
	p := asked.period(tx.Now)
	create := tx.Mandate.Create().SetID(id).SetPrincipalID(asked.principal).SetDelegateID(asked.delegate).SetClass(asked.class).
		SetServices(asked.services).SetFrom(p.from).SetGrantedBy(v.ID).SetCreatedAt(tx.Now)
	if !p.to.IsZero() {
		create.SetTo(p.to)
	}
	if len(asked.documents) > 0 {
		sealed, err := m.seal(ctx, tx, id, asked)
		if err != nil {
			return "", err
		}
		create.SetDocuments(sealed)
	}
	if err := create.Exec(ctx); err != nil {
		return "", fmt.Errorf("enter a mandate: %w", err)
	}
	tx.Emit(mandateEvent(town.EventMandateGranted, id, asked.principal, asked.delegate, v))
	return id, nil
}

// delegationsOf are the delegations of the principal that have not ended.
func delegationsOf(house context.Context, tx *store.Tx, principal string) ([]standing, error) {
	rows, err := tx.Mandate.Query().Where(
		mandate.PrincipalID(principal), mandate.ClassEQ(town.MandateDelegation), mandate.RevokedAtIsNil(),
		mandate.Or(mandate.ToIsNil(), mandate.ToGT(tx.Now)),
	).Select(mandate.FieldDelegateID, mandate.FieldFrom, mandate.FieldTo).All(house)
	if err != nil {
		return nil, fmt.Errorf("look for other delegations: %w", err)
	}
	list := make([]standing, len(rows))
	for i, row := range rows {
		list[i] = standing{row.DelegateID, period{from: row.From}}
		if row.To != nil {
			list[i].to = *row.To
		}
	}
	return list, nil
}

func (m *Mandates) seal(ctx context.Context, tx *store.Tx, id string, asked mandateAsked) ([]byte, error) {
	plain, err := json.Marshal(asked.documents)
	if err != nil {
		return nil, fmt.Errorf("write the documents of a mandate: %w", err)
	}
	return m.vault.Seal(ctx, tx, asked.principal, documentsPlace(id), plain)
}

// documentsPlace is where the documents of a mandate stand.
func documentsPlace(id string) vault.Place {
	return vault.Place{Table: mandate.Table, Column: mandate.FieldDocuments, Row: id}
}

func mandateEvent(fact town.EventType, id, principal, delegate string, by *access.Viewer) town.Event {
	return town.Event{
		Type: fact, Parties: []string{principal, delegate}, Actor: by.ID, OnBehalfOf: by.OnBehalfOf(),
		Data: map[string]string{town.DataMandate: id},
	}
}

// RevokeMandateInput ends a mandate.
type RevokeMandateInput struct {
	IdempotencyKey string
	MandateID      string
}

// Revoke ends a mandate at once, on live streams too: the principal takes back a
// delegation, the delegate renounces, staff with mandate:grant record that it has ended.
// What is hidden is NOT_FOUND. Refusals: NOT_ALLOWED for whoever sees it and may not end
// it, such as the principal of a mandate of law; PRECONDITION_FAILED for one that has ended.
func (m *Mandates) Revoke(ctx context.Context, in RevokeMandateInput) (*ent.Mandate, error) {
	v, err := access.From(ctx)
	if err != nil {
		return nil, err
	}
	once := store.Once{Actor: v.ID, For: v.OnBehalfOf(), Mutation: "revokeMandate", Key: in.IdempotencyKey, Input: in}
	return m.change(ctx, once, func(ctx context.Context, tx *store.Tx) (string, error) {
		row, err := tx.Mandate.Get(ctx, in.MandateID)
		if err != nil {
			return "", err // hidden or missing: NOT_FOUND
		}
		if !mayRevoke(v, row) {
			return "", town.Errorf(town.NotAllowed, "You may not end this mandate.", "Non può revocare questa delega.").At("input", "mandateId")
		}
		if row.RevokedAt != nil || row.To != nil && !tx.Now.Before(*row.To) {
			return "", town.Errorf(town.PreconditionFailed, "It has ended already.", "È già terminata.").At("input", "mandateId")
		}
		if err := tx.Mandate.UpdateOneID(row.ID).SetRevokedAt(tx.Now).SetRevokedBy(v.ID).Exec(ctx); err != nil {
			return "", fmt.Errorf("end a mandate: %w", err)
		}
		tx.Emit(mandateEvent(town.EventMandateRevoked, row.ID, row.PrincipalID, row.DelegateID, v))
		return row.ID, access.RolesChanged(ctx, tx)
	})
}

// mayRevoke: a mandate of law is not the principal's to take back.
func mayRevoke(v *access.Viewer, row *ent.Mandate) bool {
	own := v.ActsFor == nil && v.Is(row.PrincipalID) && row.Class == town.MandateDelegation
	return own || v.Is(row.DelegateID) || v.Allow(access.MandateGrant, "")
}

// change runs a change once, takes the new snapshot, and reads the mandate.
func (m *Mandates) change(ctx context.Context, once store.Once, unit func(context.Context, *store.Tx) (string, error)) (*ent.Mandate, error) {
	id, _, err := m.store.Once(ctx, once, unit)
	if err != nil {
		return nil, err
	}
	if err := m.authority.Reload(ctx); err != nil {
		return nil, err
	}
	// Whoever has just entered it may see it, whichever citizens they see besides.
	row, err := m.store.Reader().Mandate.Get(access.System(ctx, "identity.mandate-as-changed"), id)
	if err != nil {
		return nil, fmt.Errorf("read the mandate: %w", err)
	}
	return row, nil
}
