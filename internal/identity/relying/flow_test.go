package relying

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"github.com/spazio-in-comune/sportello/internal/identity/claims"
	"github.com/spazio-in-comune/sportello/internal/town"
)

func TestTheWayToTheIssuer(t *testing.T) {
	t.Parallel()
	i := newIssuer(t)
	i.described["scopes_supported"] = []string{"openid", "email"}
	a := NewAttempt(town.AssuranceHigh)
	address, err := i.party(nil).SignInURL(t.Context(), a)
	if err != nil {
		t.Fatal(err)
	}
	u, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	q := u.Query()
	for name, want := range map[string]string{
		"response_type": "code", "client_id": clientID, "redirect_uri": "https://town.example/auth/callback", "scope": "openid email",
		"state": a.State, "nonce": a.Nonce, "acr_values": "https://www.spid.gov.it/SpidL3", "code_challenge_method": "S256",
	} {
		if q.Get(name) != want {
			t.Errorf("%s is %q, want %q", name, q.Get(name), want)
		}
	}
	if !strings.Contains(q.Get("claims"), claims.FiscalNumber) || q.Get("code_challenge") == "" || strings.Contains(address, a.Verifier) {
		t.Errorf("claims %q, challenge %q", q.Get("claims"), q.Get("code_challenge"))
	}
	for name, secret := range map[string]string{"state": a.State, "nonce": a.Nonce, "verifier": a.Verifier} {
		if len(secret) < 43 {
			t.Errorf("the %s has %d characters", name, len(secret))
		}
	}
}

