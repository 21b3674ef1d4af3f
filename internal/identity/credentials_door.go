package identity

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base32"
	"encoding/hex"
	"fmt"
	"strings"
	"time"

	lru "github.com/hashicorp/golang-lru/v2"

	"github.com/spazio-in-comune/sportello/ent"
	"github.com/spazio-in-comune/sportello/ent/credential"
	"github.com/spazio-in-comune/sportello/internal/access"
	"github.com/spazio-in-comune/sportello/internal/store"
	"github.com/spazio-in-comune/sportello/internal/town"
)

// What a token of a device or service begins with, so that a person and a program that
// looks for leaked secrets know what they see.
const (
	devicePrefix  = "spd_"
	servicePrefix = "sps_"
)

// secretSize is the length of a secret, in bytes.
const secretSize = 32

// secretText writes secrets in small letters and digits: 52 characters.
func secretText() *base32.Encoding {
	return base32.NewEncoding("abcdefghijklmnopqrstuvwxyz234567").WithPadding(base32.NoPadding)
}

// newSecret makes a token of 256 random bits.
func newSecret(prefix string) string {
	secret := make([]byte, secretSize)
	_, _ = rand.Read(secret) // never fails
	return prefix + secretText().EncodeToString(secret)
}

// hashSecret is what a token is found by. The secret is random: nothing slower is needed.
func hashSecret(token string) string {
	sum := sha256.Sum256([]byte(token))
	return hex.EncodeToString(sum[:])
}

// looksLikeCredential tells the token of a device or service from the others.
func looksLikeCredential(token string) bool {
	return strings.HasPrefix(token, devicePrefix) || strings.HasPrefix(token, servicePrefix)
}

// maxRemembered bounds how many tokens are known without asking the database.
const maxRemembered = 4096

// credentialDoor names who comes with the token of a device or service.
type credentialDoor struct {
	store     *store.Store
	authority *access.Authority
	guesses   *guesses
	known     *lru.Cache[string, remembered]
	now       func() time.Time
}

// remembered is a token as it was under a version of the policy, which every revocation
// raises.
type remembered struct {
	version int64
	named   access.Viewer
}

func newCredentialDoor(s *store.Store, authority *access.Authority, g *guesses) (*credentialDoor, error) {
	known, err := lru.New[string, remembered](maxRemembered)
	if err != nil {
		return nil, fmt.Errorf("make the memory of tokens: %w", err)
	}
	return &credentialDoor{store: s, authority: authority, guesses: g, known: known, now: time.Now}, nil
}

// viewer is the device or service of the token. Every bad one is UNAUTHENTICATED in the
// same words, and after ten in a minute from one network address RATE_LIMITED, as with
// tickets.
func (d *credentialDoor) viewer(ctx context.Context, token string) (*access.Viewer, error) {
	address := ""
	if asker := access.Asker(ctx); asker != nil {
		address = asker.Address
	}
	named, err := d.find(ctx, hashSecret(token))
	if ent.IsNotFound(err) {
		return nil, d.guesses.miss(address, d.now(), errBadToken())
	}
	if err != nil {
		return nil, err
	}
	if !named.Expires.IsZero() && !d.now().Before(named.Expires) {
		return nil, errBadToken()
	}
	viewer, err := d.authority.Enter(named)
	if err != nil {
		return nil, errBadToken()
	}
	return viewer, nil
}

// find names the holder of a token, from memory while the policy has not changed. The
// version is read first: a revocation in between makes the memory stale, not wrong.
func (d *credentialDoor) find(ctx context.Context, hash string) (access.Viewer, error) {
	version := d.authority.Version()
	if r, ok := d.known.Get(hash); ok && r.version == version {
		return r.named, nil
	}
	row, err := d.store.Reader().Credential.Query().
		Where(credential.SecretHash(hash), credential.RevokedAtIsNil()).Only(access.System(ctx, "identity.credential"))
	if err != nil {
		return access.Viewer{}, fmt.Errorf("look for a token: %w", err)
	}
	named := access.Viewer{ID: row.PersonID, SignInID: row.ID, SiteID: row.SiteID}
	if row.ExpiresAt != nil {
		named.Expires = *row.ExpiresAt
	}
	d.known.Add(hash, remembered{version, named})
	return named, nil
}

func errTooManyGuesses() error {
	return town.Errorf(town.RateLimited, "Too many wrong codes. Try again in a minute.",
		"Troppi codici errati. Riprovare tra un minuto.")
}
