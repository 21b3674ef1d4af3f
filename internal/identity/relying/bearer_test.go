package relying

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"github.com/spazio-in-comune/sportello/internal/identity/claims"
	"github.com/spazio-in-comune/sportello/internal/town"
)

func (i *issuerHouse) accessClaims() map[string]any {
	now := time.Now().Unix()
	return map[string]any{
		"iss": i.URL, "sub": "s", "aud": []string{"the-api"}, "exp": now + 60, "iat": now, "nbf": now, "jti": "x",
		"acr": "https://www.spid.gov.it/SpidL3", claims.FiscalNumber: "TINIT-RSSMRA80A01F205X",
	}
}

func TestAccessTokens(t *testing.T) {
	t.Parallel()
	i := newIssuer(t)
	p := i.party(func(c *Config) { c.Audience = "the-api" })
	head := func(name string, value any) func(*forged) { return func(f *forged) { f.header[name] = value } }
	claim := func(name string, value any) func(*forged) {
		return func(f *forged) {
			if f.claims[name] = value; value == nil {
				delete(f.claims, name)
			}
		}
	}
	token := func(change func(*forged)) string { return i.sign("at+jwt", i.accessClaims(), change) }
	good := token(nil)
	for name, text := range map[string]string{"good": good, "in the long form of its type": token(head("typ", "application/at+jwt"))} {
		who, expires, err := p.AccessToken(t.Context(), text)
		if err != nil || who.TaxCode != "RSSMRA80A01F205X" || who.Subject != "s" || who.Assurance != town.AssuranceHigh {
			t.Errorf("%s: %q, %v", name, who.Subject, err)
		}
		if left := time.Until(expires); left <= 0 || left > time.Minute {
			t.Errorf("%s ends in %v", name, left)
		}
	}
	now, foreign := time.Now().Unix(), newIssuer(t)
	for name, text := range map[string]string{
		"empty":                  "",
		"garbage":                "a.b.c",
		"an ID token":            i.sign("JWT", i.accessClaims(), nil),
		"no type":                token(head("typ", nil)),
		"a type that is no text": token(head("typ", 7)),
		"no kid":                 token(head("kid", nil)),
		"unknown kid":            token(head("kid", "unknown")),
		"alg none":               token(func(f *forged) { f.method, f.key = jwt.SigningMethodNone, jwt.UnsafeAllowNoneSignatureType }),
		"HS256, public key":      token(hs256),
		"alg is not the key's":   token(head("alg", "RS256")),
		"a stranger's key":       token(func(f *forged) { f.key = foreign.keys["first"] }),
		"jku":                    token(head("jku", foreign.URL+"/keys")),
		"jwk":                    token(head("jwk", map[string]any{"kty": "EC"})),
		"x5u":                    token(head("x5u", "https://example.org")),
		"crit":                   token(head("crit", []string{"exp"})),
		"changed":                strings.Split(good, ".")[0] + "." + strings.Split(token(claim("sub", "another")), ".")[1] + "." + strings.Split(good, ".")[2],
		"cut":                    good[:len(good)-4],
		"newline":                good + "\n",
		"too long":               token(claim("jti", strings.Repeat("x", maxToken))),
		"another audience":       token(claim("aud", clientID)),
		"no audience":            token(claim("aud", nil)),
		"another issuer":         token(claim("iss", "https://another.example")),
		"expired":                token(claim("exp", now-120)),
		"no exp":                 token(claim("exp", nil)),
		"nbf ahead":              token(claim("nbf", now+120)),
		"issued ahead":           token(claim("iat", now+120)),
		"no iat":                 token(claim("iat", nil)),
		"no subject":             token(claim("sub", nil)),
		"a broken tax code":      token(claim(claims.FiscalNumber, "TINIT-X")),
	} {
		if who, _, err := p.AccessToken(t.Context(), text); err == nil || err.Error() != errToken.Error() || who.Subject != "" {
			t.Errorf("%s: %q, %v; want the same words as for every bad token", name, who.Subject, err)
		}
	}
}

// TestInventedTokensAreNoNuisance: whoever sends tokens with unknown keys does not make us
// ask the issuer each time; tokens with known keys are good meanwhile.
func TestInventedTokensAreNoNuisance(t *testing.T) {
	t.Parallel()
	i := newIssuer(t)
	p := i.party(nil)
	good := i.accessClaims()
	good["aud"] = clientID
	for range 100 {
		_, _, err := p.AccessToken(t.Context(), i.sign("at+jwt", good, func(f *forged) { f.header["kid"] = random() }))
		if err == nil || err.Error() != errToken.Error() {
			t.Fatal(err)
		}
	}
	if i.fetched > keysBurst+1 {
		t.Errorf("the keys were asked for %d times", i.fetched)
	}
	if _, _, err := p.AccessToken(t.Context(), i.sign("at+jwt", good, nil)); err != nil {
		t.Errorf("a good token in between: %v", err)
	}
}

func TestKeysThatCannotBeHad(t *testing.T) {
	t.Parallel()
	i := newIssuer(t)
	p := i.party(func(c *Config) { c.Audience = "the-api" })
	if _, err := p.SignInURL(t.Context(), substantial()); err != nil {
		t.Fatal(err)
	}
	good := i.sign("at+jwt", i.accessClaims(), nil)
	i.Close()
	if _, _, err := p.AccessToken(t.Context(), good); !errors.Is(err, ErrUnavailable) || !IsUnavailable(err) {
		t.Errorf("without keys: %v", err)
	}
}
