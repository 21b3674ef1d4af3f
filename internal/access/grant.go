package access

import (
	"context"
	"fmt"
	"slices"
	"strconv"

	"github.com/spazio-in-comune/sportello/ent"
	"github.com/spazio-in-comune/sportello/ent/roleassignment"
	"github.com/spazio-in-comune/sportello/ent/setting"
	"github.com/spazio-in-comune/sportello/internal/store"
	"github.com/spazio-in-comune/sportello/internal/town"
)

// GrantRoleInput gives a role in an office, or in all ("*").
type GrantRoleInput struct {
	IdempotencyKey string
	PersonID       string
	Role           string
	OfficeCode     string
}

// RevokeRoleInput takes a role away.
type RevokeRoleInput GrantRoleInput

// unassignable are the roles that nobody is given: one is a citizen by being a person,
// and a ticket's holder by holding the ticket.
var unassignable = []town.Role{town.RoleCitizen, town.RoleTicket}

// GrantRole gives the role from now on and returns the roles that the person then
// holds. Giving what is held changes nothing. It needs role:grant in the office.
func (a *Authority) GrantRole(ctx context.Context, in GrantRoleInput) ([]HeldRole, error) {
	err := a.change(ctx, "grantRole", in, func(ctx context.Context, tx *store.Tx, by *Viewer) error {
		if err := checkGrant(ctx, tx, in); err != nil {
			return err
		}
		held, err := heldNow(ctx, tx, in)
		if err != nil || len(held) > 0 {
			return err
		}
		tx.Emit(roleEvent(town.EventRoleGranted, in, by))
		return tx.RoleAssignment.Create().
			SetID(town.NewID(town.PrefixAssignment, tx.Now)).SetPersonID(in.PersonID).
			SetRole(town.Role(in.Role)).SetOfficeID(in.OfficeCode).
			SetFrom(tx.Now).SetGrantedBy(by.ID).Exec(ctx)
	})
	if err != nil {
		return nil, err
	}
	return a.rolesOf(in.PersonID), nil
}

// RevokeRole ends the role at once, on live streams too, and returns the roles that
// the person still holds. It needs role:grant in the office.
func (a *Authority) RevokeRole(ctx context.Context, input RevokeRoleInput) ([]HeldRole, error) {
	in := GrantRoleInput(input)
	err := a.change(ctx, "revokeRole", in, func(ctx context.Context, tx *store.Tx, by *Viewer) error {
		held, err := heldNow(ctx, tx, in)
		if err != nil {
			return err
		}
		if len(held) == 0 {
			return town.Errorf(town.PreconditionFailed, "This person does not hold the role there.",
				"La persona non ha questo ruolo in questo ufficio.").At("input", "role")
		}
		for _, id := range held {
			if err := tx.RoleAssignment.UpdateOneID(id).SetTo(tx.Now).SetEndedBy(by.ID).Exec(ctx); err != nil {
				return fmt.Errorf("end the role: %w", err)
			}
		}
		tx.Emit(roleEvent(town.EventRoleRevoked, in, by))
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
	fact := town.EventPersonEnabled
	if disabled {
		fact = town.EventPersonDisabled
	}
	err = a.store.InTx(ctx, "disable a person", func(ctx context.Context, tx *store.Tx) error {
		if err := tx.Person.UpdateOneID(personID).SetDisabled(disabled).Exec(ctx); err != nil {
			return err
		}
		tx.Emit(town.Event{Type: fact, Parties: []string{personID}, Actor: v.ID, OnBehalfOf: v.OnBehalfOf()})
		return RolesChanged(ctx, tx)
	})
	if err != nil {
		return err
	}
	return a.Reload(ctx)
}

// change runs a change of roles once, raises the version with it, and takes the new
// snapshot before it answers.
func (a *Authority) change(ctx context.Context, name string, in GrantRoleInput, unit func(context.Context, *store.Tx, *Viewer) error) error {
	v, err := From(ctx)
	if err != nil {
		return err
	}
	if err := v.Require(RoleGrant, in.OfficeCode); err != nil {
		return err
	}
	once := store.Once{Actor: v.ID, Mutation: name, Key: in.IdempotencyKey, Input: in}
	_, _, err = a.store.Once(ctx, once, func(ctx context.Context, tx *store.Tx) (string, error) {
		if err := unit(ctx, tx, v); err != nil {
			return "", err
		}
		return in.PersonID, RolesChanged(ctx, tx)
	})
	if err != nil {
		return err
	}
	return a.Reload(ctx)
}

// roleEvent tells that a role was given or taken.
func roleEvent(fact town.EventType, in GrantRoleInput, by *Viewer) town.Event {
	return town.Event{
		Type: fact, OfficeID: in.OfficeCode, Parties: []string{in.PersonID}, Actor: by.ID, OnBehalfOf: by.OnBehalfOf(),
		Data: map[string]string{town.DataRole: in.Role},
	}
}

func checkGrant(ctx context.Context, tx *store.Tx, in GrantRoleInput) error {
	role := town.Role(in.Role)
	if !slices.Contains(town.Roles(), role) || slices.Contains(unassignable, role) {
		return town.Errorf(town.Invalid, "There is no such role to give.", "Il ruolo non esiste o non si assegna.").At("input", "role")
	}
	if _, err := tx.Person.Get(ctx, in.PersonID); ent.IsNotFound(err) {
		return town.Errorf(town.Invalid, "There is no such person.", "La persona non esiste.").At("input", "personId")
	} else if err != nil {
		return fmt.Errorf("look for the person: %w", err)
	}
	if in.OfficeCode == everywhere {
		return nil
	}
	if _, err := tx.Office.Get(ctx, in.OfficeCode); ent.IsNotFound(err) {
		return town.Errorf(town.Invalid, "There is no such office.", "L'ufficio non esiste.").At("input", "officeCode")
	} else if err != nil {
		return fmt.Errorf("look for the office: %w", err)
	}
	return nil
}

// heldNow are the ids of the assignments of the role that have not ended.
func heldNow(ctx context.Context, tx *store.Tx, in GrantRoleInput) ([]string, error) {
	ids, err := tx.RoleAssignment.Query().Where(
		roleassignment.PersonID(in.PersonID), roleassignment.RoleEQ(town.Role(in.Role)), roleassignment.OfficeID(in.OfficeCode),
		roleassignment.Or(roleassignment.ToIsNil(), roleassignment.ToGT(tx.Now)),
	).IDs(ctx)
	if err != nil {
		return nil, fmt.Errorf("look for the role: %w", err)
	}
	return ids, nil
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
