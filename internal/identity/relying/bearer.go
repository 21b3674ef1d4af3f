package relying

import (
	"context"
	"crypto/ed25519"
	"encoding/base64"
	"encoding/json"
	"errors"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"github.com/spazio-in-comune/sportello/internal/identity/claims"
)

// tokenType marks access tokens (RFC 9068), so that an ID token is not one.
const tokenType = "at+jwt"

// maxToken bounds what is looked at at all, in bytes. Those of issuers are longer than
// ours.
const maxToken = 8 << 10

// errToken is all that is said of a bad token.
var errToken = errors.New("the access token is not valid")

// AccessToken checks an access token of the issuer, as an API client brings it, and gives
// who it speaks for and when it ends. Whatever is wrong with it, the error is the same;
// [ErrUnavailable] says that the issuer's keys could not be had.
//
// Each bad token costs the check of a signature however early it fails, so that the time
// tells little about why.
func (p *Party) AccessToken(ctx context.Context, token string) (claims.Claims, time.Time, error) {
	if err := p.checkHeader(token); err != nil {
		decoy(token)
		return claims.Claims{}, time.Time{}, errToken
	}
	known, err := p.learn(ctx)
	if err != nil {
		return claims.Claims{}, time.Time{}, err
	}
	payload, err := known.keys.VerifySignature(ctx, token)
	if unreached := (*url.Error)(nil); errors.As(err, &unreached) {
		return claims.Claims{}, time.Time{}, ErrUnavailable
	}
	if err != nil {
		return claims.Claims{}, time.Time{}, errToken
	}
	return p.checkClaims(payload)
}

// checkHeader allows the three names that an access token needs, with values that we
// accept. A key that the token brings or points at, and extensions that we would have to
// understand, are refused by that.
func (p *Party) checkHeader(token string) error {
	if len(token) > maxToken || strings.Count(token, ".") != 2 || strings.ContainsFunc(token, foreign) {
		return errToken
	}
	first, _, _ := strings.Cut(token, ".")
	text, err := base64.RawURLEncoding.Strict().DecodeString(first)
	if err != nil {
		return errToken
	}
	header := map[string]any{}
	if err := json.Unmarshal(text, &header); err != nil {
		return errToken
	}
	algorithm, _ := header["alg"].(string)
	kind, _ := header["typ"].(string)
	kid, _ := header["kid"].(string)
	kind = strings.TrimPrefix(strings.ToLower(kind), "application/")
	if len(header) != 3 || kid == "" || kind != tokenType || !slices.Contains(p.cfg.Algorithms, algorithm) {
		return errToken
	}
	return nil
}

func (p *Party) checkClaims(payload []byte) (claims.Claims, time.Time, error) {
	raw := jwt.MapClaims{}
	if err := json.Unmarshal(payload, &raw); err != nil {
		return claims.Claims{}, time.Time{}, errToken
	}
	validator := jwt.NewValidator(
		jwt.WithIssuer(p.cfg.Issuer), jwt.WithAudience(p.cfg.Audience), jwt.WithExpirationRequired(),
		jwt.WithIssuedAt(), jwt.WithLeeway(leeway), jwt.WithTimeFunc(p.cfg.Now),
	)
	if err := validator.Validate(raw); err != nil {
		return claims.Claims{}, time.Time{}, errToken
	}
	issued, err := raw.GetIssuedAt()
	if err != nil || issued == nil {
		return claims.Claims{}, time.Time{}, errToken
	}
	expires, err := raw.GetExpirationTime()
	if err != nil {
		return claims.Claims{}, time.Time{}, errToken
	}
	who, err := claims.From(raw, p.cfg.LoginClaim)
	if err != nil || who.Subject == "" {
		return claims.Claims{}, time.Time{}, errToken
	}
	return who, expires.Time, nil
}

// foreign tells characters that no token has.
func foreign(r rune) bool {
	return (r < 'A' || r > 'Z') && (r < 'a' || r > 'z') && (r < '0' || r > '9') && r != '.' && r != '-' && r != '_'
}

// decoy checks a signature that cannot be right.
func decoy(token string) {
	ed25519.Verify(make([]byte, ed25519.PublicKeySize), []byte(token[:min(len(token), maxToken)]), make([]byte, ed25519.SignatureSize))
}

// IsUnavailable tells that the issuer is the reason, not the token.
func IsUnavailable(err error) bool { return errors.Is(err, ErrUnavailable) }
