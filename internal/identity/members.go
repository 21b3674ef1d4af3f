package identity

import (
	"context"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/spazio-in-comune/sportello/ent"
	"github.com/spazio-in-comune/sportello/ent/person"
	"github.com/spazio-in-comune/sportello/ent/predicate"
	"github.com/spazio-in-comune/sportello/ent/roleassignment"
	"github.com/spazio-in-comune/sportello/internal/access"
	"github.com/spazio-in-comune/sportello/internal/store"
	"github.com/spazio-in-comune/sportello/internal/town"
)

// MemberKind says what somebody of the house is.
type MemberKind string

// The kinds of members.
const (
	MemberStaff   MemberKind = "STAFF"
	MemberDevice  MemberKind = "DEVICE"  // a kiosk or a display
	MemberService MemberKind = "SERVICE" // another system
)

// memberKinds are what persons are called in the database, by kind of member.
func memberKinds() map[MemberKind]string {
	return map[MemberKind]string{
		MemberStaff: town.PersonStaff, MemberDevice: town.PersonDevice, MemberService: town.PersonService,
	}
}

// KindOf is the kind of a member; empty for a citizen.
func KindOf(p *ent.Person) MemberKind {
	for kind, stored := range memberKinds() {
		if stored == p.Kind {
			return kind
		}
	}
	return ""
}

// loginShape is what a login of the house looks like; those of citizens have a colon.
var loginShape = regexp.MustCompile(`^[a-z0-9][a-z0-9._@-]{1,63}$`)

// maxLabel bounds the name that colleagues see, in characters.
const maxLabel = 120

// NewMember is somebody, or something, about to join the house. Roles are given apart.
type NewMember struct {
	Kind MemberKind
	// Login is the name by which they are found: 2 to 64 small letters, digits and . _ @ -.
	Login string
	// Label is the name that colleagues see.
	Label string
}

// EnterMember writes a member in the caller's unit and returns the id. The caller has
// checked that this is allowed, and reloads the authority after the commit.
//
// Refusals: INVALID and REQUIRED by field; PRECONDITION_FAILED for a login that is taken.
func EnterMember(ctx context.Context, tx *store.Tx, m NewMember) (string, error) {
	m.Label = strings.TrimSpace(m.Label)
	if err := m.check(); err != nil {
		return "", err
	}
	taken, err := tx.Person.Query().Where(person.Login(m.Login)).Exist(access.System(ctx, "identity.enter-member"))
	if err != nil {
		return "", fmt.Errorf("look for the login: %w", err)
	}
	if taken {
		return "", errLoginTaken()
	}
	id := town.NewID(town.PrefixPerson, tx.Now)
	err = tx.Person.Create().SetID(id).SetLogin(m.Login).SetKind(memberKinds()[m.Kind]).SetLabel(m.Label).SetCreatedAt(tx.Now).Exec(ctx)
	if ent.IsConstraintError(err) { // somebody was quicker
		return "", errLoginTaken()
	}
	if err != nil {
		return "", fmt.Errorf("enter a member: %w", err)
	}
	return id, access.RolesChanged(ctx, tx)
}

func (m NewMember) check() error {
	switch {
	case memberKinds()[m.Kind] == "":
		return town.Errorf(town.Invalid, "A member is STAFF, DEVICE or SERVICE.", "Un componente è STAFF, DEVICE o SERVICE.").At("input", "kind")
	case !loginShape.MatchString(m.Login):
		return town.Errorf(town.Invalid, "A login has 2 to 64 small letters, digits and . _ @ - and begins with a letter or a digit.",
			"Il nome di accesso ha da 2 a 64 tra lettere minuscole, cifre e . _ @ - e inizia con una lettera o una cifra.").At("input", "login")
	case m.Label == "":
		return town.Errorf(town.Required, "Say what colleagues call them.", "Indicare il nome con cui appare ai colleghi.").At("input", "label")
	case utf8.RuneCountInString(m.Label) > maxLabel:
		return town.Errorf(town.Invalid, "A name has at most 120 characters.", "Il nome ha al massimo 120 caratteri.").At("input", "label")
	}
	return nil
}

func errLoginTaken() error {
	return town.Errorf(town.PreconditionFailed, "This login is taken.", "Il nome di accesso è già in uso.").At("input", "login")
}

// Members keeps the staff, the devices and the services of the house.
type Members struct {
	store     *store.Store
	authority *access.Authority
}

// NewMembers makes the keeper of members.
func NewMembers(s *store.Store, authority *access.Authority) *Members {
	return &Members{store: s, authority: authority}
}

// EnterMemberInput enters a member.
type EnterMemberInput struct {
	IdempotencyKey string
	Kind           MemberKind
	Login          string
	Label          string
}

// Enter enters a member, who holds no role yet. It needs role:grant everywhere; refusals
// are those of [EnterMember].
func (m *Members) Enter(ctx context.Context, in EnterMemberInput) (*ent.Person, error) {
	v, err := granter(ctx)
	if err != nil {
		return nil, err
	}
	once := store.Once{Actor: v.ID, Mutation: "enterMember", Key: in.IdempotencyKey, Input: in}
	id, _, err := m.store.Once(ctx, once, func(ctx context.Context, tx *store.Tx) (string, error) {
		return EnterMember(ctx, tx, NewMember{Kind: in.Kind, Login: in.Login, Label: in.Label})
	})
	if err != nil {
		return nil, err
	}
	if err := m.authority.Reload(ctx); err != nil {
		return nil, err
	}
	return m.store.Reader().Person.Get(ctx, id)
}

