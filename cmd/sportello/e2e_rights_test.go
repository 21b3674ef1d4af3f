package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http/httptest"
	"net/url"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/coder/websocket"
	"github.com/google/go-cmp/cmp"

	"github.com/spazio-in-comune/sportello/ent"
	"github.com/spazio-in-comune/sportello/ent/event"
	"github.com/spazio-in-comune/sportello/ent/person"
	"github.com/spazio-in-comune/sportello/ent/session"
	"github.com/spazio-in-comune/sportello/internal/access"
	"github.com/spazio-in-comune/sportello/internal/catalogue"
	"github.com/spazio-in-comune/sportello/internal/identity"
	"github.com/spazio-in-comune/sportello/internal/identity/sessions"
	"github.com/spazio-in-comune/sportello/internal/store"
	"github.com/spazio-in-comune/sportello/internal/store/dbtest"
	"github.com/spazio-in-comune/sportello/internal/town"
)

// The promises of a connection whose rights end, and what a busy machine is allowed on
// top of them.
const (
	lastEventWithin = time.Second
	closedWithin    = 5 * time.Second
	busy            = time.Second
)

// The two offices of this test, and the one case that things happen to.
const (
	officeFrom, officeTo = "stato-civile", "tributi-patrimonio"
	livelyCase           = "case_lively"
)

// liveHall is a town hall in this process, without departments, whose clock the test moves.
// Rights are changed by another server on the same database, so that this one has to hear
// of it.
type liveHall struct {
	t         *testing.T
	app       *app
	clock     *town.ManualClock
	elsewhere *access.Authority
	sessions  *sessions.Sessions
	people    *int // who were entered
	stopFeed  func()
}

func newLiveHall(t *testing.T, db dbtest.DB) *liveHall {
	t.Helper()
	folder, err := os.MkdirTemp("", "hall-") //nolint:usetesting // sockets live in it: the path must be short
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(folder) })
	cfg := appConfig{
		Listen: "127.0.0.1:0", Data: folder, Demo: true, Logger: slog.New(slog.NewTextHandler(io.Discard, nil)),
		Departments: func() ([]catalogue.Registration, error) { return nil, nil },
	}
	if db.Dialect == "mysql" {
		cfg.Database = db.DSN
	}
	h := &liveHall{t: t, people: new(int), clock: town.NewManualClock(time.Now())}
	cfg.Clock = h.clock
	if h.app, err = newApp(t.Context(), cfg); err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	served := make(chan error, 1)
	if h.elsewhere, err = access.NewAuthority(ctx, h.app.store); err != nil {
		t.Fatal(err)
	}
	h.sessions = sessions.New(h.app.store, time.Hour)
	address, err := url.Parse(h.app.http.URL())
	if err != nil {
		t.Fatal(err)
	}
	h.app.door.Browsers = &identity.Browsers{Sessions: h.sessions, Cookies: sessions.NewCookies(address), Authority: h.app.authority}
	go func() { served <- h.app.serve(ctx) }()
	t.Cleanup(func() {
		stop()
		if err := <-served; err != nil {
			t.Error(err)
		}
		if err := h.app.close(); err != nil {
			t.Error(err)
		}
	})
	h.write(func(ctx context.Context, tx *store.Tx) error {
		return tx.CaseFile.Create().SetID(livelyCase).SetProtocol("1").SetOfficeID(officeFrom).SetPluginVersion("1").
			SetPhase(town.PhaseInProgress).SetPriority(town.P3).SetChannel(town.ChannelDesk).SetAnswers([]byte("{}")).SetDecision([]byte("{}")).
			SetSilence("none").SetFiledAt(tx.Now).SetRegisteredAt(tx.Now).SetDueOn(town.Today(tx.Now)).SetUpdatedAt(tx.Now).Exec(ctx)
	})
	return h
}

// write writes as another server of the house would.
func (h *liveHall) write(unit store.Unit) {
	h.t.Helper()
	if err := h.app.store.InTx(access.System(context.Background(), "test"), "a test", unit); err != nil {
		h.t.Fatal(err)
	}
}

