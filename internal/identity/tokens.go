package identity

import (
	"context"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"github.com/spazio-in-comune/sportello/ent"
	"github.com/spazio-in-comune/sportello/ent/person"
	"github.com/spazio-in-comune/sportello/internal/access"
	"github.com/spazio-in-comune/sportello/internal/store"
	"github.com/spazio-in-comune/sportello/internal/town"
)

// What a demo token says of itself.
const (
	demoIssuer   = "sportello-demo"
	demoAudience = "sportello"
	// tokenType marks access tokens (RFC 9068), so that an ID token is not one.
	tokenType = "at+jwt"
	algorithm = "EdDSA"
	// leeway is how far clocks may differ.
	leeway = 30 * time.Second
	// maxToken bounds what is looked at at all, in bytes.
	maxToken = 4 << 10
)

// Tokens makes and checks bearer tokens of the demo people. Outside a demo town, or
// when the server listens beyond loopback, there is no key and every token is bad.
// Expiry follows real time, not the business clock.
type Tokens struct {
	store     *store.Store
	authority *access.Authority
	key       ed25519.PrivateKey // nil: no tokens here
	kid       string
	now       func() time.Time
	parser    *jwt.Parser
}

// NewTokens reads the demo key where there is one and the server may use it:
// loopback says that it listens on loopback addresses only.
func NewTokens(ctx context.Context, s *store.Store, authority *access.Authority, loopback bool) (*Tokens, error) {
	t := &Tokens{store: s, authority: authority, now: time.Now}
	t.parser = jwt.NewParser(
		jwt.WithValidMethods([]string{algorithm}), jwt.WithStrictDecoding(),
		jwt.WithIssuer(demoIssuer), jwt.WithAllAudiences(demoAudience),
		jwt.WithExpirationRequired(), jwt.WithNotBeforeRequired(), jwt.WithIssuedAt(),
		jwt.WithLeeway(leeway), jwt.WithTimeFunc(func() time.Time { return t.now() }),
	)
	if !loopback {
		return t, nil
	}
	key, err := demoKey(ctx, s)
	if errors.Is(err, errNotDemo) {
		return t, nil
	}
	if err != nil {
		return nil, err
	}
	t.key, t.kid = key, keyID(key)
	return t, nil
}

// Mint makes a token for the demo person of that name, valid for ttl from now.
func (t *Tokens) Mint(ctx context.Context, login string, ttl time.Duration) (string, error) {
	if t.key == nil {
		return "", errNotDemo
	}
	return mint(ctx, t.store, t.key, login, t.now(), ttl)
}

// Verify gives the viewer of a token. Every bad token gets the same error,
// UNAUTHENTICATED, whatever is wrong with it; the token is in no error and no log.
func (t *Tokens) Verify(_ context.Context, token string) (*access.Viewer, error) {
	claims, ok := t.read(token)
	if !ok {
		return nil, errBadToken()
	}
	viewer, err := t.authority.Viewer(claims.Subject, claims.ExpiresAt.Time)
	if err != nil {
		return nil, errBadToken()
	}
	return viewer, nil
}

// read checks a token. It costs one check of a signature however early the token
// fails, so that the time tells little about why.
func (t *Tokens) read(token string) (*jwt.RegisteredClaims, bool) {
	if t.key == nil {
		return nil, false
	}
	public, ok := t.key.Public().(ed25519.PublicKey)
	if !ok {
		return nil, false
	}
	compared := false
	key := func(parsed *jwt.Token) (any, error) {
		if err := checkHeader(parsed.Header, t.kid); err != nil {
			return nil, err
		}
		compared = true
		return public, nil
	}
	claims := &jwt.RegisteredClaims{}
	err := errors.New("not the shape of a token")
	if len(token) <= maxToken && !strings.ContainsFunc(token, foreignToTokens) {
		_, err = t.parser.ParseWithClaims(token, claims, key)
	}
	if !compared {
		ed25519.Verify(public, []byte(token[:min(len(token), maxToken)]), make([]byte, ed25519.SignatureSize))
	}
	if err != nil || claims.Subject == "" || claims.IssuedAt == nil {
		return nil, false
	}
	return claims, true
}

// foreignToTokens tells characters that no token has; Go's base64 would read over
// line breaks, so that one token had many spellings.
func foreignToTokens(r rune) bool {
	return (r < 'A' || r > 'Z') && (r < 'a' || r > 'z') && (r < '0' || r > '9') && r != '.' && r != '-' && r != '_'
}

// checkHeader allows the three names that we write, with our values. A key that the
// token brings or points at, and extensions that we would have to understand, are
// refused by that.
func checkHeader(header map[string]any, kid string) error {
	ours := map[string]any{"alg": algorithm, "typ": tokenType, "kid": kid}
	if len(header) != len(ours) {
		return errors.New("unexpected header")
	}
	for name, value := range ours {
		if header[name] != value {
			return errors.New("unexpected header")
		}
	}
	return nil
}

func mint(ctx context.Context, s *store.Store, key ed25519.PrivateKey, login string, now time.Time, ttl time.Duration) (string, error) {
	id, err := s.Reader().Person.Query().Where(person.Login(login), person.Disabled(false)).OnlyID(access.System(ctx, "identity.mint"))
	if ent.IsNotFound(err) {
		return "", unknownName(ctx, s, login)
	}
	if err != nil {
		return "", fmt.Errorf("look for %q: %w", login, err)
	}
	token := jwt.NewWithClaims(jwt.SigningMethodEdDSA, jwt.RegisteredClaims{
		Issuer: demoIssuer, Audience: jwt.ClaimStrings{demoAudience}, Subject: id, ID: town.NewID("tok", now),
		IssuedAt: jwt.NewNumericDate(now), NotBefore: jwt.NewNumericDate(now), ExpiresAt: jwt.NewNumericDate(now.Add(ttl)),
	})
	token.Header["typ"], token.Header["kid"] = tokenType, keyID(key)
	signed, err := token.SignedString(key)
	if err != nil {
		return "", fmt.Errorf("sign the token: %w", err)
	}
	return signed, nil
}

// keyID names a key by a hash of its public half.
func keyID(key ed25519.PrivateKey) string {
	sum := sha256.Sum256(key[ed25519.SeedSize:])
	return base64.RawURLEncoding.EncodeToString(sum[:9])
}

func errBadToken() error {
	return town.Errorf(town.Unauthenticated, "This token is not valid. Sign in again.", "Il token non è valido. Accedere di nuovo.")
}
