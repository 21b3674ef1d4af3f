package identity

import (
	"context"
	"fmt"

	"github.com/spazio-in-comune/sportello/ent"
	"github.com/spazio-in-comune/sportello/ent/person"
	"github.com/spazio-in-comune/sportello/internal/access"
	"github.com/spazio-in-comune/sportello/internal/store"
	"github.com/spazio-in-comune/sportello/internal/town"
)

// AddStaff enters a member of staff from the command line, unless they are known, and
// gives them the role. Refusals are those of [EnterMember] and of access.GrantRole; a role
// that is refused leaves a member without it.
func AddStaff(ctx context.Context, s *store.Store, who NewMember, role town.Role, office string) error {
	authority, err := access.NewAuthority(ctx, s)
	if err != nil {
		return err
	}
	ctx = access.System(ctx, "command-line")
	id, err := s.Reader().Person.Query().Where(person.Login(who.Login), person.Kind(town.PersonStaff)).OnlyID(ctx)
	if ent.IsNotFound(err) {
		err = s.InTx(ctx, "enter a member of staff", func(ctx context.Context, tx *store.Tx) error {
			id, err = EnterMember(ctx, tx, who)
			return err
		})
		if err != nil {
			return err
		}
	} else if err != nil {
		return fmt.Errorf("look for a member of staff: %w", err)
	}
	_, err = authority.GrantRole(ctx, access.GrantRoleInput{
		IdempotencyKey: town.NewID("staff", s.Clock().Now()), PersonID: id, Role: string(role), OfficeCode: office,
	})
	return err
}
