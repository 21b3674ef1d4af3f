package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/spazio-in-comune/sportello/internal/httpd"
	"github.com/spazio-in-comune/sportello/internal/identity"
	"github.com/spazio-in-comune/sportello/internal/identity/demoissuer"
	"github.com/spazio-in-comune/sportello/internal/identity/relying"
	"github.com/spazio-in-comune/sportello/internal/identity/sessions"
	"github.com/spazio-in-comune/sportello/internal/identity/signin"
)

// signInConfig says where people sign in. Without an issuer nobody does, but in a
// demonstration, which has one of its own.
type signInConfig struct {
	PublicURL  string // the town's address for browsers
	Issuer     string
	ClientID   string
	SecretFile string
	KeyFile    string
	KeyID      string
	Audience   string
	StaffClaim string
	Algorithms []string
	Life       time.Duration
}

func (c *signInConfig) register(cmd *cobra.Command) {
	f := cmd.Flags()
	f.StringVar(&c.PublicURL, "public-url", "", "the town's address for browsers, such as https://sportello.example; empty means the one it listens on")
	f.StringVar(&c.Issuer, "oidc-issuer", "", "URL of the OpenID Connect issuer where people sign in; empty means nobody does, but in a demonstration")
	f.StringVar(&c.ClientID, "oidc-client-id", "", "the town's name at the issuer")
	f.StringVar(&c.SecretFile, "oidc-client-secret-file", "", "file with the town's secret at the issuer")
	f.StringVar(&c.KeyFile, "oidc-client-key-file", "", "file with the town's private key at the issuer (private_key_jwt), in PEM, instead of a secret")
	f.StringVar(&c.KeyID, "oidc-client-key-id", "", "name under which the issuer knows that key")
	f.StringVar(&c.Audience, "oidc-audience", "", "for whom the issuer's access tokens must be made; empty means the client id")
	f.StringVar(&c.StaffClaim, "oidc-staff-claim", "sub", "the claim by which staff are found")
	f.StringSliceVar(&c.Algorithms, "oidc-algorithms", relying.DefaultAlgorithms(), "signatures of the issuer that are accepted")
	f.DurationVar(&c.Life, "session-life", sessions.DefaultLife, "how long a sign-in with a browser lasts")
}

// check finds what cannot be meant before anything is started.
func (c *signInConfig) check() error {
	switch {
	case c.Issuer != "" && c.ClientID == "":
		return usageError{errors.New("say who the town is at the issuer: --oidc-client-id NAME")}
	case c.Issuer == "" && (c.ClientID != "" || c.SecretFile != "" || c.KeyFile != ""):
		return usageError{errors.New("say where people sign in: --oidc-issuer URL")}
	case c.Life < time.Minute || c.Life > 24*time.Hour:
		return usageError{errors.New("--session-life is between a minute and a day")}
	}
	return nil
}

// public is the town's address for browsers: https, or http on this machine.
func (a *app) public() (*url.URL, error) {
	text := a.cfg.SignIn.PublicURL
	if text == "" {
		text = "http://" + a.listener.Addr().String()
	}
	u, err := url.Parse(strings.TrimSuffix(text, "/"))
	if err != nil || u.Host == "" || u.Path != "" || u.RawQuery != "" || u.Fragment != "" || u.User != nil {
		return nil, fmt.Errorf("--public-url %q: want https:// and a name", text)
	}
	local := u.Scheme == "http" && httpd.IsLoopback(u.Hostname()+":0")
	if u.Scheme != "https" && !local && (a.cfg.SignIn.PublicURL != "" || a.cfg.SignIn.Issuer != "") {
		return nil, fmt.Errorf("browsers sign in over https only: name the town's address with --public-url https://…, not %q", text)
	}
	return u, nil
}

// openSignIn gives people a way in: the pages under /auth/, sessions at the door, tokens of
// the issuer, and in a demonstration the issuer itself (else nil).
func (a *app) openSignIn(ctx context.Context) (pages, issuer http.Handler, err error) {
	public, err := a.public()
	if err != nil {
		return nil, nil, err
	}
	party, own, err := a.party(ctx, public)
	if err != nil {
		return nil, nil, err
	}
	if own != nil {
		issuer = own
	}
	kept := sessions.New(a.store, a.cfg.SignIn.Life)
	a.door.Browsers = &identity.Browsers{Sessions: kept, Cookies: sessions.NewCookies(public), Authority: a.authority}
	if party != nil {
		a.door.Tokens.UseIssuer(party, a.people)
	}
	a.background(a.workers, a.logged("removal of expired sessions", func(ctx context.Context) error { return kept.RunSweep(ctx, a.cfg.Logger) }))
	pages, err = signin.New(signin.Config{
		Party: party, Browsers: a.door.Browsers, People: a.people, Store: a.store, Authority: a.authority, Public: public, Logger: a.cfg.Logger,
	})
	return pages, issuer, err
}

// party is the town at its issuer: the one that was named, else a demonstration's own. Nil
// where there is none.
func (a *app) party(ctx context.Context, public *url.URL) (*relying.Party, *demoissuer.Issuer, error) {
	c := a.cfg.SignIn
	cfg := relying.Config{
		Issuer: c.Issuer, ClientID: c.ClientID, Audience: c.Audience, LoginClaim: c.StaffClaim, Algorithms: c.Algorithms,
		RedirectURL: public.JoinPath(signin.RedirectPath).String(),
	}
	var own *demoissuer.Issuer
	if a.cfg.Demo {
		var err error
		if own, err = demoissuer.New(ctx, a.store, public.String()); err != nil {
			return nil, nil, err
		}
		if c.Issuer == "" {
			cfg.Issuer, cfg.ClientID, cfg.ClientSecret, cfg.Audience = own.URL(), demoissuer.TownClient, own.Secret(), demoissuer.Audience
		}
	}
	if cfg.Issuer == "" {
		return nil, nil, nil
	}
	if err := c.prove(&cfg); err != nil {
		return nil, nil, err
	}
	party, err := relying.New(cfg)
	return party, own, err
}

// prove adds what shows the issuer that it is us.
func (c *signInConfig) prove(cfg *relying.Config) error {
	if c.SecretFile != "" {
		secret, err := os.ReadFile(c.SecretFile)
		if err != nil {
			return fmt.Errorf("read the town's secret at the issuer: %w", err)
		}
		if cfg.ClientSecret = strings.TrimSpace(string(secret)); cfg.ClientSecret == "" {
			return fmt.Errorf("read the town's secret at the issuer: %s is empty", c.SecretFile)
		}
	}
	if c.KeyFile != "" {
		text, err := os.ReadFile(c.KeyFile)
		if err != nil {
			return fmt.Errorf("read the town's key at the issuer: %w", err)
		}
		if cfg.Key, err = relying.ParseKey(text, c.KeyID); err != nil {
			return err
		}
	}
	return nil
}
