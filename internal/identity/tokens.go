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
	"github.com/spazio-in-comune/sportello/internal/identity/claims"
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

// Tokens makes and checks bearer tokens of the demo people, and checks those of the
// town's issuer where it has one (see [Tokens.UseIssuer]). Outside a demo town, or when
// the server listens beyond loopback, there is no key and every demo token is bad. Expiry
// follows real time, not the business clock.
type Tokens struct {
	store     *store.Store
	authority *access.Authority
	key       ed25519.PrivateKey // nil: no tokens here
	kid       string
	now       func() time.Time
	parser    *jwt.Parser
	issuer    *issuerTokens // nil: no issuer
}

// minted are the claims of a demo token.
type minted struct {
	jwt.RegisteredClaims
	// Level is how surely the demo person is known: L1, L2 or L3.
	Level string `json:"acr,omitempty"`
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

// Mint makes a token for the demo person of that name, valid for ttl from now, who is
// known as surely as can be.
func (t *Tokens) Mint(ctx context.Context, login string, ttl time.Duration) (string, error) {
	if t.key == nil {
		return "", errNotDemo
	}
	return mint(ctx, t.store, t.key, grant{login, town.AssuranceHigh, t.now(), ttl})
}

// Verify gives the viewer of a token. Every bad token gets the same error,
// UNAUTHENTICATED, whatever is wrong with it; the token is in no error and no log.
func (t *Tokens) Verify(ctx context.Context, token string) (*access.Viewer, error) {
	read, ok := t.read(token)
	if !ok {
		return t.issuer.viewer(ctx, token)
	}
	viewer, err := t.authority.Enter(access.Viewer{ID: read.Subject, Expires: read.ExpiresAt.Time, Assurance: claims.Level(read.Level)})
	if err != nil {
		return nil, errBadToken()
	}
	return viewer, nil
}

// read checks a token. It costs one check of a signature however early the token
// fails, so that the time tells little about why.
func (t *Tokens) read(token string) (*minted, bool) {
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
	read := &minted{}
	err := errors.New("not the shape of a token")
	if len(token) <= maxToken && !strings.ContainsFunc(token, foreignToTokens) {
		_, err = t.parser.ParseWithClaims(token, read, key)
	}
	if !compared {
		ed25519.Verify(public, []byte(token[:min(len(token), maxToken)]), make([]byte, ed25519.SignatureSize))
	}
	if err != nil || read.Subject == "" || read.IssuedAt == nil {
		return nil, false
	}
	return read, true
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

// grant is a token to be made: for whom, how surely known, from when and how long.
type grant struct {
	login string
	level town.Assurance
	now   time.Time
	ttl   time.Duration
}

func mint(ctx context.Context, s *store.Store, key ed25519.PrivateKey, g grant) (string, error) {
	id, err := s.Reader().Person.Query().Where(person.Login(g.login), person.Disabled(false)).OnlyID(access.System(ctx, "identity.mint"))
	if ent.IsNotFound(err) {
		return "", unknownName(ctx, s, g.login)
	}
	if err != nil {
		return "", fmt.Errorf("look for %q: %w", g.login, err)
	}
	token := jwt.NewWithClaims(jwt.SigningMethodEdDSA, minted{Level: string(g.level), RegisteredClaims: jwt.RegisteredClaims{
		Issuer: demoIssuer, Audience: jwt.ClaimStrings{demoAudience}, Subject: id, ID: town.NewID("tok", g.now),
		IssuedAt: jwt.NewNumericDate(g.now), NotBefore: jwt.NewNumericDate(g.now), ExpiresAt: jwt.NewNumericDate(g.now.Add(g.ttl)),
	}})
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
