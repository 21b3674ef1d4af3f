package vault

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"

	"entgo.io/ent/dialect"
	"github.com/tink-crypto/tink-go/v2/aead"
	"github.com/tink-crypto/tink-go/v2/insecurecleartextkeyset"
	"github.com/tink-crypto/tink-go/v2/keyset"
	"github.com/tink-crypto/tink-go/v2/tink"

	"github.com/spazio-in-comune/sportello/ent"
	"github.com/spazio-in-comune/sportello/ent/subjectkey"
	"github.com/spazio-in-comune/sportello/internal/access"
	"github.com/spazio-in-comune/sportello/internal/store"
)

// keysPerQuery bounds how many keys are read at a time.
const keysPerQuery = 500

// keysToOpen are the keys of the subjects, by owner; nil for those that were destroyed.
// Keys that are not at hand are read with one query.
func (v *Vault) keysToOpen(ctx context.Context, subjects []string) (map[string]tink.AEAD, error) {
	keys := make(map[string]tink.AEAD, len(subjects))
	var missing []string
	for _, subject := range subjects {
		id := owner(subject)
		if _, done := keys[id]; done {
			continue
		}
		key, known := v.keys.get(id)
		keys[id] = key
		if !known {
			missing = append(missing, id)
		}
	}
	ctx = access.System(ctx, "vault.keys")
	for some := range slices.Chunk(missing, keysPerQuery) {
		if err := v.readKeys(ctx, some, keys); err != nil {
			return nil, err
		}
	}
	return keys, nil
}

// readKeys reads the keys of the owners into the map. A key that does not open was
// sealed by a key of the town that this process does not know yet, or with one that was
// retired between the reading of the row and of the keyring: once more helps.
func (v *Vault) readKeys(ctx context.Context, owners []string, keys map[string]tink.AEAD) error {
	const attempts = 3
	var err error
	for range attempts {
		if err = v.tryReadKeys(ctx, owners, keys); err == nil || !errors.Is(err, errUnwrap) {
			return err
		}
		stored, readErr := ringValue(ctx, v.store.Reader())
		if readErr != nil {
			return readErr
		}
		if followErr := v.follow(ctx, stored); followErr != nil {
			return followErr
		}
	}
	return err
}

func (v *Vault) tryReadKeys(ctx context.Context, owners []string, keys map[string]tink.AEAD) error {
	rows, err := v.store.Reader().SubjectKey.Query().Where(subjectkey.IDIn(owners...)).All(ctx)
	if err != nil {
		return fmt.Errorf("read the keys of %d persons: %w", len(owners), err)
	}
	if len(rows) < len(owners) {
		return fmt.Errorf("read the keys of %d persons: %d are not there", len(owners), len(owners)-len(rows))
	}
	r := v.ring.Load()
	for _, row := range rows {
		key, err := r.unwrap(row)
		if err != nil {
			return err
		}
		keys[row.ID] = key
		v.keys.put(row.ID, key)
	}
	return nil
}

// heldKey is under what a transaction holds a key that it has read or made. Only what
// has been committed goes to the cache.
type heldKey struct {
	vault *Vault
	owner string
}

// keyToSeal is the key of the owner, made in the transaction if there is none.
func (v *Vault) keyToSeal(ctx context.Context, tx *store.Tx, id string) (tink.AEAD, error) {
	held := heldKey{v, id}
	if key, ok := tx.Held(held).(tink.AEAD); ok {
		return key, nil
	}
	key, known := v.keys.get(id)
	if !known {
		var err error
		if key, err = v.findOrMake(access.System(ctx, "vault.keys"), tx, id); err != nil {
			return nil, err
		}
	}
	if key == nil {
		return nil, ErrErased
	}
	tx.Hold(held, key)
	return key, nil
}

func (v *Vault) findOrMake(ctx context.Context, tx *store.Tx, id string) (tink.AEAD, error) {
	row, err := tx.SubjectKey.Get(ctx, id)
	if ent.IsNotFound(err) {
		return v.makeKey(ctx, tx, id)
	}
	if err != nil {
		return nil, fmt.Errorf("read the key of a person: %w", err)
	}
	return v.unwrapIn(ctx, tx, row)
}

// unwrapIn opens a key within a transaction, whose keyring may be newer than ours.
func (v *Vault) unwrapIn(ctx context.Context, tx *store.Tx, row *ent.SubjectKey) (tink.AEAD, error) {
	key, err := v.ring.Load().unwrap(row)
	if err == nil {
		return key, nil
	}
	if err := v.hold(ctx, tx); err != nil {
		return nil, err
	}
	return v.ring.Load().unwrap(row)
}

