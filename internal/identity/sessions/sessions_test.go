package sessions

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/spazio-in-comune/sportello/ent/event"
	"github.com/spazio-in-comune/sportello/internal/access"
	"github.com/spazio-in-comune/sportello/internal/store"
	"github.com/spazio-in-comune/sportello/internal/store/dbtest"
	"github.com/spazio-in-comune/sportello/internal/town"
)

// room is a keeper of sessions whose time the test moves.
type room struct {
	*Sessions
	store     *store.Store
	authority *access.Authority
	at        time.Time
}

func newRoom(t *testing.T, db dbtest.DB) *room {
	t.Helper()
	cfg := store.Config{DSN: db.DSN, Attach: access.Attach, Sign: access.Sign}
	if db.Name == dbtest.SQLite {
		cfg.DSN, cfg.Dir = "", filepath.Dir(db.DSN)
	}
	s, err := store.Open(t.Context(), cfg)
	must(t, err)
	t.Cleanup(func() { must(t, s.Close()) })
	authority, err := access.NewAuthority(t.Context(), s)
	must(t, err)
	r := &room{Sessions: New(s, time.Hour), store: s, authority: authority, at: time.Now()}
	r.now = func() time.Time { return r.at }
	return r
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func (r *room) start(t *testing.T) string {
	t.Helper()
	secret := NewSecret()
	must(t, r.store.InTx(access.System(t.Context(), "test"), "start", func(ctx context.Context, tx *store.Tx) error {
		return r.Start(ctx, tx, secret, "per_a", "https://issuer.example", town.AssuranceSubstantial)
	}))
	return secret
}

func (r *room) end(t *testing.T, secret string) {
	t.Helper()
	must(t, r.store.InTx(access.System(t.Context(), "test"), "end", func(ctx context.Context, tx *store.Tx) error {
		return r.End(ctx, tx, secret)
	}))
}

func (r *room) opens(t *testing.T, secret string) bool {
	t.Helper()
	_, ok, err := r.Open(t.Context(), secret)
	must(t, err)
	return ok
}

func TestASessionLastsUntilItEnds(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, db dbtest.DB) {
		r := newRoom(t, db)
		kept, left := r.start(t), r.start(t)
		found, ok, err := r.Open(t.Context(), kept)
		must(t, err)
		if !ok || found.PersonID != "per_a" || found.Assurance != town.AssuranceSubstantial || !strings.HasPrefix(found.ID, "sign_") {
			t.Fatalf("session %+v, %v", found, ok)
		}
		if d := found.Expires.Sub(r.at.Add(time.Hour)); d.Abs() > time.Millisecond {
			t.Errorf("it expires %v from when it should", d)
		}
		version := r.version(t)
		r.end(t, left)
		r.end(t, left) // once more is nothing
		if r.opens(t, left) || !r.opens(t, kept) {
			t.Error("signing out ends one session: that one")
		}
		if got := r.version(t); got == version {
			t.Error("the end of a session does not raise the policy version")
		}
		if types, want := r.events(t), []string{"session.started", "session.started", "session.ended"}; !slices.Equal(types, want) {
			t.Errorf("events %v, want %v", types, want)
		}
		r.at = r.at.Add(time.Hour)
		if r.opens(t, kept) {
			t.Error("a session is open after its life")
		}
		for name, secret := range map[string]string{"nothing": "", "another": NewSecret(), "no secret": "x", "padded": kept + "=", "the hash": hash(kept)} {
			if r.opens(t, secret) {
				t.Errorf("%s opens a session", name)
			}
		}
	})
}

// version is what the database says of the policy's version.
func (r *room) version(t *testing.T) int64 {
	t.Helper()
	must(t, r.authority.Reload(t.Context()))
	return r.authority.Version()
}

func (r *room) events(t *testing.T) []string {
	t.Helper()
	rows, err := r.store.Reader().Event.Query().Order(event.ByID()).All(access.System(t.Context(), "test"))
	must(t, err)
	var types []string
	for _, row := range rows {
		types = append(types, string(row.Type))
		if row.Actor != "per_a" || row.Data[town.DataSignIn] == "" {
			t.Errorf("event %s of %q with %v", row.Type, row.Actor, row.Data)
		}
	}
	return types
}

