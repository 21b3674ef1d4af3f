package sessions

import (
	"context"
	"crypto/subtle"
	"fmt"
	"time"

	"github.com/spazio-in-comune/sportello/ent"
	"github.com/spazio-in-comune/sportello/ent/onetime"
	"github.com/spazio-in-comune/sportello/internal/access"
	"github.com/spazio-in-comune/sportello/internal/store"
)

// purpose tells sign-ins under way from other secrets that open something once.
const purpose = "sign-in"

// attemptLife is how long somebody may take to sign in at the issuer.
const attemptLife = 10 * time.Minute

// dataBrowser names the entry with the hash of the secret of the browser that began.
const dataBrowser = "browser"

// Begin remembers a sign-in under way: what its end needs to know, by name, under the
// hash of its state. Only the browser with that secret can end it.
func (s *Sessions) Begin(ctx context.Context, state, browser string, data map[string]string) error {
	kept := map[string]string{dataBrowser: hash(browser)}
	for name, value := range data {
		kept[name] = value
	}
	ctx = access.System(ctx, "sessions.begin")
	return s.store.InTx(ctx, "remember a sign-in under way", func(ctx context.Context, tx *store.Tx) error {
		err := tx.OneTime.Create().SetID(hash(state)).SetPurpose(purpose).SetData(kept).
			SetExpiresAt(s.now().UTC().Add(attemptLife)).Exec(ctx)
		if err != nil {
			return fmt.Errorf("remember a sign-in under way: %w", err)
		}
		return nil
	})
}

// Finish gives what was remembered of a sign-in, once: whoever deletes the row has it.
// False for a state that nobody knows, that was used, that is too old, or that another
// browser began.
func (s *Sessions) Finish(ctx context.Context, state, browser string) (map[string]string, bool, error) {
	if !isSecret(state) || !isSecret(browser) {
		return nil, false, nil
	}
	var data map[string]string
	ctx = access.System(ctx, "sessions.finish")
	err := s.store.InTx(ctx, "finish a sign-in", func(ctx context.Context, tx *store.Tx) error {
		data = nil // the unit may run again
		row, err := tx.OneTime.Query().
			Where(onetime.ID(hash(state)), onetime.Purpose(purpose), onetime.ExpiresAtGT(s.now())).Only(ctx)
		if ent.IsNotFound(err) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("look for a sign-in under way: %w", err)
		}
		if subtle.ConstantTimeCompare([]byte(row.Data[dataBrowser]), []byte(hash(browser))) != 1 {
			return nil
		}
		n, err := tx.OneTime.Delete().Where(onetime.ID(row.ID)).Exec(ctx)
		if err != nil {
			return fmt.Errorf("use up a sign-in: %w", err)
		}
		if n == 1 {
			data = row.Data
		}
		return nil
	})
	return data, data != nil, err
}
