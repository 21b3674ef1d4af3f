package vault

import (
	"bytes"
	"cmp"
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/tink-crypto/tink-go/v2/aead"
	"github.com/tink-crypto/tink-go/v2/keyset"
	"github.com/tink-crypto/tink-go/v2/prf"
	tinkpb "github.com/tink-crypto/tink-go/v2/proto/tink_go_proto"
	"github.com/tink-crypto/tink-go/v2/signature"
	"github.com/tink-crypto/tink-go/v2/signature/ed25519"
	"github.com/tink-crypto/tink-go/v2/tink"
)

// storedRing is the keyring as the setting "keyring" holds it.
type storedRing struct {
	// Town is a random name, bound to every value: what another town has sealed does
	// not open here.
	Town string `json:"town"`
	// The keysets, each sealed by the key-encryption key.
	AEAD      []byte     `json:"aead"`
	PRF       []byte     `json:"prf"`
	Signature []byte     `json:"signature"`
	MadeAt    time.Time  `json:"madeAt"`
	RotatedAt *time.Time `json:"rotatedAt,omitempty"`
}

// ring is the keyring, opened.
type ring struct {
	town    string
	madeAt  time.Time
	rotated *time.Time

	aeadKeys, prfKeys, signatureKeys *keyset.Handle

	aead     tink.AEAD
	prf      *prf.Set
	signer   tink.Signer
	verifier tink.Verifier
	// public is the Ed25519 public key of the signer.
	public []byte

	// stored is what it was read from.
	stored []byte
}

// newRing makes the keyring of a new town.
func newRing(now time.Time) (*ring, error) {
	r := &ring{town: rand.Text(), madeAt: now}
	for _, k := range []struct {
		handle **keyset.Handle
		kind   *tinkpb.KeyTemplate
	}{
		{&r.aeadKeys, aead.AES256GCMKeyTemplate()},
		{&r.prfKeys, prf.HMACSHA256PRFKeyTemplate()},
		// Without a prefix of Tink's: any tool verifies what the town has signed.
		{&r.signatureKeys, signature.ED25519KeyWithoutPrefixTemplate()},
	} {
		handle, err := keyset.NewHandle(k.kind)
		if err != nil {
			return nil, fmt.Errorf("make a key of the keyring: %w", err)
		}
		*k.handle = handle
	}
	return r, r.ready()
}

// ready makes the keysets usable.
func (r *ring) ready() (err error) {
	if r.aead, err = aead.New(r.aeadKeys); err != nil {
		return fmt.Errorf("use the keyring: %w", err)
	}
	if r.prf, err = prf.NewPRFSet(r.prfKeys); err != nil {
		return fmt.Errorf("use the keyring: %w", err)
	}
	if r.signer, err = signature.NewSigner(r.signatureKeys); err != nil {
		return fmt.Errorf("use the keyring: %w", err)
	}
	public, err := r.signatureKeys.Public()
	if err != nil {
		return fmt.Errorf("use the keyring: %w", err)
	}
	if r.verifier, err = signature.NewVerifier(public); err != nil {
		return fmt.Errorf("use the keyring: %w", err)
	}
	primary, err := public.Primary()
	if err != nil {
		return fmt.Errorf("use the keyring: %w", err)
	}
	key, ok := primary.Key().(*ed25519.PublicKey)
	if !ok {
		return fmt.Errorf("use the keyring: the town signs with a %T", primary.Key())
	}
	r.public = key.KeyBytes()
	return nil
}

// store seals the keyring.
func (r *ring) store(ctx context.Context, kek KEK) ([]byte, error) {
	kept := storedRing{Town: r.town, MadeAt: r.madeAt, RotatedAt: r.rotated}
	for _, k := range []struct {
		name   string
		handle *keyset.Handle
		to     *[]byte
	}{
		{"aead", r.aeadKeys, &kept.AEAD}, {"prf", r.prfKeys, &kept.PRF}, {"signature", r.signatureKeys, &kept.Signature},
	} {
		var sealed bytes.Buffer
		if err := k.handle.WriteWithContext(ctx, keyset.NewBinaryWriter(&sealed), kek, ringData(r.town, k.name)); err != nil {
			return nil, fmt.Errorf("seal the keyring with the %s: %w", kek.Name(), err)
		}
		*k.to = sealed.Bytes()
	}
	stored, err := json.Marshal(kept)
	if err != nil {
		return nil, fmt.Errorf("write the keyring: %w", err)
	}
	return stored, nil
}

