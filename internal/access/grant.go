package access

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/spazio-in-comune/sportello/ent"
	"github.com/spazio-in-comune/sportello/ent/roleassignment"
	"github.com/spazio-in-comune/sportello/ent/setting"
	"github.com/spazio-in-comune/sportello/internal/store"
	"github.com/spazio-in-comune/sportello/internal/town"
)

// GrantRoleInput gives a role in an office, or in all ("*"), between two moments.
type GrantRoleInput struct {
	IdempotencyKey string
	PersonID       string
	Role           string
	OfficeCode     string
	// From is when it begins; nil is now. It is not in the past.
	From *time.Time
	// To is when it ends; nil is no end.
	To *time.Time
	// Services are what is delegated to an Assessore, as codes of services of the
	// catalogue, or "*" alone for all: an Assessore has no subject that nobody named.
	// Empty for every other role.
	Services []string
}

// RevokeRoleInput takes a role away.
type RevokeRoleInput struct {
	IdempotencyKey string
	PersonID       string
	Role           string
	OfficeCode     string
}

// unassignable are the roles that nobody is given: one is a citizen by being a person,
// and a ticket's holder by holding the ticket.
var unassignable = []town.Role{town.RoleCitizen, town.RoleTicket}

// GrantRole gives the role from its first moment on and returns the roles that the person
// holds now. Giving what is held all that time changes nothing; other dates and other
// subjects stand beside what is held. It needs role:grant in the office.
//
// Refusals: INVALID for a role that is not given, an unknown person, office or service,
// dates in the past or the wrong way round, services of who is no Assessore; REQUIRED for
// an Assessore without services.
func (a *Authority) GrantRole(ctx context.Context, in GrantRoleInput) ([]HeldRole, error) {
	what := post{PersonID: in.PersonID, Role: in.Role, OfficeCode: in.OfficeCode}
	in.Services = slices.Compact(slices.Sorted(slices.Values(in.Services)))
	err := a.change(ctx, "grantRole", in.IdempotencyKey, in, what, func(ctx context.Context, tx *store.Tx, by *Viewer) error {
		if err := checkGrant(ctx, tx, by, in); err != nil {
			return err
		}
		from := tx.Now
		if in.From != nil {
			from = *in.From
		}
		held, err := notEnded(ctx, tx, what)
		if err != nil || slices.ContainsFunc(held, func(row *ent.RoleAssignment) bool { return spans(row, from, in) }) {
			return err
		}
		tx.Emit(roleEvent(town.EventRoleGranted, what, by))
		return tx.RoleAssignment.Create().
			SetID(town.NewID(town.PrefixAssignment, tx.Now)).SetPersonID(in.PersonID).
			SetRole(town.Role(in.Role)).SetOfficeID(in.OfficeCode).SetServices(in.Services).
			SetFrom(from).SetNillableTo(in.To).SetGrantedBy(by.ID).Exec(ctx)
	})
	if err != nil {
		return nil, err
	}
	return a.rolesOf(in.PersonID), nil
}

// RevokeRole ends the role at once, on live streams too, and what was given of it for
// later; it returns the roles that the person still holds. It needs role:grant in the
// office.
func (a *Authority) RevokeRole(ctx context.Context, in RevokeRoleInput) ([]HeldRole, error) {
	what := post{PersonID: in.PersonID, Role: in.Role, OfficeCode: in.OfficeCode}
	err := a.change(ctx, "revokeRole", in.IdempotencyKey, in, what, func(ctx context.Context, tx *store.Tx, by *Viewer) error {
		held, err := notEnded(ctx, tx, what)
		if err != nil {
			return err
		}
		if len(held) == 0 {
			return town.Errorf(town.PreconditionFailed, "This person does not hold the role there.",
				"La persona non ha questo ruolo in questo ufficio.").At("input", "role")
		}
		for _, row := range held {
			if err := tx.RoleAssignment.UpdateOneID(row.ID).SetTo(tx.Now).SetEndedBy(by.ID).Exec(ctx); err != nil {
				return fmt.Errorf("end the role: %w", err)
			}
		}
		tx.Emit(roleEvent(town.EventRoleRevoked, what, by))
		return nil
	})
	if err != nil {
		return nil, err
	}
	return a.rolesOf(in.PersonID), nil
}

// SetDisabled shuts a person or device out, or lets them in again. It needs
// role:grant everywhere.
func (a *Authority) SetDisabled(ctx context.Context, personID string, disabled bool) error {
	v, err := From(ctx)
	if err != nil {
		return err
	}
	if err := v.Require(RoleGrant, everywhere); err != nil {
		return err
	}
	err = a.store.InTx(ctx, "disable a person", func(ctx context.Context, tx *store.Tx) error {
		return disable(ctx, tx, v, personID, disabled)
	})
	if err != nil {
		return err
	}
	return a.Reload(ctx)
}

