package relying

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"encoding/base64"
	"fmt"
	"maps"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"

	"github.com/spazio-in-comune/sportello/internal/identity/claims"
	"github.com/spazio-in-comune/sportello/internal/town"
)

// leeway is how far the clocks of issuer and town may differ.
const leeway = 30 * time.Second

// Attempt is one sign-in under way: what must come back, and what proves that it is ours.
type Attempt struct {
	// State and Nonce come back in the answer and in the ID token; Verifier is PKCE's.
	// Each has 256 random bits in 43 characters.
	State, Nonce, Verifier string
	// Level is what was asked for; a higher one is fine.
	Level town.Assurance
}

// NewAttempt makes the secrets of a sign-in.
func NewAttempt(level town.Assurance) Attempt {
	return Attempt{State: random(), Nonce: random(), Verifier: oauth2.GenerateVerifier(), Level: level}
}

func random() string {
	secret := make([]byte, 32)
	_, _ = rand.Read(secret) // never fails
	return base64.RawURLEncoding.EncodeToString(secret)
}

// askedClaims asks for the attributes by name, which is the only way of SPID; CIE may
// give them in the ID token too.
const askedClaims = `{"userinfo":{"given_name":null,"family_name":null,"email":null,"phone_number":null,` +
	`"` + claims.FiscalNumber + `":{"essential":true}},"id_token":{"` + claims.FiscalNumber + `":null}}`

// SignInURL is where the browser goes to sign in. It is [ErrUnavailable] while the
// issuer has never answered.
func (p *Party) SignInURL(ctx context.Context, a Attempt) (string, error) {
	known, err := p.learn(ctx)
	if err != nil {
		return "", err
	}
	options := []oauth2.AuthCodeOption{
		oidc.Nonce(a.Nonce), oauth2.S256ChallengeOption(a.Verifier), oauth2.SetAuthURLParam("claims", askedClaims),
	}
	if acr := claims.ACR(a.Level); acr != "" {
		options = append(options, oauth2.SetAuthURLParam("acr_values", acr))
	}
	return known.oauth.AuthCodeURL(a.State, options...), nil
}

// Answer is what the browser brings back from the issuer.
type Answer struct {
	Code string
	// Issuer is the parameter iss (RFC 9207); empty if there was none.
	Issuer string
}

// Finish exchanges the code and gives who signed in. That the state is that of the
// attempt is for the caller to know. Errors are the three of this package, and
// [claims.ErrTaxCode].
func (p *Party) Finish(ctx context.Context, a Attempt, answer Answer) (claims.Claims, error) {
	known, err := p.learn(ctx)
	if err != nil {
		return claims.Claims{}, err
	}
	if answer.Issuer != p.cfg.Issuer && (answer.Issuer != "" || known.about.SendsIss) {
		return claims.Claims{}, refused("the answer comes from another issuer")
	}
	ctx = oidc.ClientContext(ctx, p.client)
	options := []oauth2.AuthCodeOption{oauth2.VerifierOption(a.Verifier)}
	if p.cfg.Key != nil {
		assertion, err := p.cfg.Key.assert(p.cfg.ClientID, known.oauth.Endpoint.TokenURL, p.cfg.Now())
		if err != nil {
			return claims.Claims{}, err
		}
		options = append(options, assertion...)
	}
	tokens, err := known.oauth.Exchange(ctx, answer.Code, options...)
	if err != nil {
		return claims.Claims{}, exchangeError(err)
	}
	raw, err := p.idToken(ctx, known, a, tokens)
	if err != nil {
		return claims.Claims{}, err
	}
	if err := p.userInfo(ctx, known, tokens, raw); err != nil {
		return claims.Claims{}, err
	}
	who, err := claims.From(raw, p.cfg.LoginClaim)
	if err != nil {
		return claims.Claims{}, fmt.Errorf("read the claims: %w", err)
	}
	if !who.Assurance.Reaches(a.Level) {
		return claims.Claims{}, ErrLevel
	}
	return who, nil
}

// idToken checks the ID token and gives its claims.
func (p *Party) idToken(ctx context.Context, known *issuer, a Attempt, tokens *oauth2.Token) (map[string]any, error) {
	text, _ := tokens.Extra("id_token").(string)
	if text == "" {
		return nil, refused("there is no ID token")
	}
	verifier := oidc.NewVerifier(p.cfg.Issuer, known.keys, &oidc.Config{
		ClientID: p.cfg.ClientID, SupportedSigningAlgs: p.cfg.Algorithms, Now: p.cfg.Now,
	})
	token, err := verifier.Verify(ctx, text)
	if err != nil {
		return nil, refused("check the ID token: %w", err)
	}
	raw := map[string]any{}
	if err := token.Claims(&raw); err != nil {
		return nil, refused("read the ID token: %w", err)
	}
	party, named := raw["azp"]
	switch {
	case subtle.ConstantTimeCompare([]byte(token.Nonce), []byte(a.Nonce)) != 1:
		return nil, refused("the ID token has another nonce")
	case named && party != p.cfg.ClientID, !named && len(token.Audience) > 1:
		return nil, refused("the ID token was made for another party")
	case token.IssuedAt.After(p.cfg.Now().Add(leeway)):
		return nil, refused("the ID token comes from the future")
	case token.Subject == "":
		return nil, refused("the ID token names nobody")
	}
	if token.AccessTokenHash != "" {
		if err := token.VerifyAccessToken(tokens.AccessToken); err != nil {
			return nil, refused("the access token is not the one of the ID token")
		}
	}
	return raw, nil
}

// own are the claims that the ID token alone speaks about.
var own = []string{"iss", "sub", "aud", "acr", "nonce", "exp", "iat"} //nolint:gochecknoglobals // a constant list

// userInfo adds what UserInfo says of the same person, where the issuer has it: SPID
// gives attributes nowhere else.
func (p *Party) userInfo(ctx context.Context, known *issuer, tokens *oauth2.Token, raw map[string]any) error {
	if known.about.UserInfo == "" {
		return nil
	}
	info, err := known.provider.UserInfo(ctx, oauth2.StaticTokenSource(tokens))
	if err != nil {
		return fmt.Errorf("%w: ask for the person's attributes", ErrUnavailable)
	}
	more := map[string]any{}
	if err := info.Claims(&more); err != nil {
		return refused("the person's attributes are no object")
	}
	if info.Subject == "" || info.Subject != raw["sub"] {
		return refused("the attributes are another person's")
	}
	for _, name := range own {
		delete(more, name)
	}
	maps.Copy(raw, more)
	return nil
}
