package identity

import (
	"context"
	"crypto/ed25519"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/spazio-in-comune/sportello/internal/access"
	"github.com/spazio-in-comune/sportello/internal/store/dbtest"
	"github.com/spazio-in-comune/sportello/internal/town"
)

func TestMintAndVerify(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, db dbtest.DB) {
		h := demoHouse(t, db)
		ctx := context.Background()
		for login, want := range map[string]struct {
			kind access.ViewerKind
			role town.Role
		}{
			"citizen":              {access.KindPerson, town.RoleCitizen},
			"kiosk":                {access.KindDevice, town.RoleKiosk},
			"operator3":            {access.KindPerson, town.RoleOperator},
			"head.sportello":       {access.KindPerson, town.RoleHead},
			"officer.stato-civile": {access.KindPerson, town.RoleConfidential},
			"mayor":                {access.KindPerson, town.RoleMayor},
		} {
			token, err := h.tokens.Mint(ctx, login, time.Hour)
			must(t, err)
			v, err := h.tokens.Verify(ctx, token)
			if err != nil {
				t.Errorf("%s: %v", login, err)
				continue
			}
			if v.ID != h.id(t, login) || v.Kind != want.kind || !v.Scope.Holds(want.role) {
				t.Errorf("%s: viewer %+v", login, v)
			}
			if left := time.Until(v.Expires); left < 59*time.Minute || left > time.Hour {
				t.Errorf("%s: the session ends in %v", login, left)
			}
		}
	})
}

// forge makes a token from parts; sign nil leaves the signature empty.
func forge(header, claims map[string]any, sign func(input []byte) []byte) string {
	encode := func(v any) string {
		text, err := json.Marshal(v)
		if err != nil {
			panic(err)
		}
		return base64.RawURLEncoding.EncodeToString(text)
	}
	input := encode(header) + "." + encode(claims)
	var signature []byte
	if sign != nil {
		signature = sign([]byte(input))
	}
	return input + "." + base64.RawURLEncoding.EncodeToString(signature)
}

func edit(m map[string]any, name string, value any) map[string]any {
	c := map[string]any{}
	for k, v := range m {
		c[k] = v
	}
	if value == nil {
		delete(c, name)
	} else {
		c[name] = value
	}
	return c
}