// TestAnswersOfAnIssuer: one good answer, and whatever may be wrong with it.
func TestAnswersOfAnIssuer(t *testing.T) {
	t.Parallel()
	foreign, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	claim := func(name string, value any) func(*forged) {
		return func(f *forged) {
			if f.claims[name] = value; value == nil {
				delete(f.claims, name)
			}
		}
	}
	now := time.Now().Unix()
	for name, tc := range map[string]struct {
		change func(*forged)
		issuer func(*issuerHouse)
		answer func(*Answer)
		level  town.Assurance // asked; L2 if empty
		want   error          // nil: signed in
		known  town.Assurance // L2 if empty
	}{
		"good":                                {},
		"a higher level than asked":           {change: claim("acr", "https://www.spid.gov.it/SpidL3"), known: "L3"},
		"eIDAS":                               {change: claim("acr", "http://eidas.europa.eu/LoA/substantial")},
		"no at_hash":                          {change: claim("at_hash", nil)},
		"several audiences, made for us":      {change: func(f *forged) { f.claims["aud"], f.claims["azp"] = []string{clientID, "x"}, clientID }},
		"attributes in the ID token alone":    {change: func(f *forged) { f.claims[claims.FiscalNumber] = "TINIT-RSSMRA80A01F205X" }, issuer: func(i *issuerHouse) { delete(i.described, "userinfo_endpoint") }},
		"a lower level":                       {change: claim("acr", "https://www.spid.gov.it/SpidL1"), want: ErrLevel},
		"no level":                            {change: claim("acr", nil), want: ErrLevel},
		"no level where the lowest was asked": {change: claim("acr", nil), level: "L1", known: "L1"},
		"another nonce":                       {change: claim("nonce", "x"), want: ErrRefused},
		"no nonce":                            {change: claim("nonce", nil), want: ErrRefused},
		"for another audience":                {change: claim("aud", "somebody-else"), want: ErrRefused},
		"for others besides, nobody named":    {change: claim("aud", []string{clientID, "x"}), want: ErrRefused},
		"made for another party":              {change: claim("azp", "x"), want: ErrRefused},
		"from another issuer":                 {change: claim("iss", "https://another.example"), want: ErrRefused},
		"expired":                             {change: claim("exp", now-60), want: ErrRefused},
		"from the future":                     {change: claim("iat", now+3600), want: ErrRefused},
		"about nobody":                        {change: claim("sub", nil), want: ErrRefused},
		"of another access token":             {change: claim("at_hash", atHash("another")), want: ErrRefused},
		"signed by nobody":                    {change: func(f *forged) { f.method, f.key = jwt.SigningMethodNone, jwt.UnsafeAllowNoneSignatureType }, want: ErrRefused},
		"signed by a stranger":                {change: func(f *forged) { f.key = foreign }, want: ErrRefused},
		"signed by an unknown key":            {change: func(f *forged) { f.header["kid"], f.key = "unknown", foreign }, want: ErrRefused},
		"signed with the public key":          {change: hs256, want: ErrRefused},
		"signed by an algorithm not accepted": {change: func(f *forged) { f.method, f.key, f.header["kid"] = jwt.SigningMethodES384, es384(t), nil }, want: ErrRefused},
		"no ID token":                         {issuer: func(i *issuerHouse) { delete(i.tokens, "id_token") }, want: ErrRefused},
		"the code is refused": {issuer: func(i *issuerHouse) {
			i.status, i.tokens = http.StatusBadRequest, map[string]any{"error": "invalid_grant"}
		}, want: ErrRefused},
		"the issuer is out of order":  {issuer: func(i *issuerHouse) { i.status = http.StatusBadGateway }, want: ErrUnavailable},
		"another person's attributes": {issuer: func(i *issuerHouse) { i.person["sub"] = "another" }, want: ErrRefused},
		"nobody's attributes":         {issuer: func(i *issuerHouse) { delete(i.person, "sub") }, want: ErrRefused},
		"a tax code with a wrong letter": {issuer: func(i *issuerHouse) {
			i.person[claims.FiscalNumber] = "TINIT-RSSMRA80A01F205Y"
		}, want: claims.ErrTaxCode},
		"the answer names another issuer": {answer: func(a *Answer) { a.Issuer = "https://another.example" }, want: ErrRefused},
		"the answer names no issuer":      {answer: func(a *Answer) { a.Issuer = "" }, want: ErrRefused},
		"an issuer that never names itself": {answer: func(a *Answer) { a.Issuer = "" }, issuer: func(i *issuerHouse) {
			delete(i.described, "authorization_response_iss_parameter_supported")
		}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			i := newIssuer(t)
			attempt := substantial()
			if tc.level != "" {
				attempt.Level = tc.level
			}
			i.answers(i.sign("JWT", i.idClaims(attempt), tc.change))
			if tc.issuer != nil {
				tc.issuer(i)
			}
			answer := Answer{Code: "code", Issuer: i.URL}
			if tc.answer != nil {
				tc.answer(&answer)
			}
			who, err := i.party(nil).Finish(t.Context(), attempt, answer)
			if !errors.Is(err, tc.want) || tc.want == nil && err != nil {
				t.Fatalf("error %v, want %v", err, tc.want)
			}
			if tc.want != nil {
				if who.TaxCode != "" || who.Subject != "" {
					t.Error("a refusal names somebody")
				}
				return
			}
			if tc.known == "" {
				tc.known = town.AssuranceSubstantial
			}
			if who.TaxCode != "RSSMRA80A01F205X" || who.Subject != "s" || who.Issuer != i.URL || who.Assurance != tc.known {
				t.Errorf("%q at %q with %q, level %s", who.Subject, who.Issuer, who.TaxCode, who.Assurance)
			}
			if i.asked.Get("code") != "code" || i.asked.Get("code_verifier") != attempt.Verifier {
				t.Errorf("the exchange has the code %q and the verifier %q", i.asked.Get("code"), i.asked.Get("code_verifier"))
			}
		})
	}
}

// hs256 signs with the public key as a shared secret.
func hs256(f *forged) {
	key, ok := f.key.(*ecdsa.PrivateKey)
	if !ok {
		return
	}
	public, err := x509.MarshalPKIXPublicKey(&key.PublicKey)
	if err != nil {
		return
	}
	f.method, f.key = jwt.SigningMethodHS256, public
}