// change writes and raises the policy version, elsewhere: this server is not told.
func (h *liveHall) change(unit store.Unit) {
	h.t.Helper()
	h.write(func(ctx context.Context, tx *store.Tx) error {
		if err := unit(ctx, tx); err != nil {
			return err
		}
		return access.RolesChanged(ctx, tx)
	})
	if err := h.elsewhere.Reload(context.Background()); err != nil {
		h.t.Fatal(err)
	}
}

// officer enters an officer of both offices: one role can go while the other stays.
func (h *liveHall) officer(offices ...string) (login string) {
	h.t.Helper()
	*h.people++
	login = fmt.Sprintf("officer%d", *h.people)
	h.change(func(ctx context.Context, tx *store.Tx) error {
		err := tx.Person.Create().SetID(login).SetLogin(login).SetKind(town.PersonStaff).SetCreatedAt(tx.Now).Exec(ctx)
		for i, office := range offices {
			if err == nil {
				err = tx.RoleAssignment.Create().SetID(fmt.Sprint(login, i)).SetPersonID(login).SetRole(town.RoleOfficer).
					SetOfficeID(office).SetFrom(tx.Now.Add(-time.Hour)).Exec(ctx)
			}
		}
		return err
	})
	if err := h.app.authority.Reload(context.Background()); err != nil {
		h.t.Fatal(err)
	}
	return login
}

// with is somebody at the API of this town hall.
func (h *liveHall) with(token string) *client {
	at := &house{t: h.t, running: &running{url: h.app.http.URL(), tokens: map[string]string{}}}
	return at.with(token)
}

func (h *liveHall) token(login string, life time.Duration) string {
	h.t.Helper()
	token, err := h.app.door.Tokens.Mint(context.Background(), login, life)
	if err != nil {
		h.t.Fatal(err)
	}
	return token
}

// feed makes something happen to the case all the time, until the test ends it.
func (h *liveHall) feed() {
	done, ended := make(chan struct{}), make(chan struct{})
	h.stopFeed = func() { close(done); <-ended }
	go func() {
		defer close(ended)
		for {
			select {
			case <-done:
				return
			case <-time.After(20 * time.Millisecond):
			}
			err := h.app.store.InTx(access.System(context.Background(), "test"), "feed", func(ctx context.Context, tx *store.Tx) error {
				row, err := tx.CaseFile.Get(ctx, livelyCase)
				if err == nil {
					tx.Emit(town.Event{Type: town.EventCaseNoted, CaseID: livelyCase, OfficeID: row.OfficeID, Actor: "test"})
				}
				return err
			})
			if err != nil {
				h.t.Error(err)
				return
			}
		}
	}()
}

// heard is what a follower was told, and when it ended.
type heard struct {
	ids    []string
	last   time.Time
	closed time.Time
}

// listen reads until the connection ends. It tells as soon as a few events have come.
func listen(l *live) (few <-chan struct{}, all <-chan heard) {
	started, result := make(chan struct{}), make(chan heard, 1)
	go func() {
		var got heard
		for u := range l.updates {
			update := u.at("update")
			l.cursor = update.text("cursor")
			if update.text("kind") != "EVENT" {
				continue
			}
			got.ids, got.last = append(got.ids, update.text("event.id")), time.Now()
			if len(got.ids) == 3 {
				close(started)
			}
		}
		got.closed = time.Now()
		result <- got
	}()
	return started, result
}

// way is one of the two ways to follow.
type way struct {
	name   string
	follow func(*client, string, variables, string) (*live, error)
}

func ways() []way {
	return []way{{"socket", (*client).tryFollow}, {"events", (*client).tryFollowEvents}}
}

// ending is one way in which somebody's rights change while they follow.
type ending struct {
	name string
	// come gives whoever follows, and what changes their rights; the moment from which they are
	// changed is that of its return.
	come func(h *liveHall, w way) (c *client, change func())
	want string // code that an event stream tells
	// stays says that whoever comes back may go on.
	stays bool
}