// SetDisabledOnce is [Authority.SetDisabled] for a request that may be repeated: a repeat
// changes nothing, also where somebody has been let in again since.
func (a *Authority) SetDisabledOnce(ctx context.Context, once store.Once, personID string, disabled bool) error {
	v, err := From(ctx)
	if err != nil {
		return err
	}
	if err := v.Require(RoleGrant, everywhere); err != nil {
		return err
	}
	_, _, err = a.store.Once(ctx, once, func(ctx context.Context, tx *store.Tx) (string, error) {
		return personID, disable(ctx, tx, v, personID, disabled)
	})
	if err != nil {
		return err
	}
	return a.Reload(ctx)
}

func disable(ctx context.Context, tx *store.Tx, by *Viewer, personID string, disabled bool) error {
	fact := town.EventPersonEnabled
	if disabled {
		fact = town.EventPersonDisabled
	}
	// Whoever gives roles need not see the citizen whom they shut out.
	err := tx.Person.UpdateOneID(personID).SetDisabled(disabled).Exec(System(ctx, "policy.disable"))
	if err != nil {
		return fmt.Errorf("disable a person: %w", err)
	}
	tx.Emit(town.Event{Type: fact, Parties: []string{personID}, Actor: by.ID, OnBehalfOf: by.OnBehalfOf()})
	return RolesChanged(ctx, tx)
}

// post is a role in an office as somebody has it.
type post struct{ PersonID, Role, OfficeCode string }

// change runs a change of roles once, raises the version with it, and takes the new
// snapshot before it answers.
func (a *Authority) change(ctx context.Context, name, key string, in any, what post, unit func(context.Context, *store.Tx, *Viewer) error) error {
	v, err := From(ctx)
	if err != nil {
		return err
	}
	if err := v.Require(RoleGrant, what.OfficeCode); err != nil {
		return err
	}
	once := store.Once{Actor: v.ID, Mutation: name, Key: key, Input: in}
	_, _, err = a.store.Once(ctx, once, func(ctx context.Context, tx *store.Tx) (string, error) {
		if err := unit(ctx, tx, v); err != nil {
			return "", err
		}
		return what.PersonID, RolesChanged(ctx, tx)
	})
	if err != nil {
		return err
	}
	return a.Reload(ctx)
}

// roleEvent tells that a role was given or taken.
func roleEvent(fact town.EventType, what post, by *Viewer) town.Event {
	return town.Event{
		Type: fact, OfficeID: what.OfficeCode, Parties: []string{what.PersonID}, Actor: by.ID, OnBehalfOf: by.OnBehalfOf(),
		Data: map[string]string{town.DataRole: what.Role},
	}
}

// notEnded are the assignments of the role that hold now or will.
func notEnded(ctx context.Context, tx *store.Tx, what post) ([]*ent.RoleAssignment, error) {
	rows, err := tx.RoleAssignment.Query().Where(
		roleassignment.PersonID(what.PersonID), roleassignment.RoleEQ(town.Role(what.Role)), roleassignment.OfficeID(what.OfficeCode),
		roleassignment.Or(roleassignment.ToIsNil(), roleassignment.ToGT(tx.Now)),
	).Order(roleassignment.ByID()).All(ctx)
	if err != nil {
		return nil, fmt.Errorf("look for the role: %w", err)
	}
	return rows, nil
}

// spans reports whether the assignment gives all that is asked for, all the time.
func spans(row *ent.RoleAssignment, from time.Time, in GrantRoleInput) bool {
	lasts := row.To == nil || in.To != nil && !row.To.Before(*in.To)
	return lasts && !row.From.After(from) && slices.Equal(row.Services, in.Services)
}

// RolesChanged raises the policy version. Call it in every unit that changes
// assignments, or disables a person; reload the Authority after the commit.
func RolesChanged(ctx context.Context, tx *store.Tx) error {
	ctx = System(ctx, "policy")
	for {
		old, err := readVersion(ctx, tx.Client)
		if err != nil {
			return err
		}
		if old == 0 {
			return createVersion(ctx, tx)
		}
		n, err := tx.Setting.Update().
			Where(setting.ID(settingVersion), setting.ValueEQ(versionValue(old))).
			SetValue(versionValue(old + 1)).SetUpdatedAt(tx.Now).Save(ctx)
		if err != nil {
			return fmt.Errorf("raise the policy version: %w", err)
		}
		if n == 1 {
			if tx.Held(raisedKey{}) == nil {
				tx.Hold(raisedKey{}, old)
			}
			return nil
		}
	}
}

func createVersion(ctx context.Context, tx *store.Tx) error {
	err := tx.Setting.Create().SetID(settingVersion).SetValue(versionValue(1)).SetUpdatedAt(tx.Now).Exec(ctx)
	if err != nil {
		return fmt.Errorf("raise the policy version: %w", err)
	}
	return nil
}

func versionValue(v int64) []byte { return strconv.AppendInt(nil, v, 10) }

func (a *Authority) rolesOf(personID string) []HeldRole {
	s := a.current.Load()
	return s.scopeOf(personID, a.store.Clock().Now()).Roles
}
