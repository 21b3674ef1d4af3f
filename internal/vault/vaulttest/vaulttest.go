// Package vaulttest gives tests a vault in one line.
package vaulttest

import (
	"context"
	"testing"

	"github.com/tink-crypto/tink-go/v2/aead"
	"github.com/tink-crypto/tink-go/v2/keyset"

	"github.com/spazio-in-comune/sportello/internal/store"
	"github.com/spazio-in-comune/sportello/internal/vault"
)

// New is a vault on the store with a key-encryption key that is gone with the test. A
// store has one of them: a second key would not open what the first has sealed.
func New(t testing.TB, s *store.Store) *vault.Vault {
	t.Helper()
	v, err := vault.New(context.Background(), s, KEK(t))
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// KEK is a key-encryption key in memory, as a key management service would give it.
func KEK(t testing.TB) vault.KEK {
	t.Helper()
	handle, err := keyset.NewHandle(aead.AES256GCMKeyTemplate())
	if err != nil {
		t.Fatal(err)
	}
	key, err := aead.New(handle)
	if err != nil {
		t.Fatal(err)
	}
	return vault.KMS("test", key)
}
