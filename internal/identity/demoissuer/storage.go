package demoissuer

import (
	"context"
	"crypto/subtle"
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/zitadel/oidc/v3/pkg/oidc"
	"github.com/zitadel/oidc/v3/pkg/op"

	"github.com/spazio-in-comune/sportello/internal/identity"
	"github.com/spazio-in-comune/sportello/internal/identity/claims"
	"github.com/spazio-in-comune/sportello/internal/store"
)

// storage is what the library asks for: what is under way in memory, keys in the
// database, people from the demo town's list.
type storage struct {
	store    *store.Store
	clients  map[string]*client
	secret   string
	people   map[string]identity.DemoPerson
	requests *shelf[*request]
	codes    *shelf[*request]
	tokens   *shelf[string] // login by id of the access token
}

func newStorage(s *store.Store, address string) (*storage, error) {
	kept := &storage{
		store: s, secret: random(), people: map[string]identity.DemoPerson{}, clients: clients(address),
		requests: newShelf[*request](requestLife), codes: newShelf[*request](codeLife), tokens: newShelf[string](tokenLife),
	}
	for _, p := range identity.DemoPeople() {
		kept.people[p.Login] = p
	}
	if len(kept.people) == 0 {
		return nil, errors.New("the demo town has no people")
	}
	return kept, nil
}

// CreateAuthRequest begins a sign-in.
func (s *storage) CreateAuthRequest(_ context.Context, asked *oidc.AuthRequest, _ string) (op.AuthRequest, error) {
	if asked.CodeChallenge == "" || asked.CodeChallengeMethod != oidc.CodeChallengeMethodS256 {
		return nil, oidc.ErrInvalidRequest().WithDescription("PKCE with S256 is required")
	}
	r := &request{id: random(), asked: *asked}
	s.requests.put(r.id, r)
	return r, nil
}

// AuthRequestByID is a sign-in under way.
func (s *storage) AuthRequestByID(_ context.Context, id string) (op.AuthRequest, error) {
	return s.requests.get(id)
}

// AuthRequestByCode is the sign-in that the code ends; a code is good once.
func (s *storage) AuthRequestByCode(_ context.Context, code string) (op.AuthRequest, error) {
	r, err := s.codes.take(code)
	if err != nil {
		return nil, err
	}
	return r, nil
}

// SaveAuthCode keeps the code of a sign-in.
func (s *storage) SaveAuthCode(_ context.Context, id, code string) error {
	r, err := s.requests.take(id)
	if err != nil {
		return err
	}
	s.codes.put(code, r)
	return nil
}

// DeleteAuthRequest has nothing to do: codes are used up when they are looked at.
func (s *storage) DeleteAuthRequest(context.Context, string) error { return nil }

// CreateAccessToken makes the id of an access token.
func (s *storage) CreateAccessToken(_ context.Context, r op.TokenRequest) (string, time.Time, error) {
	id := random()
	s.tokens.put(id, r.GetSubject())
	return id, time.Now().Add(tokenLife), nil
}

// CreateAccessAndRefreshTokens is refused: there are no refresh tokens.
func (s *storage) CreateAccessAndRefreshTokens(context.Context, op.TokenRequest, string) (string, string, time.Time, error) {
	return "", "", time.Time{}, oidc.ErrUnsupportedGrantType()
}

// TokenRequestByRefreshToken is refused.
func (s *storage) TokenRequestByRefreshToken(context.Context, string) (op.RefreshTokenRequest, error) {
	return nil, op.ErrInvalidRefreshToken
}

// TerminateSession has nothing to end: the issuer keeps no session.
func (s *storage) TerminateSession(context.Context, string, string) error { return nil }

// RevokeToken forgets an access token, for UserInfo.
func (s *storage) RevokeToken(_ context.Context, id, _, _ string) *oidc.Error {
	_, _ = s.tokens.take(id) // an unknown one is revoked already
	return nil
}

// GetRefreshTokenInfo is refused.
func (s *storage) GetRefreshTokenInfo(context.Context, string, string) (string, string, error) {
	return "", "", op.ErrInvalidRefreshToken
}

// SigningKey is the key that signs now; the database is asked each time, so that a
// rotation is noticed at once.
func (s *storage) SigningKey(ctx context.Context) (op.SigningKey, error) {
	keys, err := readKeys(ctx, s.store.Reader())
	if err != nil {
		return nil, err
	}
	return keys[0], nil
}

// SignatureAlgorithms are those of the keys.
func (s *storage) SignatureAlgorithms(context.Context) ([]jose.SignatureAlgorithm, error) {
	return []jose.SignatureAlgorithm{algorithm}, nil
}

// KeySet are the published keys.
func (s *storage) KeySet(ctx context.Context) ([]op.Key, error) {
	keys, err := readKeys(ctx, s.store.Reader())
	if err != nil {
		return nil, err
	}
	published := make([]op.Key, len(keys))
	for i, k := range keys {
		published[i] = publicKey{k}
	}
	return published, nil
}

// GetClientByClientID is who asks.
func (s *storage) GetClientByClientID(_ context.Context, id string) (op.Client, error) {
	c, ok := s.clients[id]
	if !ok {
		return nil, errUnknown
	}
	return c, nil
}

// AuthorizeClientIDSecret checks the town's own secret.
func (s *storage) AuthorizeClientIDSecret(_ context.Context, id, secret string) error {
	if id != TownClient || subtle.ConstantTimeCompare([]byte(secret), []byte(s.secret)) != 1 {
		return errUnknown
	}
	return nil
}