func endings() []ending {
	bearer := func(change func(h *liveHall, login string)) func(*liveHall, way) (*client, func()) {
		return func(h *liveHall, _ way) (*client, func()) {
			login := h.officer(officeFrom, officeTo)
			return h.with(h.token(login, time.Hour)), func() { change(h, login) }
		}
	}
	end := func(h *liveHall, id string) {
		h.change(func(ctx context.Context, tx *store.Tx) error {
			tx.Emit(town.Event{Type: town.EventRoleRevoked, OfficeID: officeFrom, Actor: "test"})
			return tx.RoleAssignment.UpdateOneID(id).SetTo(tx.Now).Exec(ctx)
		})
	}
	return []ending{
		{"role revoked", bearer(func(h *liveHall, login string) { end(h, login+"0") }), "FORBIDDEN", false},
		{"every role revoked", bearer(func(h *liveHall, login string) { end(h, login+"0"); end(h, login+"1") }), "UNAUTHENTICATED or FORBIDDEN", false},
		{"role elsewhere revoked", bearer(func(h *liveHall, login string) { end(h, login+"1") }), "FORBIDDEN", true},
		{"role added", bearer(func(h *liveHall, login string) {
			h.change(func(ctx context.Context, tx *store.Tx) error {
				tx.Emit(town.Event{Type: town.EventRoleGranted, OfficeID: officeFrom, Actor: "test"})
				return tx.RoleAssignment.Create().SetID(login + "2").SetPersonID(login).SetRole(town.RoleConfidential).
					SetOfficeID(officeFrom).SetFrom(tx.Now).Exec(ctx)
			})
		}), "FORBIDDEN", true},
		{"disabled, unannounced", bearer(func(h *liveHall, login string) {
			h.change(func(ctx context.Context, tx *store.Tx) error {
				return tx.Person.UpdateOneID(login).SetDisabled(true).Exec(ctx)
			})
		}), "UNAUTHENTICATED", false},
		{"dated role ends", func(h *liveHall, _ way) (*client, func()) {
			login := h.officer(officeFrom, officeTo)
			h.change(func(ctx context.Context, tx *store.Tx) error {
				return tx.RoleAssignment.UpdateOneID(login + "0").SetTo(tx.Now.Add(time.Minute)).Exec(ctx)
			})
			must(h.t, h.app.authority.Reload(context.Background()))
			return h.with(h.token(login, time.Hour)), func() { h.clock.Advance(time.Minute) }
		}, "FORBIDDEN", false},
		{"token expires", func(h *liveHall, _ way) (*client, func()) {
			const life = 3 * time.Second
			token := h.token(h.officer(officeFrom), life)
			// The token names whole seconds.
			expires := time.Now().Truncate(time.Second).Add(life)
			return h.with(token), func() { time.Sleep(time.Until(expires)) }
		}, "UNAUTHENTICATED", false},
		{"signed out", func(h *liveHall, w way) (*client, func()) {
			login := h.officer(officeFrom)
			c, id := h.signIn(login, w)
			return c, func() {
				h.change(func(ctx context.Context, tx *store.Tx) error {
					_, err := h.sessions.EndAll(ctx, tx, access.Asker(ctx), session.ID(id))
					return err
				})
			}
		}, "UNAUTHENTICATED", false},
	}
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// TestE2ERightsThatEnd: whoever follows is told nothing more within a second of the change of their
// rights, and the whole connection is closed within five, over sockets and event streams,
// on every database. What they were told is what the log has for them, without a hole;
// whoever may come back resumes with the cursor and misses nothing.
func TestE2ERightsThatEnd(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, db dbtest.DB) {
		h := newLiveHall(t, db)
		h.feed()
		defer func() { h.stopFeed() }()
		for _, e := range endings() {
			for _, w := range ways() {
				t.Run(e.name+" over "+w.name, func(t *testing.T) {
					in := *h
					in.t = t
					testEnding(t, &in, e, w)
				})
			}
		}
	})
}