// TestTheDatabaseSignsInNowhere: no stored column holds what a browser must send.
func TestTheDatabaseSignsInNowhere(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, db dbtest.DB) {
		r := newRoom(t, db)
		secret, state, browser := r.start(t), NewSecret(), NewSecret()
		must(t, r.Begin(t.Context(), state, browser, map[string]string{"level": "L2"}))
		ctx := access.System(t.Context(), "test")
		sessions, err := r.store.Reader().Session.Query().All(ctx)
		must(t, err)
		begun, err := r.store.Reader().OneTime.Query().All(ctx)
		must(t, err)
		stored := fmt.Sprintf("%+v %+v", sessions, begun)
		for name, text := range map[string]string{"session": secret, "state": state, "browser": browser} {
			if strings.Contains(stored, text) {
				t.Errorf("the secret of the %s is stored", name)
			}
		}
	})
}

func TestAnAttemptIsFinishedOnceByItsBrowser(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, db dbtest.DB) {
		r := newRoom(t, db)
		state, browser := NewSecret(), NewSecret()
		must(t, r.Begin(t.Context(), state, browser, map[string]string{"level": "L2"}))
		for name, pair := range map[string][2]string{
			"another state": {NewSecret(), browser}, "another browser": {state, NewSecret()},
			"no state": {"", browser}, "no browser": {state, ""}, "the hash": {hash(state), browser},
		} {
			if _, ok, err := r.Finish(t.Context(), pair[0], pair[1]); ok || err != nil {
				t.Errorf("%s finishes it: %v", name, err)
			}
		}
		var wins sync.Map
		var all sync.WaitGroup
		for i := range 8 {
			all.Go(func() {
				if data, ok, err := r.Finish(t.Context(), state, browser); err == nil && ok && data["level"] == "L2" {
					wins.Store(i, true)
				}
			})
		}
		all.Wait()
		n := 0
		wins.Range(func(any, any) bool { n++; return true })
		if n != 1 {
			t.Errorf("%d of 8 have finished it, want 1", n)
		}
		late := NewSecret()
		must(t, r.Begin(t.Context(), late, browser, nil))
		r.at = r.at.Add(attemptLife)
		if _, ok, err := r.Finish(t.Context(), late, browser); ok || err != nil {
			t.Errorf("after ten minutes: %v, %v", ok, err)
		}
	})
}

func TestWhatExpiredIsSwept(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, db dbtest.DB) {
		r := newRoom(t, db)
		r.start(t)
		for range 3 {
			must(t, r.Begin(t.Context(), NewSecret(), NewSecret(), nil))
		}
		for _, step := range []struct {
			after               time.Duration
			removed, left, seen int
		}{
			{0, 0, 3, 1}, {attemptLife + time.Minute, 3, 0, 1}, {time.Hour, 0, 0, 1}, {keptFor, 1, 0, 0}, {0, 0, 0, 0},
		} {
			r.at = r.at.Add(step.after)
			removed, err := r.Sweep(t.Context())
			must(t, err)
			ctx := access.System(t.Context(), "test")
			left, err := r.store.Reader().OneTime.Query().Count(ctx)
			must(t, err)
			seen, err := r.store.Reader().Session.Query().Count(ctx)
			must(t, err)
			if removed != step.removed || left != step.left || seen != step.seen {
				t.Errorf("after %v more: %d removed, %d attempts, %d sessions; want %+v", step.after, removed, left, seen, step)
			}
		}
	})
}

func TestCookies(t *testing.T) {
	t.Parallel()
	for address, want := range map[string]string{
		"https://sportello.example": "__Host-sportello=%s; Path=/; Max-Age=3600; HttpOnly; Secure; SameSite=Lax",
		"http://127.0.0.1:8080":     "sportello-8080=%s; Path=/; Max-Age=3600; HttpOnly; SameSite=Lax",
	} {
		public, err := url.Parse(address)
		must(t, err)
		c, secret, w := NewCookies(public), NewSecret(), httptest.NewRecorder()
		c.SetSession(w, secret, time.Now().Add(time.Hour+time.Second/2))
		if got := w.Header().Get("Set-Cookie"); got != fmt.Sprintf(want, secret) {
			t.Errorf("%s sets %q", address, got)
		}
		name, _, _ := strings.Cut(want, "=")
		for sent, expect := range map[string]struct {
			secret string
			sent   bool
		}{
			name + "=" + secret:                          {secret, true},
			name + "=" + secret + "; " + name + "=other": {"", true},
			name + "=nonsense":                           {"", true},
			"other=" + secret:                            {"", false},
		} {
			r := httptest.NewRequest(http.MethodGet, "/", nil)
			r.Header.Set("Cookie", sent)
			if got, was := c.Session(r); got != expect.secret || was != expect.sent {
				t.Errorf("%s: a browser that sends %q has %q, %v", address, sent, got, was)
			}
		}
	}
}
