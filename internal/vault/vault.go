package vault

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/spazio-in-comune/sportello/ent"
	"github.com/spazio-in-comune/sportello/ent/setting"
	"github.com/spazio-in-comune/sportello/internal/access"
	"github.com/spazio-in-comune/sportello/internal/store"
	"github.com/spazio-in-comune/sportello/internal/town"
)

// settingRing is the setting that holds the keyring.
const settingRing = "keyring"

// ErrErased says that the key was destroyed, and with it the data.
var ErrErased = errors.New("these personal data were erased")

// errErasedPerson tells a person why nothing can be written.
func errErasedPerson() error {
	e := town.Errorf(town.PreconditionFailed, "The data of this person were erased: nothing more can be written about them.",
		"I dati di questa persona sono stati cancellati: non si può scrivere altro che la riguardi.")
	e.Cause = ErrErased
	return e
}

// Vault seals and opens. It is safe for many goroutines.
type Vault struct {
	store *store.Store
	kek   KEK

	ring    atomic.Pointer[ring]
	opening sync.Mutex // held while the keyring is read again
	keys    *keyCache
}

// New opens the town's keyring with the key-encryption key. In a database without one
// it makes both; a database that has one is never given another.
func New(ctx context.Context, s *store.Store, kek KEK) (*Vault, error) {
	return open(ctx, s, kek, (*Vault).makeRing)
}

// errNoRing says that nothing has been sealed yet.
var errNoRing = errors.New("this database has no keyring yet: its server makes it when it starts")

// Existing opens the keyring of a database that has one, and makes nothing.
func Existing(ctx context.Context, s *store.Store, kek KEK) (*Vault, error) {
	return open(ctx, s, kek, func(*Vault, context.Context) (*ring, error) { return nil, errNoRing })
}

func open(ctx context.Context, s *store.Store, kek KEK, missing func(*Vault, context.Context) (*ring, error)) (*Vault, error) {
	v := &Vault{store: s, kek: kek, keys: newKeyCache(time.Now)}
	ctx = access.System(ctx, "vault.keys")
	r, err := v.readRing(ctx, s.Reader())
	if ent.IsNotFound(err) {
		r, err = missing(v, ctx)
	}
	if err != nil {
		return nil, err
	}
	v.ring.Store(r)
	return v, nil
}

// Seal seals what is about the person for its place, in the caller's transaction. The
// empty id stands for somebody who is not known: the key of the town. Nothing is sealed
// as nothing. After [Vault.Destroy] it
// refuses with PRECONDITION_FAILED, caused by [ErrErased].
func (v *Vault) Seal(ctx context.Context, tx *store.Tx, subject string, at Place, plain []byte) ([]byte, error) {
	if len(plain) == 0 {
		return nil, nil
	}
	if len(subject) > maxSubject {
		return nil, fmt.Errorf("seal %s.%s: an id of %d bytes is none of ours", at.Table, at.Column, len(subject))
	}
	key, err := v.keyToSeal(ctx, tx, owner(subject))
	if errors.Is(err, ErrErased) {
		return nil, errErasedPerson()
	}
	if err != nil {
		return nil, fmt.Errorf("seal %s.%s: %w", at.Table, at.Column, err)
	}
	ciphertext, err := key.Encrypt(plain, v.dataOf(at, subject))
	if err != nil {
		return nil, fmt.Errorf("seal %s.%s: %w", at.Table, at.Column, err)
	}
	return form(subject, ciphertext), nil
}

// Open opens what stands in a place and notes that it was read. Nothing opens as
// nothing. It reads what has been committed: within the transaction that seals a value
// it cannot be opened. Erased data give [ErrErased].
func (v *Vault) Open(ctx context.Context, at Place, sealed []byte) ([]byte, error) {
	opened, err := v.openAll(ctx, []Sealed{{At: at, Data: sealed}}, func(error) error { return ErrErased })
	if err != nil {
		return nil, err
	}
	return opened[0], nil
}

// OpenAll opens many values with one query for the keys at most, and notes that they
// were read. The answers stand in the order of what was asked; nil is for what was
// empty or has been erased.
func (v *Vault) OpenAll(ctx context.Context, values []Sealed) ([][]byte, error) {
	return v.openAll(ctx, values, func(error) error { return nil })
}

// openAll opens the values; erased says what becomes of one whose key was destroyed.
func (v *Vault) openAll(ctx context.Context, values []Sealed, erased func(error) error) ([][]byte, error) {
	subjects, ciphertexts, err := take(values)
	if err != nil {
		return nil, err
	}
	keys, err := v.keysToOpen(ctx, subjects)
	if err != nil {
		return nil, err
	}
	opened := make([][]byte, len(values))
	reads := make([]access.Read, 0, len(values))
	for i, value := range values {
		if len(value.Data) == 0 {
			continue
		}
		key := keys[owner(subjects[i])]
		if key == nil {
			if err := erased(ErrErased); err != nil {
				return nil, value.At.cannotOpen(err)
			}
			continue
		}
		if opened[i], err = key.Decrypt(ciphertexts[i], v.dataOf(value.At, subjects[i])); err != nil {
			return nil, value.At.cannotOpen(err)
		}
		reads = append(reads, access.Read{Object: value.At.Row, Subject: subjects[i], Field: value.At.Table + "." + value.At.Column})
	}
	access.NoteRead(ctx, reads...)
	return opened, nil
}

