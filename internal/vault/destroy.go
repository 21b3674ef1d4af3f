package vault

import (
	"context"
	"errors"
	"fmt"

	"github.com/spazio-in-comune/sportello/ent/subjectkey"
	"github.com/spazio-in-comune/sportello/internal/access"
	"github.com/spazio-in-comune/sportello/internal/store"
)

// errTownKey says that the town's own key stays.
var errTownKey = errors.New("the key of the town is nobody's: it cannot be destroyed")

// Destroy destroys the key of a person in the caller's transaction: all that is sealed
// about them is erased, wherever it stands. It cannot be undone once committed, nor can
// anything be sealed for that person again. Once more changes nothing.
//
// This process uses the key no more from here on, another one for [keyLife] at most.
func (v *Vault) Destroy(ctx context.Context, tx *store.Tx, subject string) error {
	if owner(subject) == townSubject {
		return errTownKey
	}
	ctx = access.System(ctx, "vault.destroy")
	v.keys.doom(subject)
	tx.Hold(heldKey{v, subject}, nil)
	destroyed, err := tx.SubjectKey.Update().
		Where(subjectkey.ID(subject), subjectkey.DestroyedAtIsNil()).
		ClearWrapped().SetDestroyedAt(tx.Now).Save(ctx)
	if err != nil {
		return fmt.Errorf("destroy a key: %w", err)
	}
	if destroyed > 0 {
		return nil
	}
	known, err := tx.SubjectKey.Query().Where(subjectkey.ID(subject)).Exist(ctx)
	if err != nil || known {
		return err
	}
	// Nothing was sealed yet; nothing will be.
	if err := tx.SubjectKey.Create().SetID(subject).SetCreatedAt(tx.Now).SetDestroyedAt(tx.Now).Exec(ctx); err != nil {
		return fmt.Errorf("destroy a key: %w", err)
	}
	return nil
}
