package vault

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"

	"github.com/tink-crypto/tink-go/v2/keyset"

	"github.com/spazio-in-comune/sportello/ent"
	"github.com/spazio-in-comune/sportello/ent/setting"
	"github.com/spazio-in-comune/sportello/ent/subjectkey"
	"github.com/spazio-in-comune/sportello/internal/access"
	"github.com/spazio-in-comune/sportello/internal/store"
)

// rotationBatch is how many keys are sealed anew in one transaction: some milliseconds.
const rotationBatch = 200

// Rotation says how to rotate.
type Rotation struct {
	// KeepKEK leaves the key-encryption key as it is, for houses on several machines
	// whose key file has to be brought to each of them first.
	KeepKEK bool
	// Progress is told how many keys of how many have been looked at; nil tells nobody.
	Progress func(done, total int)
}

// Rotate gives the town a new key, seals every person's key with it, and disables the
// keys before it. A key file is given a new key as well; a key management service
// rotates by itself, and the keyring is sealed again with its newest.
//
// The house works meanwhile: an old key opens until no row needs it, and whoever meets
// a key that they do not know reads the keyring again. A rotation that was interrupted
// goes on when it is started again.
func (v *Vault) Rotate(ctx context.Context, how Rotation) error {
	ctx = access.System(ctx, "vault.rotate")
	file, renews := v.kek.(renewer)
	renews = renews && !how.KeepKEK
	if renews {
		if err := file.Renew(ctx); err != nil {
			return err
		}
	}
	if err := v.changeRing(ctx, renewed); err != nil {
		return err
	}
	for {
		changed, err := v.rewrapAll(ctx, how.Progress)
		if err != nil {
			return err
		}
		if changed == 0 {
			break
		}
	}
	if err := v.changeRing(ctx, retired); err != nil {
		return err
	}
	if renews {
		return file.Retire(ctx)
	}
	return nil
}

// changeRing changes the keys of the town and seals the keyring anew. Another program
// may do so at the same time: then it looks again.
func (v *Vault) changeRing(ctx context.Context, to func(*keyset.Handle) (*keyset.Handle, error)) error {
	const attempts = 5
	for range attempts {
		done, err := v.tryChangeRing(ctx, to)
		if err != nil || done {
			return err
		}
	}
	return errors.New("change the keyring: somebody else changes it all the time")
}

func (v *Vault) tryChangeRing(ctx context.Context, to func(*keyset.Handle) (*keyset.Handle, error)) (done bool, err error) {
	before, err := ringValue(ctx, v.store.Reader())
	if err != nil {
		return false, err
	}
	r, err := openRing(ctx, v.kek, before)
	if err != nil {
		return false, err
	}
	if r.aeadKeys, err = to(r.aeadKeys); err != nil {
		return false, err
	}
	now := v.store.Clock().Now().UTC()
	r.rotated = &now
	after, err := r.store(ctx, v.kek)
	if err != nil {
		return false, err
	}
	err = v.store.InTx(ctx, "change the keyring", func(ctx context.Context, tx *store.Tx) error {
		n, err := tx.Setting.Update().Where(setting.ID(settingRing), setting.ValueEQ(before)).
			SetValue(after).SetUpdatedAt(tx.Now).Save(ctx)
		done = n == 1
		return err
	})
	if err != nil || !done {
		return false, err
	}
	return true, v.follow(ctx, after)
}

// rewrapAll seals the persons' keys with the town's newest key and counts those that
// were not.
func (v *Vault) rewrapAll(ctx context.Context, progress func(done, total int)) (changed int, err error) {
	total, err := v.store.Reader().SubjectKey.Query().Where(subjectkey.WrappedNotNil()).Count(ctx)
	if err != nil {
		return 0, fmt.Errorf("count the keys: %w", err)
	}
	last, done := "", 0
	for {
		rows, err := v.store.Reader().SubjectKey.Query().
			Where(subjectkey.IDGT(last), subjectkey.WrappedNotNil()).
			Order(ent.Asc(subjectkey.FieldID)).Limit(rotationBatch).All(ctx)
		if err != nil {
			return changed, fmt.Errorf("read keys to seal anew: %w", err)
		}
		if len(rows) == 0 {
			return changed, nil
		}
		n, err := v.rewrap(ctx, rows)
		if err != nil {
			return changed, err
		}
		changed += n
		done += len(rows)
		last = rows[len(rows)-1].ID
		if progress != nil {
			progress(done, max(done, total))
		}
	}
}

// rewrap seals those of the keys anew that are not sealed with the newest.
func (v *Vault) rewrap(ctx context.Context, rows []*ent.SubjectKey) (int, error) {
	r := v.ring.Load()
	newest := r.newest()
	type fresh struct {
		id             string
		before, sealed []byte
	}
	var todo []fresh
	for _, row := range rows {
		if bytes.HasPrefix(row.Wrapped, newest) {
			continue
		}
		plain, err := r.aead.Decrypt(row.Wrapped, r.keyData(row.ID))
		if err != nil {
			return 0, fmt.Errorf("%w: %s; nothing was disabled", errUnwrap, row.ID)
		}
		sealed, err := r.aead.Encrypt(plain, r.keyData(row.ID))
		if err != nil {
			return 0, fmt.Errorf("seal a key anew: %w", err)
		}
		todo = append(todo, fresh{row.ID, row.Wrapped, sealed})
	}
	if len(todo) == 0 {
		return 0, nil
	}
	err := v.store.InTx(ctx, "seal keys anew", func(ctx context.Context, tx *store.Tx) error {
		for _, key := range todo {
			// A key that was destroyed in the meantime stays destroyed.
			err := tx.SubjectKey.Update().Where(subjectkey.ID(key.id), subjectkey.WrappedEQ(key.before)).
				SetWrapped(key.sealed).SetRotatedAt(tx.Now).Exec(ctx)
			if err != nil {
				return err
			}
		}
		return nil
	})
	return len(todo), err
}

// newest is how what is sealed with the newest key begins: Tink's byte for the form,
// and the id of the key.
func (r *ring) newest() []byte {
	return binary.BigEndian.AppendUint32([]byte{1}, r.aeadKeys.KeysetInfo().GetPrimaryKeyId())
}