func testEnding(t *testing.T, h *liveHall, e ending, w way) {
	c, change := e.come(h, w)
	vars := variables{"office": officeFrom}
	l, err := w.follow(c, followCases, vars, "")
	if err != nil {
		t.Fatal(err)
	}
	few, all := listen(l)
	select {
	case <-few:
	case got := <-all:
		t.Fatalf("ended before the change: %q, %d: %v", l.failed, l.code, got)
	case <-time.After(patience):
		t.Fatal("no events")
	}
	change()
	changed := time.Now()
	var got heard
	select {
	case got = <-all:
	case <-time.After(patience):
		t.Fatal("the connection is not closed")
	}
	last, closed := max(0, got.last.Sub(changed)), max(0, got.closed.Sub(changed))
	t.Logf("last event %v after the change, closed %v after it", last.Round(time.Millisecond), closed.Round(time.Millisecond))
	if last > lastEventWithin+busy || closed > closedWithin+busy {
		t.Errorf("last event after %v, closed after %v; promised %v and %v", last, closed, lastEventWithin, closedWithin)
	}
	if w.name == "socket" {
		if l.failed != "" || l.code != 4403 {
			t.Errorf("the socket ended with error %q, close code %d", l.failed, l.code)
		}
	} else if !strings.Contains(e.want, l.failed) || l.failed == "" {
		t.Errorf("the event stream ended with %q, want %s", l.failed, e.want)
	}
	wantNoHole(t, h, got.ids)
	again, err := w.follow(c, followCases, vars, l.cursor)
	if !e.stays {
		if err == nil {
			if _, open := <-again.updates; open {
				t.Error("who may no longer follow comes back, and is told of something")
			}
		}
		return
	}
	if err != nil {
		t.Fatal(err)
	}
	few, all = listen(again)
	select {
	case <-few:
	case <-time.After(patience):
		t.Fatal("no events after coming back")
	}
	again.cut()
	rest := <-all
	wantNoHole(t, h, append(got.ids, rest.ids...))
}

// wantNoHole compares what was told with the log: all events of the case from the first
// one on, in order, each once.
func wantNoHole(t *testing.T, h *liveHall, told []string) {
	t.Helper()
	rows := h.app.store.Reader().Event.Query().Where(event.CaseID(livelyCase), event.SeqNotNil()).Order(ent.Asc(event.FieldSeq)).
		AllX(access.System(t.Context(), "test"))
	ids := make([]string, len(rows))
	for i, row := range rows {
		ids[i] = row.UID
	}
	first := slices.Index(ids, told[0])
	if first < 0 || first+len(told) > len(ids) {
		t.Fatalf("told of %d events from %s, the log has %d", len(told), told[0], len(ids))
	}
	if diff := cmp.Diff(ids[first:first+len(told)], told); diff != "" {
		t.Errorf("what was told (-log +told):\n%s", diff)
	}
}

// signIn begins a session of a browser: an event stream comes with its cookie, a socket
// with a ticket that a page asked for with the cookie.
func (h *liveHall) signIn(login string, w way) (c *client, id string) {
	h.t.Helper()
	secret := sessions.NewSecret()
	h.write(func(ctx context.Context, tx *store.Tx) error {
		return h.sessions.Start(ctx, tx, secret, login, "test", town.AssuranceSubstantial)
	})
	c = h.with("")
	recorder := httptest.NewRecorder()
	h.app.door.Browsers.Cookies.SetSession(recorder, secret, time.Now().Add(time.Hour))
	browser := h.with("")
	browser.cookie = recorder.Result().Cookies()[0]
	mine := browser.ask(`{ mySessions { id assurance current } }`, nil).list("mySessions")
	if len(mine) != 1 || !mine[0].is("current") || mine[0].text("assurance") != "L2" {
		h.t.Fatalf("the sessions of a browser: %v", mine)
	}
	if w.name == "events" {
		return browser, mine[0].text("id")
	}
	c.ticket = func() string {
		made, refused := browser.tryTo("createSocketTicket", "ticket expiresAt", variables{})
		if refused.code() != "" { // signed out
			return ""
		}
		return made.text("ticket")
	}
	return c, mine[0].text("id")
}

