// Package signin is how people sign in with a browser: the pages under /auth/ that lead to
// the town's issuer and back, and the session that begins there. What the issuer says is
// checked in relying, who that is in identity, and what the browser holds in sessions.
package signin

import (
	"context"
	"errors"
	"fmt"
	"html/template"
	"log/slog"
	"net/http"
	"net/url"
	"time"

	"github.com/spazio-in-comune/sportello/internal/access"
	"github.com/spazio-in-comune/sportello/internal/identity"
	"github.com/spazio-in-comune/sportello/internal/identity/claims"
	"github.com/spazio-in-comune/sportello/internal/identity/relying"
	"github.com/spazio-in-comune/sportello/internal/identity/sessions"
	"github.com/spazio-in-comune/sportello/internal/store"
	"github.com/spazio-in-comune/sportello/internal/town"
)

// Config is what signing in needs.
type Config struct {
	// Party is the town at its issuer; nil where the town has none: then nobody signs in,
	// and only the session says so.
	Party     *relying.Party
	Browsers  *identity.Browsers
	People    *identity.People
	Store     *store.Store
	Authority *access.Authority
	// Public is the town's address for browsers.
	Public *url.URL
	Logger *slog.Logger
}

// RedirectPath is where the issuer sends people back to.
const RedirectPath = "/auth/callback"

// exchangeTimeout bounds what the issuer may take to answer our questions.
const exchangeTimeout = 20 * time.Second

// handler answers the pages.
type handler struct {
	Config
	limit *limiter
	page  *template.Template
}

// New answers the pages under /auth/:
//
//	GET  /auth/login?returnTo=/path&level=L2   to the issuer; L2 where no level is named
//	GET  /auth/callback                        back from the issuer
//	POST /auth/logout                          the session ends; says where to go on
//	GET  /auth/session                         who has signed in, as JSON
func New(cfg Config) (http.Handler, error) {
	limit, err := newLimiter()
	if err != nil {
		return nil, err
	}
	page, err := template.New("page").Parse(pageText)
	if err != nil {
		return nil, fmt.Errorf("read the page of a sign-in: %w", err)
	}
	h := &handler{Config: cfg, limit: limit, page: page}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /auth/session", h.session)
	if cfg.Party != nil {
		mux.HandleFunc("GET /auth/login", h.login)
		mux.HandleFunc("GET "+RedirectPath, h.callback)
		mux.HandleFunc("POST /auth/logout", h.logout)
	}
	return uncached(mux), nil
}

// uncached keeps answers that differ by person out of every cache.
func uncached(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Cache-Control", "no-store")
		next.ServeHTTP(w, r)
	})
}

// What is remembered of a sign-in under way, by name.
const (
	dataNonce, dataVerifier    = "nonce", "verifier"
	dataLevel, dataDestination = "level", "returnTo"
)

// elsewhere marks a browser that was sent from another name of the server to the public
// one, so that it is sent once.
const elsewhere = "from"

// login sends the browser to the issuer.
func (h *handler) login(w http.ResponseWriter, r *http.Request) {
	query := r.URL.Query()
	if r.Host != h.Public.Host && !query.Has(elsewhere) {
		// The cookies must be of the name to which the issuer sends people back.
		query.Set(elsewhere, "elsewhere")
		http.Redirect(w, r, h.Public.JoinPath("/auth/login").String()+"?"+query.Encode(), http.StatusSeeOther)
		return
	}
	if !h.limit.allow(r.RemoteAddr) {
		h.show(w, http.StatusTooManyRequests, tooMany())
		return
	}
	level := town.Assurance(query.Get("level"))
	if level == "" {
		level = town.AssuranceSubstantial
	}
	if claims.ACR(level) == "" {
		h.show(w, http.StatusBadRequest, noSuchLevel())
		return
	}
	attempt := relying.NewAttempt(level)
	browser := h.Browsers.Cookies.Attempt(r) // several pages may sign in at once
	if browser == "" {
		browser = sessions.NewSecret()
	}
	address, err := h.Party.SignInURL(r.Context(), attempt)
	if err == nil {
		err = h.Browsers.Sessions.Begin(r.Context(), attempt.State, browser, map[string]string{
			dataNonce: attempt.Nonce, dataVerifier: attempt.Verifier, dataLevel: string(level), dataDestination: destination(query.Get("returnTo")),
		})
	}
	if err != nil {
		h.fail(w, r, err)
		return
	}
	h.Browsers.Cookies.SetAttempt(w, browser)
	http.Redirect(w, r, address, http.StatusSeeOther)
}