// TestBadTokens: whatever is wrong with a token, it is refused in the same words.
func TestBadTokens(t *testing.T) {
	h := demoHouse(t, dbtest.New(t, dbtest.SQLite))
	ctx := context.Background()
	now := time.Now().Unix()
	header := map[string]any{"alg": "EdDSA", "typ": "at+jwt", "kid": h.tokens.kid}
	claims := map[string]any{
		"iss": "sportello-demo", "aud": []string{"sportello"}, "sub": h.id(t, "admin"),
		"iat": now, "nbf": now, "exp": now + 3600, "jti": "x",
	}
	ours := func(input []byte) []byte { return ed25519.Sign(h.tokens.key, input) }
	_, foreign, err := ed25519.GenerateKey(rand.Reader)
	must(t, err)
	theirs := func(input []byte) []byte { return ed25519.Sign(foreign, input) }
	hs256 := func(key []byte) func([]byte) []byte {
		return func(input []byte) []byte {
			mac := hmac.New(sha256.New, key)
			mac.Write(input)
			return mac.Sum(nil)
		}
	}
	public, ok := h.tokens.key.Public().(ed25519.PublicKey)
	if !ok {
		t.Fatal("not an Ed25519 key")
	}
	good := forge(header, claims, ours)
	if _, err := h.tokens.Verify(ctx, good); err != nil {
		t.Fatalf("the token that the others are made from is refused: %v", err)
	}
	parts := strings.Split(good, ".")
	none := func(alg string) string { return forge(edit(header, "alg", alg), claims, nil) }
	hs := func(key []byte) string { return forge(edit(header, "alg", "HS256"), claims, hs256(key)) }
	head := func(name string, value any) string { return forge(edit(header, name, value), claims, ours) }
	claim := func(name string, value any) string { return forge(header, edit(claims, name, value), ours) }
	jwk := map[string]string{"kty": "OKP", "crv": "Ed25519", "x": base64.RawURLEncoding.EncodeToString(foreign[ed25519.SeedSize:])}

	bad := map[string]string{
		"empty":                      "",
		"garbage":                    "garbage",
		"dots":                       "..",
		"alg none":                   none("none"),
		"alg NoNe":                   none("NoNe"),
		"alg none, our signature":    forge(edit(header, "alg", "none"), claims, ours),
		"no alg":                     head("alg", nil),
		"HS256, empty key":           hs(nil),
		"HS256, weak key":            hs([]byte("secret")),
		"HS256, public key":          hs(public),
		"HS256, key id":              hs([]byte(h.tokens.kid)),
		"ES256":                      head("alg", "ES256"),
		"foreign key":                forge(header, claims, theirs),
		"foreign key brought as jwk": forge(edit(header, "jwk", jwk), claims, theirs),
		"our key, jwk besides":       head("jwk", jwk),
		"foreign jku":                head("jku", "https://example.org/keys"),
		"foreign x5u":                head("x5u", "https://example.org/keys"),
		"foreign kid":                head("kid", "other"),
		"kid with a path":            head("kid", "../../dev/null"),
		"kid that is no text":        head("kid", []string{h.tokens.kid}),
		"no kid":                     head("kid", nil),
		"unknown crit":               head("crit", []string{"b64"}),
		"b64 false":                  head("b64", false),
		"ID token":                   head("typ", "JWT"),
		"no type":                    head("typ", nil),
		"cut signature":              good[:len(good)-4],
		"no signature":               parts[0] + "." + parts[1] + ".",
		"two parts":                  parts[0] + "." + parts[1],
		"four parts":                 good + ".x",
		"changed claims":             parts[0] + "." + strings.Split(claim("sub", h.id(t, "mayor")), ".")[1] + "." + parts[2],
		"changed header":             strings.Split(head("typ", "JWT"), ".")[0] + "." + parts[1] + "." + parts[2],
		"padded":                     good + "=",
		"blank inside":               parts[0] + ". " + parts[1] + "." + parts[2],
		"expired":                    claim("exp", now-120),
		"no exp":                     claim("exp", nil),
		"exp as a text":              claim("exp", "tomorrow"),
		"nbf ahead":                  claim("nbf", now+120),
		"no nbf":                     claim("nbf", nil),
		"issued ahead":               claim("iat", now+120),
		"no iat":                     claim("iat", nil),
		"wrong audience":             claim("aud", []string{"another"}),
		"no audience":                claim("aud", nil),
		"wrong issuer":               claim("iss", "https://example.org"),
		"no issuer":                  claim("iss", nil),
		"no subject":                 claim("sub", nil),
		"a level that is no text":    claim("acr", 3),
		"1 MB":                       claim("jti", strings.Repeat("x", 1<<20)),
		"1 MB of nothing":            strings.Repeat("a", 1<<20),
		"claims that are no object":  parts[0] + "." + base64.RawURLEncoding.EncodeToString([]byte(`[1]`)) + "." + parts[2],
		"header that is no object":   base64.RawURLEncoding.EncodeToString([]byte(`"x"`)) + "." + parts[1] + "." + parts[2],
		"standard base64":            strings.NewReplacer("-", "+", "_", "/").Replace(good) + "+",
		"newline at the end":         good + "\n",
	}
	for name, token := range bad {
		t.Run(name, func(t *testing.T) {
			v, err := h.tokens.Verify(ctx, token)
			if v != nil || err == nil {
				t.Fatalf("accepted as %+v", v)
			}
			if err.Error() != errBadToken().Error() {
				t.Errorf("error = %v, want the same words as for every bad token", err)
			}
		})
	}
}

