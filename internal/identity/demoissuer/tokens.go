package demoissuer

import (
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/golang-jwt/jwt/v5"
	"github.com/zitadel/oidc/v3/pkg/oidc"
	"github.com/zitadel/oidc/v3/pkg/op"

	"github.com/spazio-in-comune/sportello/internal/identity/claims"
)

// accessToken are the claims of an access token (RFC 9068): what an API needs to know of
// the person, since it does not ask for UserInfo.
type accessToken struct {
	jwt.RegisteredClaims
	ClientID  string `json:"client_id"`
	Scope     string `json:"scope"`
	Level     string `json:"acr"`
	TaxCode   string `json:"https://attributes.eid.gov.it/fiscal_number,omitempty"`
	SignedInS int64  `json:"auth_time"`
}

// tokens exchanges a code. The library makes the ID token; the access token is made here,
// because it must say at+jwt of itself, which the library's does not.
func (i *Issuer) tokens(provider *op.Provider) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		response, err := i.exchange(r, provider)
		if err != nil {
			op.RequestError(w, r, err, nil)
			return
		}
		answer(w, response)
	}
}

func (i *Issuer) exchange(r *http.Request, provider *op.Provider) (*oidc.AccessTokenResponse, error) {
	ctx := r.Context()
	if r.PostFormValue("grant_type") != string(oidc.GrantTypeCode) {
		return nil, oidc.ErrUnsupportedGrantType()
	}
	asked, err := op.ParseAccessTokenRequest(r, provider.Decoder())
	if err != nil {
		return nil, err
	}
	found, by, err := op.ValidateAccessTokenRequest(ctx, asked, provider)
	if err != nil {
		return nil, err
	}
	signedIn, ok := found.(*request)
	if !ok {
		return nil, errors.New("the sign-in is not one of ours")
	}
	access, err := i.accessToken(r, signedIn)
	if err != nil {
		return nil, err
	}
	id, err := op.CreateIDToken(ctx, i.url, signedIn, by.IDTokenLifetime(), access, "", i.store, by)
	if err != nil {
		return nil, fmt.Errorf("make the ID token: %w", err)
	}
	return &oidc.AccessTokenResponse{
		AccessToken: access, TokenType: oidc.BearerToken, ExpiresIn: uint64(tokenLife.Seconds()), IDToken: id, Scope: signedIn.GetScopes(),
	}, nil
}

func (i *Issuer) accessToken(r *http.Request, signedIn *request) (string, error) {
	keys, err := readKeys(r.Context(), i.store.store.Reader())
	if err != nil {
		return "", err
	}
	id, expires, err := i.store.CreateAccessToken(r.Context(), signedIn)
	if err != nil {
		return "", err
	}
	now := time.Now()
	said := accessToken{
		RegisteredClaims: jwt.RegisteredClaims{
			Issuer: i.url, Subject: signedIn.login, Audience: jwt.ClaimStrings{Audience}, ID: id,
			IssuedAt: jwt.NewNumericDate(now), NotBefore: jwt.NewNumericDate(now), ExpiresAt: jwt.NewNumericDate(expires),
		},
		ClientID: signedIn.asked.ClientID, Scope: signedIn.asked.Scopes.String(), Level: claims.ACR(signedIn.level), SignedInS: signedIn.at.Unix(),
	}
	if code := i.store.people[signedIn.login].Personal.TaxCode; code != "" {
		said.TaxCode = "TINIT-" + code
	}
	token := jwt.NewWithClaims(jwt.SigningMethodES256, said)
	token.Header["typ"], token.Header["kid"] = "at+jwt", keys[0].Name
	signed, err := token.SignedString(keys[0].private)
	if err != nil {
		return "", fmt.Errorf("sign the access token: %w", err)
	}
	return signed, nil
}
