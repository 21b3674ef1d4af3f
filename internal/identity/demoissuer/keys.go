package demoissuer

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/go-jose/go-jose/v4"

	"github.com/spazio-in-comune/sportello/ent"
	"github.com/spazio-in-comune/sportello/internal/access"
	"github.com/spazio-in-comune/sportello/internal/store"
)

const (
	// settingKeys is the row with the issuer's keys.
	settingKeys = "demo_issuer_keys"
	// algorithm is how the issuer signs.
	algorithm = "ES256"
	// keyLife is how long a key signs; the one before it is published as long.
	keyLife = 7 * 24 * time.Hour
	// keptKeys are how many keys are published: the one that signs and the ones before.
	keptKeys = 2
)

// signingKey is a key of the issuer, as it is stored and as the library wants it.
type signingKey struct {
	Name    string    `json:"kid"`
	PKCS8   []byte    `json:"key"`
	Created time.Time `json:"created"`

	private *ecdsa.PrivateKey
}

// ID implements op.SigningKey.
func (k *signingKey) ID() string { return k.Name }

// SignatureAlgorithm implements op.SigningKey.
func (k *signingKey) SignatureAlgorithm() jose.SignatureAlgorithm { return algorithm }

// Key implements op.SigningKey.
func (k *signingKey) Key() any { return k.private }

// publicKey is the half that everybody may have.
type publicKey struct{ *signingKey }

// Key implements op.Key.
func (k publicKey) Key() any { return &k.private.PublicKey }

// Use implements op.Key.
func (k publicKey) Use() string { return "sig" }

// Algorithm implements op.Key.
func (k publicKey) Algorithm() jose.SignatureAlgorithm { return algorithm }

func newKey(now time.Time) (*signingKey, error) {
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, fmt.Errorf("make a key: %w", err)
	}
	der, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		return nil, fmt.Errorf("write a key: %w", err)
	}
	name := sha256.Sum256(der)
	return &signingKey{Name: base64.RawURLEncoding.EncodeToString(name[:9]), PKCS8: der, Created: now, private: private}, nil
}

// readKeys are the published keys; the first signs.
func readKeys(ctx context.Context, db *ent.Client) ([]*signingKey, error) {
	row, err := db.Setting.Get(access.System(ctx, "demoissuer.keys"), settingKeys)
	if err != nil {
		return nil, fmt.Errorf("read the keys of the demo issuer: %w", err)
	}
	var keys []*signingKey
	if err := json.Unmarshal(row.Value, &keys); err != nil || len(keys) == 0 {
		return nil, errors.New("read the keys of the demo issuer: they are broken")
	}
	for _, k := range keys {
		parsed, err := x509.ParsePKCS8PrivateKey(k.PKCS8)
		if err != nil {
			return nil, fmt.Errorf("read a key of the demo issuer: %w", err)
		}
		private, ok := parsed.(*ecdsa.PrivateKey)
		if !ok {
			return nil, errors.New("read a key of the demo issuer: it is of another kind")
		}
		k.private = private
	}
	return keys, nil
}

// ensureKeys makes the first key, and a new one when the one that signs is old.
func ensureKeys(ctx context.Context, s *store.Store) error {
	keys, err := readKeys(ctx, s.Reader())
	if err != nil && !ent.IsNotFound(err) {
		return err
	}
	if len(keys) > 0 && time.Since(keys[0].Created) < keyLife {
		return nil
	}
	return Rotate(ctx, s)
}

// Rotate makes a new key that signs from now on, on a running server too. The one before
// stays published, so that what it has signed is good until it expires; older ones go.
func Rotate(ctx context.Context, s *store.Store) error {
	fresh, err := newKey(time.Now().UTC())
	if err != nil {
		return err
	}
	ctx = access.System(ctx, "demoissuer.keys")
	return s.InTx(ctx, "rotate the keys of the demo issuer", func(ctx context.Context, tx *store.Tx) error {
		old, err := readKeys(ctx, tx.Client)
		missing := ent.IsNotFound(err)
		if err != nil && !missing {
			return err
		}
		keys := append([]*signingKey{fresh}, old...)
		value, err := json.Marshal(keys[:min(len(keys), keptKeys)])
		if err != nil {
			return fmt.Errorf("write the keys of the demo issuer: %w", err)
		}
		if missing {
			err = tx.Setting.Create().SetID(settingKeys).SetValue(value).SetUpdatedAt(tx.Now).Exec(ctx)
		} else {
			err = tx.Setting.UpdateOneID(settingKeys).SetValue(value).SetUpdatedAt(tx.Now).Exec(ctx)
		}
		if err != nil {
			return fmt.Errorf("store the keys of the demo issuer: %w", err)
		}
		return nil
	})
}