// take takes the sealed values apart. What is empty has no subject.
func take(values []Sealed) (subjects []string, ciphertexts [][]byte, err error) {
	subjects, ciphertexts = make([]string, len(values)), make([][]byte, len(values))
	for i, value := range values {
		if len(value.Data) == 0 {
			continue
		}
		if subjects[i], ciphertexts[i], err = parse(value.Data); err != nil {
			return nil, nil, value.At.cannotOpen(err)
		}
	}
	return subjects, ciphertexts, nil
}

// Key is what a value of a kind, such as a tax code, is found by: the same for the same
// value, 64 hexadecimal digits, of no use to who does not have the town's key.
func (v *Vault) Key(kind, value string) string {
	const size = 32
	sum, err := v.ring.Load().prf.ComputePrimaryPRF(bound(kind, value), size)
	if err != nil { // HMAC-SHA256 gives 32 bytes of anything
		panic(fmt.Sprintf("hash with the key of the town: %v", err))
	}
	return hex.EncodeToString(sum)
}

// Sign signs with the town's key, such as a head of the audit.
func (v *Vault) Sign(data []byte) ([]byte, error) {
	signed, err := v.ring.Load().signer.Sign(data)
	if err != nil {
		return nil, fmt.Errorf("sign: %w", err)
	}
	return signed, nil
}

// PublicKey is the Ed25519 key of 32 bytes (RFC 8032) that verifies the town's signatures.
func (v *Vault) PublicKey() []byte { return slices.Clone(v.ring.Load().public) }

// VerifySignature is nil if the town has signed the data.
func (v *Vault) VerifySignature(data, signature []byte) error {
	if err := v.ring.Load().verifier.Verify(signature, data); err != nil {
		return fmt.Errorf("verify a signature: %w", err)
	}
	return nil
}

// String keeps keys out of texts.
func (*Vault) String() string { return "vault" }

// GoString keeps keys out of debugging texts.
func (*Vault) GoString() string { return "vault" }

// LogValue keeps keys out of logs.
func (*Vault) LogValue() slog.Value { return slog.StringValue("vault") }

// dataOf are the associated data of a value.
func (v *Vault) dataOf(at Place, subject string) []byte {
	return bound("sportello sealed", v.ring.Load().town, at.Table, at.Column, at.Row, subject)
}

// owner is under which id the subject's key is kept.
func owner(subject string) string {
	if subject == "" {
		return townSubject
	}
	return subject
}

// makeRing makes the keyring of a new town. If another process has made one in the
// meantime, it counts.
func (v *Vault) makeRing(ctx context.Context) (*ring, error) {
	if m, ok := v.kek.(maker); ok {
		if err := m.Make(); err != nil {
			return nil, err
		}
	}
	made, err := newRing(v.store.Clock().Now())
	if err != nil {
		return nil, err
	}
	stored, err := made.store(ctx, v.kek)
	if err != nil {
		return nil, err
	}
	err = v.store.InTx(ctx, "make the keyring", func(ctx context.Context, tx *store.Tx) error {
		if err := tx.Setting.Create().SetID(settingRing).SetValue(stored).SetUpdatedAt(tx.Now).Exec(ctx); err != nil {
			return err
		}
		_, err := made.newKey(ctx, tx, townSubject)
		return err
	})
	if err != nil && !ent.IsConstraintError(err) {
		return nil, fmt.Errorf("make the keyring: %w", err)
	}
	return v.readRing(ctx, v.store.Reader())
}

// readRing reads and opens the keyring.
func (v *Vault) readRing(ctx context.Context, db *ent.Client) (*ring, error) {
	stored, err := ringValue(ctx, db)
	if err != nil {
		return nil, err
	}
	return openRing(ctx, v.kek, stored)
}

func ringValue(ctx context.Context, db *ent.Client) ([]byte, error) {
	row, err := db.Setting.Query().Where(setting.ID(settingRing)).Only(ctx)
	if err != nil {
		return nil, fmt.Errorf("read the keyring: %w", err)
	}
	return row.Value, nil
}

// follow makes the keyring the stored one. Another process, or another replica, may have
// given the town a new key.
func (v *Vault) follow(ctx context.Context, stored []byte) error {
	v.opening.Lock()
	defer v.opening.Unlock()
	if string(v.ring.Load().stored) == string(stored) {
		return nil
	}
	r, err := openRing(ctx, v.kek, stored)
	if err != nil {
		return err
	}
	v.ring.Store(r)
	return nil
}