// makeKey gives the owner a key. It is sealed with the town's newest key: the row of
// the keyring is held until the end of the transaction, so that a rotation waits for it
// and finds the new row.
func (v *Vault) makeKey(ctx context.Context, tx *store.Tx, id string) (tink.AEAD, error) {
	if err := v.hold(ctx, tx); err != nil {
		return nil, err
	}
	key, err := v.ring.Load().newKey(ctx, tx, id)
	if !ent.IsConstraintError(err) {
		return key, err
	}
	// Somebody else was quicker. The transaction may not see their row yet, hence a
	// reading that locks.
	wrapped, err := wrappedNow(ctx, tx, id)
	if err != nil {
		return nil, err
	}
	return v.ring.Load().unwrap(&ent.SubjectKey{ID: id, Wrapped: wrapped})
}

// hold reads the keyring in the transaction, keeps it from being changed until the end
// of the transaction, and follows it.
func (v *Vault) hold(ctx context.Context, tx *store.Tx) error {
	var stored []byte
	if err := scanOne(ctx, tx, "SELECT value FROM settings WHERE id = ?", settingRing, &stored); err != nil {
		return fmt.Errorf("read the keyring: %w", err)
	}
	return v.follow(ctx, stored)
}

// wrappedNow is the key of the owner as it was committed last; nil if it was destroyed.
func wrappedNow(ctx context.Context, tx *store.Tx, id string) ([]byte, error) {
	var wrapped []byte
	if err := scanOne(ctx, tx, "SELECT wrapped FROM subject_keys WHERE id = ?", id, &wrapped); err != nil {
		return nil, fmt.Errorf("read the key of a person: %w", err)
	}
	return wrapped, nil
}

// scanOne reads one value of one row, with a shared lock on MySQL, whose transactions
// run side by side. SQLite's run one after the other.
func scanOne(ctx context.Context, tx *store.Tx, query, id string, to *[]byte) error {
	if tx.Dialect() == dialect.MySQL {
		query += " LOCK IN SHARE MODE" // MariaDB does not know FOR SHARE
	}
	rows, err := tx.QueryContext(ctx, query, id)
	if err != nil {
		return err
	}
	defer func() { _ = rows.Close() }()
	if !rows.Next() {
		return errors.Join(errors.New("there is no such row"), rows.Err())
	}
	return errors.Join(rows.Scan(to), rows.Err())
}

// errUnwrap says that the key of a person does not open with the keyring at hand.
var errUnwrap = errors.New("the key of a person does not open with the keyring")

// unwrap opens the key of a person; nil if it was destroyed.
func (r *ring) unwrap(row *ent.SubjectKey) (tink.AEAD, error) {
	if len(row.Wrapped) == 0 {
		return nil, nil
	}
	plain, err := r.aead.Decrypt(row.Wrapped, r.keyData(row.ID))
	if err != nil {
		return nil, fmt.Errorf("%w: %s", errUnwrap, row.ID)
	}
	handle, err := insecurecleartextkeyset.Read(keyset.NewBinaryReader(bytes.NewReader(plain)))
	if err != nil {
		return nil, fmt.Errorf("read the key of a person: %w", err)
	}
	return primitive(handle)
}

// newKey makes and stores the key of an owner.
func (r *ring) newKey(ctx context.Context, tx *store.Tx, id string) (tink.AEAD, error) {
	handle, err := keyset.NewHandle(aead.AES256GCMKeyTemplate())
	if err != nil {
		return nil, fmt.Errorf("make a key: %w", err)
	}
	// The keyset goes from here into the town's AEAD and nowhere else. Sealed as one
	// piece, rather than in Tink's envelope, its first bytes name the key that sealed it.
	var plain bytes.Buffer
	if err := insecurecleartextkeyset.Write(handle, keyset.NewBinaryWriter(&plain)); err != nil {
		return nil, fmt.Errorf("write a key: %w", err)
	}
	wrapped, err := r.aead.Encrypt(plain.Bytes(), r.keyData(id))
	if err != nil {
		return nil, fmt.Errorf("seal a key: %w", err)
	}
	if err := tx.SubjectKey.Create().SetID(id).SetWrapped(wrapped).SetCreatedAt(tx.Now).Exec(ctx); err != nil {
		return nil, fmt.Errorf("store a key: %w", err)
	}
	return primitive(handle)
}

func primitive(handle *keyset.Handle) (tink.AEAD, error) {
	key, err := aead.New(handle)
	if err != nil {
		return nil, fmt.Errorf("use a key: %w", err)
	}
	return key, nil
}

func (r *ring) keyData(id string) []byte { return bound("sportello key", r.town, id) }