// openRing opens the stored keyring.
func openRing(ctx context.Context, kek KEK, stored []byte) (*ring, error) {
	var kept storedRing
	if err := json.Unmarshal(stored, &kept); err != nil {
		return nil, fmt.Errorf("read the keyring: %w", err)
	}
	r := &ring{town: kept.Town, madeAt: kept.MadeAt, rotated: kept.RotatedAt, stored: stored}
	keeper := &keeping{KEK: kek}
	for _, k := range []struct {
		name   string
		sealed []byte
		to     **keyset.Handle
	}{
		{"aead", kept.AEAD, &r.aeadKeys}, {"prf", kept.PRF, &r.prfKeys}, {"signature", kept.Signature, &r.signatureKeys},
	} {
		handle, err := keyset.ReadWithContext(ctx, keyset.NewBinaryReader(bytes.NewReader(k.sealed)), keeper, ringData(kept.Town, k.name))
		if err != nil {
			return nil, cannotOpenRing(kek, cmp.Or(keeper.err, err))
		}
		*k.to = handle
	}
	return r, r.ready()
}

// ErrWrongKey says that the key file is not the one of this database.
var ErrWrongKey = errors.New("the key file does not open the keyring of this database")

// cannotOpenRing says what to do about it.
func cannotOpenRing(kek KEK, err error) error {
	switch {
	case errors.Is(err, ErrNoKeyFile):
		return fmt.Errorf("%w; this database has personal data sealed under it, and without it nothing of them can be read: "+
			"put the file back from the copy you keep beside the backups, or say where it is with --key-file", err)
	case errors.Is(err, ErrWrongKey):
		return fmt.Errorf("%w: put back the key file that belongs to this database, or say where it is with --key-file", err)
	default:
		return fmt.Errorf("open the keyring with the %s: %w", kek.Name(), err)
	}
}

// keeping is a KEK that keeps its last error, which Tink passes on as words only.
type keeping struct {
	KEK
	err error
}

// DecryptWithContext implements [KEK].
func (k *keeping) DecryptWithContext(ctx context.Context, sealed, data []byte) ([]byte, error) {
	plain, err := k.KEK.DecryptWithContext(ctx, sealed, data)
	k.err = err
	return plain, err
}

func ringData(town, keys string) []byte { return bound("sportello keyring", town, keys) }

// renewed is the keyset with a new primary key; the same one if it has more than one
// enabled key, because an earlier renewal is not over.
func renewed(handle *keyset.Handle) (*keyset.Handle, error) {
	if len(enabled(handle)) > 1 {
		return handle, nil
	}
	manager := keyset.NewManagerFromHandle(handle)
	id, err := manager.Add(aead.AES256GCMKeyTemplate())
	if err != nil {
		return nil, fmt.Errorf("make a new key: %w", err)
	}
	if err := manager.SetPrimary(id); err != nil {
		return nil, fmt.Errorf("use the new key: %w", err)
	}
	return manager.Handle()
}

// retired is the keyset with its primary key alone enabled; the same one if nothing
// has to change.
func retired(handle *keyset.Handle) (*keyset.Handle, error) {
	old := enabled(handle)
	if len(old) < 2 {
		return handle, nil
	}
	primary := handle.KeysetInfo().GetPrimaryKeyId()
	manager := keyset.NewManagerFromHandle(handle)
	for _, id := range old {
		if id == primary {
			continue
		}
		if err := manager.Disable(id); err != nil {
			return nil, fmt.Errorf("disable an old key: %w", err)
		}
	}
	return manager.Handle()
}

// enabled are the ids of the keys that open.
func enabled(handle *keyset.Handle) []uint32 {
	var ids []uint32
	for _, key := range handle.KeysetInfo().GetKeyInfo() {
		if key.GetStatus() == tinkpb.KeyStatusType_ENABLED {
			ids = append(ids, key.GetKeyId())
		}
	}
	return ids
}
