package relying

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"sync"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/golang-jwt/jwt/v5"

	"github.com/spazio-in-comune/sportello/internal/identity/claims"
	"github.com/spazio-in-comune/sportello/internal/town"
)

// issuerHouse is an issuer that answers whatever a test makes it answer.
type issuerHouse struct {
	*httptest.Server
	t *testing.T

	mu        sync.Mutex // guards what follows
	keys      map[string]*ecdsa.PrivateKey
	signs     string // the key that signs
	asked     url.Values
	basic     string
	tokens    map[string]any // the answer of the token endpoint
	status    int
	person    map[string]any // the answer of UserInfo
	described map[string]any
	fetched   int // how often the keys were asked for
}

const clientID = "the-town"

func newIssuer(t *testing.T) *issuerHouse {
	t.Helper()
	i := &issuerHouse{t: t, keys: map[string]*ecdsa.PrivateKey{}, status: http.StatusOK}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /.well-known/openid-configuration", func(w http.ResponseWriter, _ *http.Request) { i.write(w, i.described) })
	mux.HandleFunc("GET /keys", i.publish)
	mux.HandleFunc("POST /token", func(w http.ResponseWriter, r *http.Request) {
		_ = r.ParseForm()
		i.mu.Lock()
		i.asked, i.basic = r.PostForm, r.Header.Get("Authorization")
		status := i.status
		i.mu.Unlock()
		if status != http.StatusOK {
			w.Header().Set("Content-Type", "application/json")
			w.WriteHeader(status)
		}
		i.write(w, i.tokens)
	})
	mux.HandleFunc("GET /userinfo", func(w http.ResponseWriter, _ *http.Request) { i.write(w, i.person) })
	i.Server = httptest.NewServer(mux)
	t.Cleanup(i.Close)
	i.described = map[string]any{
		"issuer": i.URL, "authorization_endpoint": i.URL + "/authorize", "token_endpoint": i.URL + "/token", "jwks_uri": i.URL + "/keys",
		"userinfo_endpoint": i.URL + "/userinfo", "authorization_response_iss_parameter_supported": true,
		"id_token_signing_alg_values_supported": []string{"ES256", "HS256", "none"},
	}
	i.person = map[string]any{"sub": "s", claims.FiscalNumber: "TINIT-RSSMRA80A01F205X", "family_name": "ROSSI", "acr": "https://www.spid.gov.it/SpidL3", "iss": "https://another.example"}
	i.rotate("first")
	return i
}

func (i *issuerHouse) write(w http.ResponseWriter, body any) {
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(body)
}

// rotate adds a key that signs from now on.
func (i *issuerHouse) rotate(name string) {
	i.t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		i.t.Fatal(err)
	}
	i.mu.Lock()
	defer i.mu.Unlock()
	i.keys[name], i.signs = key, name
}

func (i *issuerHouse) publish(w http.ResponseWriter, _ *http.Request) {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.fetched++
	set := jose.JSONWebKeySet{}
	for name, key := range i.keys {
		set.Keys = append(set.Keys, jose.JSONWebKey{Key: &key.PublicKey, KeyID: name, Algorithm: "ES256", Use: "sig"})
	}
	i.write(w, set)
}

// forged is a token to be: change it, then sign it.
type forged struct {
	header, claims map[string]any
	method         jwt.SigningMethod
	key            any
}

// sign makes the token of the claims, as the change wants it.
func (i *issuerHouse) sign(kind string, said map[string]any, change func(*forged)) string {
	i.t.Helper()
	f := &forged{header: map[string]any{"typ": kind, "kid": i.signs}, claims: maps.Clone(said), method: jwt.SigningMethodES256, key: i.keys[i.signs]}
	if change != nil {
		change(f)
	}
	token := jwt.NewWithClaims(f.method, jwt.MapClaims(f.claims))
	for name, value := range f.header {
		if token.Header[name] = value; value == nil {
			delete(token.Header, name)
		}
	}
	signed, err := token.SignedString(f.key)
	if err != nil {
		i.t.Fatal(err)
	}
	return signed
}

// idClaims are those of a good ID token for the attempt.
func (i *issuerHouse) idClaims(a Attempt) map[string]any {
	now := time.Now().Unix()
	return map[string]any{
		"iss": i.URL, "sub": "s", "aud": clientID, "exp": now + 60, "iat": now, "nonce": a.Nonce,
		"acr": "https://www.spid.gov.it/SpidL2", "at_hash": atHash("access"),
	}
}

func atHash(token string) string {
	sum := sha256.Sum256([]byte(token))
	return base64.RawURLEncoding.EncodeToString(sum[:16])
}

// answers makes the token endpoint answer with the ID token.
func (i *issuerHouse) answers(idToken string) {
	i.tokens = map[string]any{"access_token": "access", "token_type": "Bearer", "expires_in": 60, "id_token": idToken}
}

func (i *issuerHouse) party(change func(*Config)) *Party {
	i.t.Helper()
	cfg := Config{Issuer: i.URL, ClientID: clientID, RedirectURL: "https://town.example/auth/callback"}
	if change != nil {
		change(&cfg)
	}
	p, err := New(cfg)
	if err != nil {
		i.t.Fatal(err)
	}
	return p
}

func substantial() Attempt { return NewAttempt(town.AssuranceSubstantial) }
