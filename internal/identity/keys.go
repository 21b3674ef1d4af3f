package identity

import (
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"errors"
	"fmt"

	"github.com/spazio-in-comune/sportello/ent"
	"github.com/spazio-in-comune/sportello/internal/access"
	"github.com/spazio-in-comune/sportello/internal/store"
)

// The settings that this package keeps.
const (
	settingDemo    = "demo"     // "yes" marks a demo town
	settingDemoKey = "demo_key" // seed of the demo issuer's Ed25519 key
)

// keySize is the length of a key of ours, in bytes.
const keySize = 32

// errNotDemo says that demo tokens are not for this town.
var errNotDemo = errors.New("this is not a demo town: demo tokens exist only in a data folder made by `sportello serve --demo`")

// IsDemo reports whether the store holds a demo town.
func IsDemo(ctx context.Context, s *store.Store) (bool, error) {
	_, err := readSetting(access.System(ctx, "identity.keys"), s.Reader(), settingDemo)
	if ent.IsNotFound(err) {
		return false, nil
	}
	return err == nil, err
}

// demoKey is the demo issuer's key; errNotDemo if the store holds no demo town.
func demoKey(ctx context.Context, s *store.Store) (ed25519.PrivateKey, error) {
	demo, err := IsDemo(ctx, s)
	if err != nil {
		return nil, err
	}
	if !demo {
		return nil, errNotDemo
	}
	seed, err := readSetting(access.System(ctx, "identity.keys"), s.Reader(), settingDemoKey)
	if err != nil {
		return nil, err
	}
	if len(seed) != ed25519.SeedSize {
		return nil, errors.New("read the demo key: it has the wrong length")
	}
	return ed25519.NewKeyFromSeed(seed), nil
}

func readSetting(ctx context.Context, db *ent.Client, name string) ([]byte, error) {
	row, err := db.Setting.Get(ctx, name)
	if err != nil {
		return nil, fmt.Errorf("read the setting %s: %w", name, err)
	}
	return row.Value, nil
}

// ensureKey makes a random key under the name, unless there is one.
func ensureKey(ctx context.Context, tx *store.Tx, name string) error {
	if _, err := readSetting(ctx, tx.Client, name); !ent.IsNotFound(err) {
		return err
	}
	key := make([]byte, keySize)
	_, _ = rand.Read(key) // never fails
	return putSetting(ctx, tx, name, key)
}

func putSetting(ctx context.Context, tx *store.Tx, name string, value []byte) error {
	if err := tx.Setting.Create().SetID(name).SetValue(value).SetUpdatedAt(tx.Now).Exec(ctx); err != nil {
		return fmt.Errorf("store the setting %s: %w", name, err)
	}
	return nil
}
