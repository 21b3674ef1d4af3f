package identity

import (
	"context"
	"errors"
	"fmt"

	"github.com/spazio-in-comune/sportello/ent"
	"github.com/spazio-in-comune/sportello/ent/person"
	"github.com/spazio-in-comune/sportello/internal/access"
	"github.com/spazio-in-comune/sportello/internal/store"
	"github.com/spazio-in-comune/sportello/internal/town"
	"github.com/spazio-in-comune/sportello/internal/vault"
)

// SeedDemo makes the store a demo town, with the demo issuer's key and people
// of every role; what is there already stays as it is. A store that holds people and
// is no demo town is refused: it may be a real one. Reload the Authority afterwards.
func SeedDemo(ctx context.Context, s *store.Store, v *vault.Vault) error {
	ctx = access.System(ctx, "identity.seed")
	return s.InTx(ctx, "seed the demo people", func(ctx context.Context, tx *store.Tx) error {
		if err := markDemo(ctx, tx); err != nil {
			return err
		}
		known, err := knownLogins(ctx, tx)
		if err != nil {
			return err
		}
		if err := enterCitizens(ctx, tx, v, known, demoCitizens()); err != nil {
			return err
		}
		changed := false
		for _, m := range demoMembers() {
			if known[m.login] {
				continue
			}
			if err := enterMember(ctx, tx, m); err != nil {
				return err
			}
			changed = true
		}
		if !changed {
			return nil
		}
		return access.RolesChanged(ctx, tx)
	})
}

// SeedCitizens enters further invented residents of a demo town, who can sign in by
// their logins; known logins are left as they are.
func SeedCitizens(ctx context.Context, s *store.Store, v *vault.Vault, citizens []DemoCitizen) error {
	demo, err := IsDemo(ctx, s)
	if err != nil {
		return err
	}
	if !demo {
		return errNotDemo
	}
	ctx = access.System(ctx, "identity.seed")
	return s.InTx(ctx, "seed citizens", func(ctx context.Context, tx *store.Tx) error {
		known, err := knownLogins(ctx, tx)
		if err != nil {
			return err
		}
		return enterCitizens(ctx, tx, v, known, citizens)
	})
}

func markDemo(ctx context.Context, tx *store.Tx) error {
	_, err := readSetting(ctx, tx.Client, settingDemo)
	if err == nil || !ent.IsNotFound(err) {
		return err
	}
	anybody, err := tx.Person.Query().Exist(ctx)
	if err != nil {
		return fmt.Errorf("look for people: %w", err)
	}
	if anybody {
		return errors.New("this database holds people and is not a demo town: start it without --demo, or name another folder with --data")
	}
	if err := ensureKey(ctx, tx, settingDemoKey); err != nil {
		return err
	}
	return putSetting(ctx, tx, settingDemo, []byte("yes"))
}

func knownLogins(ctx context.Context, tx *store.Tx) (map[string]bool, error) {
	var logins []string
	err := tx.Person.Query().Where(person.Not(person.LoginHasPrefix(loginPrefix))).Select(person.FieldLogin).Scan(ctx, &logins)
	if err != nil {
		return nil, fmt.Errorf("list the demo people: %w", err)
	}
	known := make(map[string]bool, len(logins))
	for _, login := range logins {
		known[login] = true
	}
	return known, nil
}

func enterCitizens(ctx context.Context, tx *store.Tx, v *vault.Vault, known map[string]bool, citizens []DemoCitizen) error {
	for _, c := range citizens {
		if known[c.Login] {
			continue
		}
		if _, err := enter(ctx, tx, v, c.Login, c.Personal); err != nil {
			return err
		}
	}
	return nil
}

func enterMember(ctx context.Context, tx *store.Tx, m demoMember) error {
	id := town.NewID(town.PrefixPerson, tx.Now)
	err := tx.Person.Create().SetID(id).SetLogin(m.login).SetKind(m.kind).SetLabel(m.label).SetCreatedAt(tx.Now).Exec(ctx)
	if err != nil {
		return fmt.Errorf("enter %s: %w", m.login, err)
	}
	for _, r := range m.roles {
		err := tx.RoleAssignment.Create().
			SetID(town.NewID(town.PrefixAssignment, tx.Now)).SetPersonID(id).SetRole(r.role).SetOfficeID(r.office).SetServices(r.services).
			SetFrom(tx.Now).SetGrantedBy("system:seed").Exec(ctx)
		if err != nil {
			return fmt.Errorf("give %s to %s: %w", r.role, m.login, err)
		}
	}
	return nil
}
