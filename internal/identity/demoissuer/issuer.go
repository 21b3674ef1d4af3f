// Package demoissuer is an OpenID Connect issuer for demo towns: whoever opens its page
// chooses an invented person and a level, and is that person. It asks for no password and
// must never be reached from another machine.
package demoissuer

import (
	"context"
	"crypto/rand"
	"fmt"
	"html/template"
	"net/http"

	"github.com/zitadel/oidc/v3/pkg/op"

	"github.com/spazio-in-comune/sportello/internal/store"
)

// Path is where the issuer is mounted.
const Path = "/demo-issuer"

// The clients that the issuer knows.
const (
	// TownClient is the demo town itself; it has a secret.
	TownClient = "sportello"
	// WebClient is any program on this machine that uses PKCE: a front end, another town.
	WebClient = "sportello-web"
	// Audience is for whom access tokens are made, whichever client asks.
	Audience = "sportello"
)

// Issuer is the issuer of one demo town.
type Issuer struct {
	http.Handler
	url    string
	secret string
	store  *storage
	page   *template.Template
}

// New makes the issuer of the demo town that answers at the address, such as
// http://127.0.0.1:8080. Its keys are in the store; what is under way is in memory.
func New(ctx context.Context, s *store.Store, address string) (*Issuer, error) {
	if err := ensureKeys(ctx, s); err != nil {
		return nil, err
	}
	kept, err := newStorage(s, address)
	if err != nil {
		return nil, err
	}
	page, err := template.New("page").Parse(pageText)
	if err != nil {
		return nil, fmt.Errorf("read the page of the demo issuer: %w", err)
	}
	i := &Issuer{url: address + Path, secret: kept.secret, store: kept, page: page}
	config := &op.Config{CodeMethodS256: true, DefaultLogoutRedirectURI: address + "/", SupportedScopes: supportedScopes()}
	_, _ = rand.Read(config.CryptoKey[:]) // never fails; nothing that it protects outlives us
	provider, err := op.NewProvider(config, kept, op.StaticIssuer(i.url),
		op.WithAllowInsecure(), op.WithCORSOptions(nil), op.WithCustomTokenEndpoint(op.NewEndpoint("token")))
	if err != nil {
		return nil, fmt.Errorf("make the demo issuer: %w", err)
	}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /.well-known/openid-configuration", i.describe)
	mux.HandleFunc("POST /token", i.tokens(provider))
	mux.HandleFunc("GET /sign-in", i.choose)
	mux.HandleFunc("POST /sign-in", i.chosen)
	for _, pattern := range []string{"GET /authorize", "GET /userinfo", "POST /userinfo", "GET /keys", "GET /end_session", "POST /end_session"} {
		mux.Handle(pattern, provider)
	}
	i.Handler = http.StripPrefix(Path, mux)
	return i, nil
}

// URL is the issuer's name.
func (i *Issuer) URL() string { return i.url }

// Secret is the secret of [TownClient], new at each start.
func (i *Issuer) Secret() string { return i.secret }
