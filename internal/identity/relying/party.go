// Package relying is the town as a relying party of one OpenID Connect issuer: it sends
// people there to sign in, reads what comes back, and checks the access tokens that API
// clients bring. Italian towns reach SPID and CIE through such an issuer. It keeps
// nothing but the issuer's public description and keys.
package relying

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"slices"
	"sync"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"
)

// Config says who the issuer is, and who we are there.
type Config struct {
	// Issuer is the issuer's URL, exactly as its own description spells it: https, or
	// http on this machine.
	Issuer string
	// ClientID is our name there.
	ClientID string
	// ClientSecret proves it is us, where we have one; see Key for the other way.
	ClientSecret string
	// Key signs an assertion that it is us (private_key_jwt), instead of a secret.
	Key *Key
	// RedirectURL is where the issuer sends people back to.
	RedirectURL string
	// Audience is what an access token must be for; ClientID if empty.
	Audience string
	// LoginClaim is the claim by which staff are found; "sub" if empty.
	LoginClaim string
	// Algorithms are the signatures that are accepted; [DefaultAlgorithms] if empty.
	Algorithms []string
	// Now is real time; time.Now if nil.
	Now func() time.Time
}

// DefaultAlgorithms are the signatures accepted where the town does not say otherwise:
// public keys only, never "none", never a shared secret.
func DefaultAlgorithms() []string { return []string{"RS256", "ES256", "PS256", "EdDSA"} }

// allowedAlgorithms may be chosen from.
func allowedAlgorithms() []string {
	return []string{"RS256", "RS384", "RS512", "ES256", "ES384", "ES512", "PS256", "PS384", "PS512", "EdDSA"}
}

// Party is the town at its issuer. It may be made while the issuer is down.
type Party struct {
	cfg    Config
	client *http.Client

	mu     sync.Mutex // guards what follows
	known  *issuer
	failed error
	asked  time.Time
}

// issuer is what an issuer says of itself.
type issuer struct {
	provider *oidc.Provider
	keys     oidc.KeySet
	oauth    oauth2.Config
	about    about
	learned  time.Time
}

// about is what go-oidc leaves of the description to whoever needs it.
type about struct {
	JWKS       string   `json:"jwks_uri"`
	UserInfo   string   `json:"userinfo_endpoint"`
	EndSession string   `json:"end_session_endpoint"`
	SendsIss   bool     `json:"authorization_response_iss_parameter_supported"`
	Scopes     []string `json:"scopes_supported"`
}

// How often the issuer is asked who it is: again after a while, and not at each request
// while it is down.
const (
	descriptionLife = time.Hour
	askAgainAfter   = 2 * time.Second
	issuerTimeout   = 10 * time.Second
)

// New checks the configuration; the issuer is asked at the first sign-in.
func New(cfg Config) (*Party, error) {
	if err := checkURL("issuer", cfg.Issuer); err != nil {
		return nil, err
	}
	if err := checkURL("redirect URL", cfg.RedirectURL); err != nil {
		return nil, err
	}
	if cfg.ClientID == "" {
		return nil, errors.New("the relying party needs a client id")
	}
	if cfg.ClientSecret != "" && cfg.Key != nil {
		return nil, errors.New("the relying party proves who it is by a secret or by a key, not by both")
	}
	if cfg.Audience == "" {
		cfg.Audience = cfg.ClientID
	}
	if len(cfg.Algorithms) == 0 {
		cfg.Algorithms = DefaultAlgorithms()
	}
	for _, algorithm := range cfg.Algorithms {
		if !slices.Contains(allowedAlgorithms(), algorithm) {
			return nil, fmt.Errorf("signatures of %q are not accepted; choose among %v", algorithm, allowedAlgorithms())
		}
	}
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	return &Party{cfg: cfg, client: newClient()}, nil
}

// checkURL wants https, or http on this machine.
func checkURL(what, text string) error {
	u, err := url.Parse(text)
	switch {
	case err != nil || u.Host == "" || u.User != nil || u.RawQuery != "" || u.Fragment != "":
		return fmt.Errorf("the %s %q is not the URL of a server", what, text)
	case u.Scheme == "https" || u.Scheme == "http" && isLoopback(u.Hostname()):
		return nil
	default:
		return fmt.Errorf("the %s %q must begin with https://: only on this machine is http enough", what, text)
	}
}

func isLoopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

// Issuer is the issuer's URL.
func (p *Party) Issuer() string { return p.cfg.Issuer }

// learn gives what the issuer says of itself, asking it when that is unknown or old. An
// old description is better than none.
func (p *Party) learn(ctx context.Context) (*issuer, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	now := p.cfg.Now()
	if p.known != nil && now.Sub(p.known.learned) < descriptionLife {
		return p.known, nil
	}
	if now.Sub(p.asked) < askAgainAfter {
		return p.known, p.failed
	}
	p.asked = now
	fresh, err := p.ask(ctx)
	if err != nil {
		if p.known == nil {
			p.failed = errors.Join(ErrUnavailable, err)
		}
		return p.known, p.failed
	}
	fresh.learned = now
	p.known, p.failed = fresh, nil
	return fresh, nil
}

func (p *Party) ask(ctx context.Context) (*issuer, error) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), issuerTimeout)
	defer cancel()
	provider, err := oidc.NewProvider(oidc.ClientContext(ctx, p.client), p.cfg.Issuer)
	if err != nil {
		return nil, fmt.Errorf("ask %s for its description: %w", p.cfg.Issuer, err)
	}
	fresh := &issuer{provider: provider}
	if err := provider.Claims(&fresh.about); err != nil {
		return nil, fmt.Errorf("read the description of %s: %w", p.cfg.Issuer, err)
	}
	endpoint := provider.Endpoint()
	for what, address := range map[string]string{"authorization endpoint": endpoint.AuthURL, "token endpoint": endpoint.TokenURL, "keys": fresh.about.JWKS} {
		if err := checkURL(what, address); err != nil {
			return nil, err
		}
	}
	endpoint.AuthStyle = oauth2.AuthStyleInParams
	if p.cfg.ClientSecret != "" {
		endpoint.AuthStyle = oauth2.AuthStyleInHeader
	}
	keysClient := newClient()
	keysClient.Transport = &sparing{next: keysClient.Transport}
	fresh.keys = oidc.NewRemoteKeySet(oidc.ClientContext(context.Background(), keysClient), fresh.about.JWKS)
	fresh.oauth = oauth2.Config{
		ClientID: p.cfg.ClientID, ClientSecret: p.cfg.ClientSecret, Endpoint: endpoint,
		RedirectURL: p.cfg.RedirectURL, Scopes: scopes(fresh.about.Scopes),
	}
	return fresh, nil
}

// scopes asks for what the issuer has: SPID knows none of these and goes by claims.
func scopes(supported []string) []string {
	wanted := []string{oidc.ScopeOpenID}
	for _, scope := range []string{oidc.ScopeProfile, oidc.ScopeEmail, "phone"} {
		if slices.Contains(supported, scope) {
			wanted = append(wanted, scope)
		}
	}
	return wanted
}

// EndSessionURL is where the browser goes to end the session at the issuer too, which
// sends it on to returnTo; empty where the issuer has no such place or does not answer.
func (p *Party) EndSessionURL(ctx context.Context, returnTo string) string {
	known, err := p.learn(ctx)
	if err != nil || known.about.EndSession == "" || checkURL("end of session", known.about.EndSession) != nil {
		return ""
	}
	return known.about.EndSession + "?" + url.Values{
		"client_id": {p.cfg.ClientID}, "post_logout_redirect_uri": {returnTo},
	}.Encode()
}