func es384(t *testing.T) *ecdsa.PrivateKey {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P384(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return key
}

func TestKeysRotate(t *testing.T) {
	t.Parallel()
	i := newIssuer(t)
	p := i.party(nil)
	for _, key := range []string{"first", "second", "third"} {
		if key != "first" {
			i.rotate(key)
		}
		attempt := substantial()
		i.answers(i.sign("JWT", i.idClaims(attempt), nil))
		if _, err := p.Finish(t.Context(), attempt, Answer{Code: "code", Issuer: i.URL}); err != nil {
			t.Errorf("signed by the %s key: %v", key, err)
		}
	}
}

// TestTheTownProvesWhoItIs: by a secret, or by a key; a secret is never in an address.
func TestTheTownProvesWhoItIs(t *testing.T) {
	t.Parallel()
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	der, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		t.Fatal(err)
	}
	key, err := ParseKey(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}), "k1")
	if err != nil {
		t.Fatal(err)
	}
	i := newIssuer(t)
	finish := func(change func(*Config)) {
		t.Helper()
		attempt := substantial()
		i.answers(i.sign("JWT", i.idClaims(attempt), nil))
		if _, err := i.party(change).Finish(t.Context(), attempt, Answer{Code: "code", Issuer: i.URL}); err != nil {
			t.Fatal(err)
		}
	}
	finish(nil)
	if i.basic != "" || i.asked.Get("client_id") != clientID {
		t.Errorf("without a secret: %q, %v", i.basic, i.asked)
	}
	finish(func(c *Config) { c.ClientSecret = "secret" })
	if !strings.HasPrefix(i.basic, "Basic ") || i.asked.Has("client_secret") {
		t.Errorf("with a secret: %q, %v", i.basic, i.asked)
	}
	finish(func(c *Config) { c.Key = key })
	said := jwt.RegisteredClaims{}
	token, err := jwt.ParseWithClaims(i.asked.Get("client_assertion"), &said, func(*jwt.Token) (any, error) { return &private.PublicKey, nil })
	if err != nil || token.Header["kid"] != "k1" || said.Issuer != clientID || said.Subject != clientID || len(said.Audience) != 1 || said.Audience[0] != i.URL+"/token" || said.ID == "" {
		t.Errorf("with a key: %+v, %v", said, err)
	}
	if i.asked.Get("client_assertion_type") != assertionType {
		t.Errorf("the assertion is a %q", i.asked.Get("client_assertion_type"))
	}
}

func TestAnIssuerThatIsDown(t *testing.T) {
	t.Parallel()
	i := newIssuer(t)
	now := time.Now()
	p := i.party(func(c *Config) { c.Now = func() time.Time { return now } })
	described := i.described
	i.described = map[string]any{"issuer": "https://another.example"}
	for range 2 { // asked once, remembered the second time
		if _, err := p.SignInURL(t.Context(), substantial()); !errors.Is(err, ErrUnavailable) {
			t.Errorf("an issuer that says it is another: %v", err)
		}
	}
	i.described = described
	now = now.Add(askAgainAfter)
	if _, err := p.SignInURL(t.Context(), substantial()); err != nil {
		t.Errorf("once it is up: %v", err)
	}
	i.Close()
	now = now.Add(descriptionLife)
	if _, err := p.SignInURL(t.Context(), substantial()); err != nil {
		t.Errorf("what it said before is enough to send people there: %v", err)
	}
	if _, err := p.Finish(t.Context(), substantial(), Answer{Code: "code", Issuer: i.URL}); !errors.Is(err, ErrUnavailable) {
		t.Errorf("the exchange: %v", err)
	}
}

func TestConfigurationsThatCannotBeMeant(t *testing.T) {
	t.Parallel()
	good := Config{Issuer: "https://issuer.example", ClientID: "c", RedirectURL: "https://town.example/auth/callback"}
	for name, change := range map[string]func(*Config){
		"no issuer":             func(c *Config) { c.Issuer = "" },
		"http beyond this host": func(c *Config) { c.Issuer = "http://issuer.example" },
		"a query":               func(c *Config) { c.Issuer = "https://issuer.example?x=1" },
		"no client":             func(c *Config) { c.ClientID = "" },
		"back over http":        func(c *Config) { c.RedirectURL = "http://town.example/auth/callback" },
		"none":                  func(c *Config) { c.Algorithms = []string{"none"} },
		"a shared secret":       func(c *Config) { c.Algorithms = []string{"RS256", "HS256"} },
		"a secret and a key":    func(c *Config) { c.ClientSecret, c.Key = "s", &Key{} },
	} {
		cfg := good
		change(&cfg)
		if _, err := New(cfg); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
	for _, issuer := range []string{good.Issuer, "http://127.0.0.1:1/x", "http://localhost:1", "http://[::1]:1"} {
		cfg := good
		cfg.Issuer = issuer
		if _, err := New(cfg); err != nil {
			t.Errorf("%s: %v", issuer, err)
		}
	}
}
