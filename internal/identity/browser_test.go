package identity

import (
	"context"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/spazio-in-comune/sportello/internal/access"
	"github.com/spazio-in-comune/sportello/internal/identity/sessions"
	"github.com/spazio-in-comune/sportello/internal/store"
	"github.com/spazio-in-comune/sportello/internal/store/dbtest"
	"github.com/spazio-in-comune/sportello/internal/town"
)

// browsers gives the house's door sessions, and signs a demo person in.
func (h *house) browsers(t *testing.T) (signIn func(login string) (secret string)) {
	t.Helper()
	kept := sessions.New(h.store, time.Hour)
	h.door.Browsers = &Browsers{
		Sessions: kept, Authority: h.authority, Cookies: sessions.NewCookies(&url.URL{Scheme: "http", Host: "127.0.0.1:8080"}),
	}
	return func(login string) string {
		secret := sessions.NewSecret()
		must(t, h.store.InTx(access.System(t.Context(), "test"), "sign in", func(ctx context.Context, tx *store.Tx) error {
			return kept.Start(ctx, tx, secret, h.id(t, login), "https://issuer.example", town.AssuranceSubstantial)
		}))
		return secret
	}
}

func TestABrowserIsWhoSignedIn(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, db dbtest.DB) {
		h := demoHouse(t, db)
		signIn := h.browsers(t)
		citizen, ended, shutOut := signIn("citizen"), signIn("citizen2"), signIn("operator2")
		must(t, h.store.InTx(access.System(t.Context(), "test"), "sign out", func(ctx context.Context, tx *store.Tx) error {
			return h.door.Browsers.Sessions.End(ctx, tx, ended)
		}))
		must(t, h.authority.SetDisabled(h.as(t, "admin"), h.id(t, "operator2"), true))
		token, err := h.tokens.Mint(t.Context(), "operator1", time.Hour)
		must(t, err)
		for name, tc := range map[string]struct {
			cookie, bearer, upgrade string
			who                     string // login; empty is the public
			cleared                 bool
			status                  int
		}{
			"nobody":                    {status: 200},
			"signed in":                 {cookie: citizen, who: "citizen", status: 200},
			"signed out":                {cookie: ended, cleared: true, status: 200},
			"shut out":                  {cookie: shutOut, cleared: true, status: 200},
			"an invented secret":        {cookie: sessions.NewSecret(), cleared: true, status: 200},
			"no secret":                 {cookie: "x", cleared: true, status: 200},
			"a token besides":           {cookie: citizen, bearer: token, who: "operator1", status: 200},
			"a bad token besides":       {cookie: citizen, bearer: "a.b.c", status: 401},
			"a socket is not signed in": {cookie: citizen, upgrade: "websocket", status: 200},
		} {
			t.Run(name, func(t *testing.T) {
				var came *access.Viewer
				inside := http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { came = access.Asker(r.Context()) })
				r, w := httptest.NewRequest(http.MethodPost, "/graphql", nil), httptest.NewRecorder()
				r.RemoteAddr = "127.0.0.1:40000"
				for header, value := range map[string]string{"Cookie": tc.cookie, "Authorization": tc.bearer, "Upgrade": tc.upgrade} {
					if value != "" {
						r.Header.Set(header, map[string]string{"Cookie": "sportello-8080=", "Authorization": "Bearer "}[header]+value)
					}
				}
				h.door.Middleware(inside).ServeHTTP(w, r)
				if w.Code != tc.status {
					t.Fatalf("status %d, want %d", w.Code, tc.status)
				}
				if cleared := strings.Contains(w.Header().Get("Set-Cookie"), "Max-Age=0"); cleared != tc.cleared {
					t.Errorf("Set-Cookie %q, want it cleared: %v", w.Header().Get("Set-Cookie"), tc.cleared)
				}
				switch {
				case tc.status != http.StatusOK:
				case tc.who == "":
					if came.Kind != access.KindPublic || came.Address != "127.0.0.1" {
						t.Errorf("%s from %q came in, want the public", came.Kind, came.Address)
					}
				case came.ID != h.id(t, tc.who) || came.Address != "127.0.0.1" || came.Expires.IsZero():
					t.Errorf("%+v came in, want %s", came, tc.who)
				case tc.bearer == "" && (came.Assurance != town.AssuranceSubstantial || came.SignInID == ""):
					t.Errorf("the session is not told: %+v", came)
				}
			})
		}
	})
}
