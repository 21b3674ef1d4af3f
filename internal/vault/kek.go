package vault

import (
	"context"

	"github.com/tink-crypto/tink-go/v2/tink"
)

// KEK is the key-encryption key: it seals the keyring of the town and nothing else. It
// is asked when the house starts, and when the keyring has changed.
type KEK interface {
	// Name says which key it is, for messages; it is no secret.
	Name() string
	tink.AEADWithContext
}

// maker is a KEK that can be made where there is none yet.
type maker interface {
	// Make makes the key, unless there is one.
	Make() error
}

// renewer is a KEK whose rotation is the house's own business. A key management service
// rotates its keys by itself.
type renewer interface {
	// Renew adds a key for what will be sealed. The keys before it still open. It does
	// nothing while an earlier renewal is not over.
	Renew(ctx context.Context) error
	// Retire disables the keys before the newest.
	Retire(ctx context.Context) error
}

// KMS is a key in a key management service, such as one of Tink's clients gives it.
// The name says which, for messages.
func KMS(name string, key tink.AEAD) KEK { return service{name, key} }

type service struct {
	name string
	key  tink.AEAD
}

// Name implements [KEK].
func (s service) Name() string { return s.name }

// EncryptWithContext implements [KEK].
func (s service) EncryptWithContext(_ context.Context, plain, data []byte) ([]byte, error) {
	return s.key.Encrypt(plain, data)
}

// DecryptWithContext implements [KEK].
func (s service) DecryptWithContext(_ context.Context, sealed, data []byte) ([]byte, error) {
	return s.key.Decrypt(sealed, data)
}