// callback ends the sign-in: the state is used up before anything else is looked at.
func (h *handler) callback(w http.ResponseWriter, r *http.Request) {
	query := r.URL.Query()
	ctx, cancel := context.WithTimeout(r.Context(), exchangeTimeout)
	defer cancel()
	data, ours, err := h.Browsers.Sessions.Finish(ctx, query.Get("state"), h.Browsers.Cookies.Attempt(r))
	if err != nil {
		h.fail(w, r, err)
		return
	}
	if !ours {
		h.show(w, http.StatusBadRequest, tooLate())
		return
	}
	if query.Has("error") {
		h.Logger.InfoContext(ctx, "the issuer signed nobody in", "reason", short(query.Get("error")))
		h.show(w, http.StatusForbidden, cancelled())
		return
	}
	attempt := relying.Attempt{State: query.Get("state"), Nonce: data[dataNonce], Verifier: data[dataVerifier], Level: town.Assurance(data[dataLevel])}
	who, err := h.Party.Finish(ctx, attempt, relying.Answer{Code: query.Get("code"), Issuer: query.Get("iss")})
	if err != nil {
		h.fail(w, r, err)
		return
	}
	before, _ := h.Browsers.Cookies.Session(r)
	secret, err := h.begin(access.With(ctx, access.PublicFrom(r.RemoteAddr)), who, before)
	if err != nil {
		h.fail(w, r, err)
		return
	}
	h.Browsers.Cookies.SetSession(w, secret, time.Now().Add(h.Browsers.Sessions.Life()))
	http.Redirect(w, r, destination(data[dataDestination]), http.StatusSeeOther)
}

// begin starts a session with a secret of its own; the one that the browser had ends.
func (h *handler) begin(ctx context.Context, who claims.Claims, before string) (secret string, err error) {
	secret = sessions.NewSecret()
	ctx = access.System(ctx, "signin")
	err = h.Store.InTx(ctx, "sign in", func(ctx context.Context, tx *store.Tx) error {
		id, err := h.People.SignedIn(ctx, tx, who)
		if err != nil {
			return err
		}
		if err := h.Browsers.Sessions.End(ctx, tx, before); err != nil {
			return err
		}
		return h.Browsers.Sessions.Start(ctx, tx, secret, id, who.Issuer, who.Assurance)
	})
	if err != nil {
		return "", err
	}
	return secret, h.Authority.ReloadIfChanged(ctx)
}

// logout ends the session here, and says where the browser ends it at the issuer.
func (h *handler) logout(w http.ResponseWriter, r *http.Request) {
	secret, _ := h.Browsers.Cookies.Session(r)
	ctx := access.System(access.With(r.Context(), access.PublicFrom(r.RemoteAddr)), "signout")
	err := h.Store.InTx(ctx, "sign out", func(ctx context.Context, tx *store.Tx) error {
		return h.Browsers.Sessions.End(ctx, tx, secret)
	})
	if err == nil {
		err = h.Authority.ReloadIfChanged(ctx)
	}
	if err != nil {
		h.Logger.ErrorContext(ctx, "a session could not be ended", "error", err)
		answer(w, http.StatusServiceUnavailable, map[string]any{"error": "unavailable"})
		return
	}
	h.Browsers.Cookies.ClearSession(w)
	next := h.Party.EndSessionURL(ctx, h.Public.JoinPath("/").String())
	if next == "" {
		next = "/"
	}
	answer(w, http.StatusOK, map[string]any{"redirectTo": next})
}

// session tells a page who has signed in; names of citizens are read over GraphQL, where
// each reading is on record.
func (h *handler) session(w http.ResponseWriter, r *http.Request) {
	viewer, err := h.Browsers.Viewer(w, r)
	if err != nil {
		h.Logger.ErrorContext(r.Context(), "a session could not be read", "error", err)
		answer(w, http.StatusServiceUnavailable, map[string]any{"error": "unavailable"})
		return
	}
	told := map[string]any{"available": h.Party != nil, "signedIn": false}
	if viewer.Kind != access.KindPublic {
		label, err := h.People.Label(access.With(r.Context(), viewer), viewer)
		if err != nil {
			h.Logger.ErrorContext(r.Context(), "a name could not be read", "error", err)
		}
		told["signedIn"], told["id"], told["label"] = true, viewer.ID, label
		told["assurance"], told["expiresAt"] = string(viewer.Assurance), viewer.Expires.UTC().Format(time.RFC3339)
	}
	answer(w, http.StatusOK, told)
}

// fail tells the person what they can do, and the log why.
func (h *handler) fail(w http.ResponseWriter, r *http.Request, err error) {
	var own *town.Error
	switch {
	case errors.As(err, &own) && (own.Code == town.NotAllowed || own.Code == town.Forbidden):
		h.Logger.InfoContext(r.Context(), "sign-in refused", "reason", string(own.Code))
		h.show(w, http.StatusForbidden, words{own.MessageIT, own.Message})
	case errors.Is(err, relying.ErrLevel):
		h.show(w, http.StatusForbidden, tooLow())
	case errors.Is(err, claims.ErrTaxCode):
		h.Logger.WarnContext(r.Context(), "sign-in refused", "reason", claims.ErrTaxCode)
		h.show(w, http.StatusForbidden, badTaxCode())
	case errors.Is(err, relying.ErrRefused):
		h.Logger.WarnContext(r.Context(), "sign-in refused", "reason", err)
		h.show(w, http.StatusBadRequest, notRight())
	default:
		h.Logger.ErrorContext(r.Context(), "nobody can sign in", "error", err)
		h.show(w, http.StatusServiceUnavailable, unavailable())
	}
}