// TestE2EOfficeMoved: when a case goes to another office, the office it comes from is told
// so, and of nothing after; the other one of everything.
func TestE2EOfficeMoved(t *testing.T) {
	const followCase = `subscription S($case: ID!, $after: EventCursor) { update: caseChanged(caseId: $case, after: $after) {
		kind cursor event { id type } } }`
	dbtest.Each(t, func(t *testing.T, db dbtest.DB) {
		h := newLiveHall(t, db)
		h.feed()
		defer func() { h.stopFeed() }()
		var before, after []*live
		from, to := h.with(h.token(h.officer(officeFrom), time.Hour)), h.with(h.token(h.officer(officeTo), time.Hour))
		for _, w := range ways() {
			for _, document := range []string{followCases, followCase} {
				l, err := w.follow(from, document, variables{"office": officeFrom, "case": livelyCase}, "")
				must(t, err)
				before = append(before, l)
			}
			l, err := w.follow(to, followCases, variables{"office": officeTo}, "")
			must(t, err)
			after = append(after, l)
		}
		for _, l := range before {
			l.event("case.noted")
		}
		h.write(func(ctx context.Context, tx *store.Tx) error {
			if err := tx.CaseFile.UpdateOneID(livelyCase).SetOfficeID(officeTo).Exec(ctx); err != nil {
				return err
			}
			if err := tx.FormerOffice.Create().SetID("former").SetCaseID(livelyCase).SetOfficeID(officeFrom).SetSince(tx.Now).Exec(ctx); err != nil {
				return err
			}
			tx.Emit(town.Event{
				Type: town.EventCaseTransferred, CaseID: livelyCase, OfficeID: officeTo, Actor: "test",
				Data: map[string]string{town.DataFormerOffice: officeFrom},
			})
			return nil
		})
		for _, l := range after {
			l.event("case.transferred")
			for range 50 { // a second of events
				l.event("case.noted")
			}
		}
		for _, l := range before {
			l.event("case.transferred")
			select {
			case u := <-l.updates:
				t.Errorf("%s: after the transfer: %v", l.what, u)
			default:
			}
			l.cut()
		}
	})
}

// TestE2EIdleConnectionsEnd: a connection on which nothing happens, or only what is public,
// ends with the token that opened it all the same.
func TestE2EIdleConnectionsEnd(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, db dbtest.DB) {
		h := newLiveHall(t, db)
		room := identity.NewCredentials(h.app.store, h.elsewhere)
		admin, err := h.app.authority.Viewer(h.personOf("admin"), time.Time{})
		must(t, err)
		as := access.With(t.Context(), admin)
		here := site
		for i, w := range ways() {
			t.Run("a public stream over "+w.name, func(t *testing.T) {
				issued, err := room.Issue(as, identity.IssueCredentialInput{IdempotencyKey: fmt.Sprint("issue", i), PersonID: h.personOf("display"), SiteID: &here})
				must(t, err)
				l, err := w.follow(h.with(issued.Secret), followBoard, nil, "")
				must(t, err)
				l.snapshot()
				_, err = room.Revoke(as, identity.RevokeCredentialInput{IdempotencyKey: fmt.Sprint("revoke", i), CredentialID: issued.Credential.ID})
				must(t, err)
				revoked := time.Now()
				failed, code := l.end()
				if took := time.Since(revoked); took > closedWithin+busy {
					t.Errorf("closed after %v", took)
				}
				if w.name == "socket" && (failed != "" || code != 4403) || w.name == "events" && failed != "UNAUTHENTICATED" {
					t.Errorf("ended with %q, %d", failed, code)
				}
			})
		}
		t.Run("a socket without a stream", func(t *testing.T) {
			login := h.officer(officeFrom)
			conn, err := h.with(h.token(login, time.Hour)).socket(t.Context())
			must(t, err)
			h.change(func(ctx context.Context, tx *store.Tx) error {
				return tx.Person.UpdateOneID(login).SetDisabled(true).Exec(ctx)
			})
			_, err = read(t.Context(), conn)
			var closed websocket.CloseError
			if !errors.As(err, &closed) || closed.Code != 4403 || closed.Reason != "Session ended" {
				t.Errorf("closed with %v", err)
			}
		})
		t.Run("the public stays", func(t *testing.T) {
			conn, err := h.with("").socket(t.Context())
			must(t, err)
			h.officer(officeFrom)
			ctx, cancel := context.WithTimeout(t.Context(), 2*time.Second)
			defer cancel()
			if _, err := read(ctx, conn); !errors.Is(err, context.DeadlineExceeded) {
				t.Errorf("a socket of the public: %v", err)
			}
		})
	})
}

// personOf is the id of a demo person.
func (h *liveHall) personOf(login string) string {
	h.t.Helper()
	id, err := h.app.store.Reader().Person.Query().Where(person.Login(login)).OnlyID(access.System(context.Background(), "test"))
	must(h.t, err)
	return id
}