// SetPersonDisabledInput shuts somebody out, or lets them in again.
type SetPersonDisabledInput struct {
	IdempotencyKey string
	PersonID       string
	Disabled       bool
	// Reason is kept in the audit.
	Reason string
}

// SetDisabled shuts somebody out at once, on live streams too, or lets them in again, and
// returns the person. It needs role:grant everywhere. Refusals: REQUIRED and INVALID for
// the reason, INVALID for an unknown person, PRECONDITION_FAILED for oneself.
func (m *Members) SetDisabled(ctx context.Context, in SetPersonDisabledInput) (*ent.Person, error) {
	v, err := granter(ctx)
	if err != nil {
		return nil, err
	}
	if err := checkReason(in.Reason); err != nil {
		return nil, err
	}
	if in.PersonID == v.ID {
		return nil, town.Errorf(town.PreconditionFailed, "Nobody shuts themselves out: ask another administrator.",
			"Nessuno disabilita sé stesso: rivolgersi a un altro amministratore.").At("input", "personId")
	}
	house := access.System(ctx, "identity.disable")
	if known, err := m.store.Reader().Person.Query().Where(person.ID(in.PersonID)).Exist(house); err != nil {
		return nil, fmt.Errorf("look for the person: %w", err)
	} else if !known {
		return nil, errNoPerson("personId")
	}
	access.NoteReason(ctx, strings.TrimSpace(in.Reason))
	once := store.Once{Actor: v.ID, Mutation: "setPersonDisabled", Key: in.IdempotencyKey, Input: in}
	if err := m.authority.SetDisabledOnce(ctx, once, in.PersonID, in.Disabled); err != nil {
		return nil, err
	}
	// Whoever gives roles may not see citizens; whom they have just shut out they named.
	return m.store.Reader().Person.Get(house, in.PersonID)
}

// maxReason bounds a reason, in characters.
const maxReason = 500

func checkReason(reason string) error {
	switch n := utf8.RuneCountInString(strings.TrimSpace(reason)); {
	case n == 0:
		return town.Errorf(town.Required, "Say why.", "Indicare il motivo.").At("input", "reason")
	case n > maxReason:
		return town.Errorf(town.Invalid, "At most 500 characters.", "Al massimo 500 caratteri.").At("input", "reason")
	}
	return nil
}

// granter is a viewer who may give roles everywhere.
func granter(ctx context.Context) (*access.Viewer, error) {
	v, err := access.From(ctx)
	if err != nil {
		return nil, err
	}
	return v, v.Require(access.RoleGrant, "*")
}

func errNoPerson(field string) error {
	return town.Errorf(town.Invalid, "There is no such person.", "La persona non esiste.").At("input", field)
}

// MemberFilter narrows a list of members.
type MemberFilter struct {
	Kind *MemberKind
	// OfficeCode keeps those who hold a role in the office, or in all.
	OfficeCode *string
	Disabled   *bool
}

// List are the members, newest first. It needs staff:read.
func (m *Members) List(ctx context.Context, args town.PageArgs, filter MemberFilter) (town.Page[*ent.Person], error) {
	var page town.Page[*ent.Person]
	v, err := access.From(ctx)
	if err != nil {
		return page, err
	}
	if err := v.Require(access.StaffRead, ""); err != nil {
		return page, err
	}
	spec, err := args.Spec(town.PrefixPerson)
	if err != nil {
		return page, err
	}
	narrowed, err := m.narrow(ctx, filter)
	if err != nil {
		return page, err
	}
	query := m.store.Reader().Person.Query().Where(person.KindNEQ(town.PersonCitizen)).Where(narrowed...)
	order := ent.Desc(person.FieldID)
	if spec.Backward {
		order = ent.Asc(person.FieldID)
	}
	if spec.Below != "" {
		query.Where(person.IDLT(spec.Below))
	}
	if spec.Above != "" {
		query.Where(person.IDGT(spec.Above))
	}
	rows, err := query.Order(order).Limit(spec.Size + 1).All(ctx)
	if err != nil {
		return page, fmt.Errorf("list members: %w", err)
	}
	return town.CutPage(spec, rows), nil
}

func (m *Members) narrow(ctx context.Context, filter MemberFilter) ([]predicate.Person, error) {
	var list []predicate.Person
	if filter.Kind != nil {
		list = append(list, person.Kind(memberKinds()[*filter.Kind]))
	}
	if filter.Disabled != nil {
		list = append(list, person.Disabled(*filter.Disabled))
	}
	if filter.OfficeCode != nil {
		// Who sees the names of colleagues may know their office, not who gave the role.
		now := m.store.Clock().Now()
		holders, err := m.store.Reader().RoleAssignment.Query().
			Where(roleassignment.OfficeIDIn(*filter.OfficeCode, "*"), roleassignment.FromLTE(now),
				roleassignment.Or(roleassignment.ToIsNil(), roleassignment.ToGT(now))).
			Select(roleassignment.FieldPersonID).Strings(access.System(ctx, "identity.members-of-office"))
		if err != nil {
			return nil, fmt.Errorf("list the members of an office: %w", err)
		}
		slices.Sort(holders)
		list = append(list, person.IDIn(slices.Compact(holders)...))
	}
	return list, nil
}

// Login is the name by which a member is found, for whoever gives roles; empty for others.
func (m *Members) Login(ctx context.Context, member *ent.Person) string {
	if !access.Asker(ctx).Can(access.RoleGrant, "") {
		return ""
	}
	return member.Login
}