// SetUserinfoFromScopes leaves the ID token as SPID does: without attributes.
func (s *storage) SetUserinfoFromScopes(_ context.Context, info *oidc.UserInfo, login, _ string, _ []string) error {
	info.Subject = login
	return nil
}

// SetUserinfoFromToken tells the attributes of the person of an access token.
func (s *storage) SetUserinfoFromToken(_ context.Context, info *oidc.UserInfo, tokenID, subject, _ string) error {
	login, err := s.tokens.get(tokenID)
	if err != nil || login != subject {
		return errUnknown
	}
	p := s.people[login]
	info.Subject, info.GivenName, info.FamilyName = login, p.Personal.GivenName, p.Personal.FamilyName
	info.Email, info.PhoneNumber = p.Personal.Email, p.Personal.Phone
	if p.Personal.TaxCode != "" {
		info.AppendClaims(claims.FiscalNumber, "TINIT-"+p.Personal.TaxCode)
	}
	return nil
}

// SetIntrospectionFromToken is refused: access tokens say what they are.
func (s *storage) SetIntrospectionFromToken(context.Context, *oidc.IntrospectionResponse, string, string, string) error {
	return errUnknown
}

// GetPrivateClaimsFromScopes adds nothing.
func (s *storage) GetPrivateClaimsFromScopes(context.Context, string, string, []string) (map[string]any, error) {
	return nil, nil
}

// GetKeyByIDAndClientID is refused: no client has a key.
func (s *storage) GetKeyByIDAndClientID(context.Context, string, string) (*jose.JSONWebKey, error) {
	return nil, errUnknown
}

// ValidateJWTProfileScopes allows nothing.
func (s *storage) ValidateJWTProfileScopes(context.Context, string, []string) ([]string, error) {
	return nil, oidc.ErrUnsupportedGrantType()
}

// Health is fine.
func (s *storage) Health(context.Context) error { return nil }

// client is who may ask for sign-ins.
type client struct {
	id          string
	auth        oidc.AuthMethod
	redirects   []string
	globs       []string
	afterwards  []string
	afterwardsG []string
}

// clients are the demo town at its address, and programs on this machine.
func clients(address string) map[string]*client {
	return map[string]*client{
		TownClient: {id: TownClient, auth: oidc.AuthMethodBasic, redirects: []string{address + "/auth/callback"}, afterwards: []string{address + "/"}},
		WebClient:  {id: WebClient, auth: oidc.AuthMethodNone, globs: local("/**"), afterwardsG: local("/")},
	}
}

// local are the patterns of a path at any port of this machine. They name digits: a star
// would let 127.0.0.1:9@elsewhere.example through.
func local(path string) []string {
	var patterns []string
	for digits := 1; digits <= 5; digits++ {
		port := strings.Repeat("[0-9]", digits)
		patterns = append(patterns, "http://127.0.0.1:"+port+path, "http://localhost:"+port+path)
	}
	return patterns
}

// GetID implements op.Client, as do the others.
func (c *client) GetID() string { return c.id }

// RedirectURIs are where people are sent back to.
func (c *client) RedirectURIs() []string { return c.redirects }

// PostLogoutRedirectURIs are where people go after signing out.
func (c *client) PostLogoutRedirectURIs() []string { return c.afterwards }

// RedirectURIGlobs are patterns of the same.
func (c *client) RedirectURIGlobs() []string { return c.globs }

// PostLogoutRedirectURIGlobs are patterns of the same.
func (c *client) PostLogoutRedirectURIGlobs() []string { return c.afterwardsG }

// ApplicationType is web.
func (c *client) ApplicationType() op.ApplicationType { return op.ApplicationTypeWeb }

// AuthMethod is how the client proves who it is.
func (c *client) AuthMethod() oidc.AuthMethod { return c.auth }

// ResponseTypes are code alone.
func (c *client) ResponseTypes() []oidc.ResponseType {
	return []oidc.ResponseType{oidc.ResponseTypeCode}
}

// GrantTypes are the code alone.
func (c *client) GrantTypes() []oidc.GrantType { return []oidc.GrantType{oidc.GrantTypeCode} }

// LoginURL is the page where one chooses who to be.
func (c *client) LoginURL(id string) string { return Path + "/sign-in?id=" + id }

// AccessTokenType is a signed token.
func (c *client) AccessTokenType() op.AccessTokenType { return op.AccessTokenTypeJWT }

// IDTokenLifetime is short: the ID token is read once.
func (c *client) IDTokenLifetime() time.Duration { return codeLife }

// DevMode allows http, which is for this machine.
func (c *client) DevMode() bool { return true }

// RestrictAdditionalIdTokenScopes restricts nothing.
func (c *client) RestrictAdditionalIdTokenScopes() func([]string) []string { return slices.Clone }

// RestrictAdditionalAccessTokenScopes restricts nothing.
func (c *client) RestrictAdditionalAccessTokenScopes() func([]string) []string { return slices.Clone }

// IsScopeAllowed knows no scopes of its own.
func (c *client) IsScopeAllowed(string) bool { return false }

// IDTokenUserinfoClaimsAssertion keeps attributes in UserInfo.
func (c *client) IDTokenUserinfoClaimsAssertion() bool { return false }

// ClockSkew is none: it is one machine.
func (c *client) ClockSkew() time.Duration { return 0 }