// TestATokenSaysHowSurelyOneIsKnown: as surely as can be unless it says otherwise, and not
// at all in a token that says nothing we know.
func TestATokenSaysHowSurelyOneIsKnown(t *testing.T) {
	h := demoHouse(t, dbtest.New(t, dbtest.SQLite))
	ctx := context.Background()
	verified := func(token string, err error) town.Assurance {
		t.Helper()
		must(t, err)
		v, err := h.tokens.Verify(ctx, token)
		must(t, err)
		return v.Assurance
	}
	if got := verified(h.tokens.Mint(ctx, "citizen", time.Hour)); got != town.AssuranceHigh {
		t.Errorf("a token of the server: %s", got)
	}
	if got := verified(TokenFor(ctx, h.store, "citizen", time.Hour)); got != town.AssuranceHigh {
		t.Errorf("a token of the command line: %s", got)
	}
	for _, level := range []town.Assurance{town.AssuranceLow, town.AssuranceSubstantial, town.AssuranceHigh} {
		if got := verified(TokenAt(ctx, h.store, "citizen", level, time.Hour)); got != level {
			t.Errorf("a token of level %s: %s", level, got)
		}
	}
	for _, level := range []string{"", "L4"} {
		if got := verified(mint(ctx, h.store, h.tokens.key, grant{"citizen", town.Assurance(level), time.Now(), time.Hour})); got != "" {
			t.Errorf("a token of level %q: %s", level, got)
		}
	}
	if _, err := TokenAt(ctx, h.store, "citizen", "L4", time.Hour); err == nil {
		t.Error("a token of a level that there is not")
	}
}

func TestDisabledPersonsTokenIsBad(t *testing.T) {
	h := demoHouse(t, dbtest.New(t, dbtest.SQLite))
	ctx := context.Background()
	token, err := h.tokens.Mint(ctx, "operator1", time.Hour)
	must(t, err)
	must(t, h.authority.SetDisabled(h.as(t, "admin"), h.id(t, "operator1"), true))
	if _, err := h.tokens.Verify(ctx, token); town.CodeOf(err) != town.Unauthenticated {
		t.Errorf("the token of a disabled operator: %v", err)
	}
	if _, err := h.tokens.Mint(ctx, "operator1", time.Hour); err == nil {
		t.Error("a token was made for a disabled operator")
	}
}

// TestDemoTokensStayAtHome: good tokens are bad beyond loopback, and in another town.
func TestDemoTokensStayAtHome(t *testing.T) {
	h := demoHouse(t, dbtest.New(t, dbtest.SQLite))
	ctx := context.Background()
	token, err := h.tokens.Mint(ctx, "admin", time.Hour)
	must(t, err)

	beyond, err := NewTokens(ctx, h.store, h.authority, false)
	must(t, err)
	if _, err := beyond.Verify(ctx, token); town.CodeOf(err) != town.Unauthenticated {
		t.Errorf("beyond loopback: %v", err)
	}
	other := demoHouse(t, dbtest.New(t, dbtest.SQLite))
	if _, err := other.tokens.Verify(ctx, token); town.CodeOf(err) != town.Unauthenticated {
		t.Errorf("in another demo town: %v", err)
	}
	earnest := openStore(t, dbtest.New(t, dbtest.SQLite))
	authority, err := access.NewAuthority(ctx, earnest)
	must(t, err)
	none, err := NewTokens(ctx, earnest, authority, true)
	must(t, err)
	if _, err := none.Verify(ctx, token); town.CodeOf(err) != town.Unauthenticated {
		t.Errorf("in a real town: %v", err)
	}
	if _, err := TokenFor(ctx, earnest, "admin", time.Hour); err == nil || !strings.Contains(err.Error(), "not a demo town") {
		t.Errorf("a token made in a real town: %v", err)
	}
}

func TestTokenForNamesThePeople(t *testing.T) {
	h := demoHouse(t, dbtest.New(t, dbtest.SQLite))
	ctx := context.Background()
	token, err := TokenFor(ctx, h.store, "head.sportello", time.Hour)
	must(t, err)
	if _, err := h.tokens.Verify(ctx, token); err != nil {
		t.Errorf("the token of the command line: %v", err)
	}
	_, err = TokenFor(ctx, h.store, "janitor", time.Hour)
	if err == nil {
		t.Fatal("a token for nobody")
	}
	for _, name := range []string{`"janitor"`, "citizen2", "operator5", "officer.tributi-patrimonio", "head.sportello", "auditor"} {
		if !strings.Contains(err.Error(), name) {
			t.Errorf("the error does not name %s: %v", name, err)
		}
	}
}
