package identity

import (
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/spazio-in-comune/sportello/ent"
	"github.com/spazio-in-comune/sportello/internal/access"
	"github.com/spazio-in-comune/sportello/internal/store/dbtest"
	"github.com/spazio-in-comune/sportello/internal/town"
)

// ask sends a request through the door and tells who came in; nil if nobody did.
func ask(h *house, address string, authorization ...string) (*access.Viewer, *httptest.ResponseRecorder) {
	var came *access.Viewer
	inside := http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { came = access.Asker(r.Context()) })
	r := httptest.NewRequest(http.MethodPost, "/graphql", nil)
	r.RemoteAddr = address
	for _, value := range authorization {
		r.Header.Add("Authorization", value)
	}
	w := httptest.NewRecorder()
	h.door.Middleware(inside).ServeHTTP(w, r)
	return came, w
}

func TestDoor(t *testing.T) {
	h := demoHouse(t, dbtest.New(t, dbtest.SQLite))
	token, err := h.tokens.Mint(context.Background(), "operator1", time.Hour)
	must(t, err)
	visitID, code := h.ticket(t)
	tests := map[string]struct {
		headers []string
		kind    access.ViewerKind // empty: 401
		id      string
	}{
		"no header":          {nil, access.KindPublic, ""},
		"a token":            {[]string{"Bearer " + token}, access.KindPerson, h.id(t, "operator1")},
		"scheme in capitals": {[]string{"BEARER " + token}, access.KindPerson, h.id(t, "operator1")},
		"a ticket":           {[]string{"Bearer " + code}, access.KindTicket, visitID},
		"two headers":        {[]string{"Bearer " + token, "Bearer " + token}, "", ""},
		"another scheme":     {[]string{"Basic YTpi"}, "", ""},
		"no token":           {[]string{"Bearer "}, "", ""},
		"no scheme":          {[]string{token}, "", ""},
		"empty":              {[]string{""}, "", ""},
		"a bad token":        {[]string{"Bearer a.b.c"}, "", ""},
		"a wrong code":       {[]string{"Bearer ABCDEFGHIJKLMNOPQRSTUVWXYZ"}, "", ""},
	}
	bodies := map[string]bool{}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			v, w := ask(h, "127.0.0.1:40000", test.headers...)
			if test.kind != "" {
				if v == nil || v.Kind != test.kind || v.ID != test.id || v.Address != "127.0.0.1" {
					t.Errorf("viewer = %+v, want %s %s", v, test.kind, test.id)
				}
				return
			}
			if v != nil || w.Code != http.StatusUnauthorized || w.Header().Get("WWW-Authenticate") == "" {
				t.Errorf("viewer %+v, status %d, WWW-Authenticate %q; want 401", v, w.Code, w.Header().Get("WWW-Authenticate"))
			}
			var body struct {
				Errors []struct{ Extensions struct{ Code town.Code } }
			}
			if err := json.Unmarshal(w.Body.Bytes(), &body); err != nil || len(body.Errors) != 1 || body.Errors[0].Extensions.Code != town.Unauthenticated {
				t.Errorf("body %s (%v)", w.Body, err)
			}
			bodies[w.Body.String()] = true
		})
	}
	if len(bodies) != 1 {
		t.Errorf("refusals differ: %v", bodies)
	}
}

func TestFromInitPayload(t *testing.T) {
	h := demoHouse(t, dbtest.New(t, dbtest.SQLite))
	token, err := h.tokens.Mint(context.Background(), "operator1", time.Hour)
	must(t, err)
	opened := access.With(context.Background(), access.PublicFrom("127.0.0.1:1"))
	tests := map[string]struct {
		payload map[string]any
		kind    access.ViewerKind // empty: refused
	}{
		"nil":              {nil, access.KindPublic},
		"something else":   {map[string]any{"color": "red"}, access.KindPublic},
		"a token":          {map[string]any{"Authorization": "Bearer " + token}, access.KindPerson},
		"in small letters": {map[string]any{"authorization": "bearer " + token}, access.KindPerson},
		"twice":            {map[string]any{"authorization": "Bearer " + token, "Authorization": "Bearer " + token}, ""},
		"a number":         {map[string]any{"Authorization": 7}, ""},
		"null":             {map[string]any{"Authorization": nil}, ""},
		"a bad token":      {map[string]any{"Authorization": "Bearer a.b.c"}, ""},
		"without a scheme": {map[string]any{"Authorization": token}, ""},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			ctx, ack, deadline, err := h.door.FromInitPayload(opened, test.payload)
			if test.kind == "" {
				if town.CodeOf(err) != town.Unauthenticated {
					t.Errorf("error = %v, want UNAUTHENTICATED", err)
				}
				return
			}
			must(t, err)
			v := access.Asker(ctx)
			if v.Kind != test.kind || v.Address != "127.0.0.1" {
				t.Errorf("viewer %+v, want %s", v, test.kind)
			}
			if ends := test.kind == access.KindPerson; ends != !deadline.IsZero() || ends != (ack["expiresAt"] != nil) {
				t.Errorf("the session ends at %v, acknowledged with %v", deadline, ack)
			}
		})
	}
}

// TestGuessingCodes: ten wrong codes a minute from one network, then it is told to wait;
// whoever has a right code goes on, there and elsewhere.
func TestGuessingCodes(t *testing.T) {
	h := demoHouse(t, dbtest.New(t, dbtest.SQLite))
	now := time.Now()
	h.tickets.now = func() time.Time { return now }
	_, code := h.ticket(t)
	const attacker, neighbour, other = "[2001:db8::1]:1", "[2001:db8::2]:1", "192.0.2.1:1"
	for i := range missesPerMinute {
		if _, w := ask(h, attacker, "Bearer WRONG"); w.Code != http.StatusUnauthorized {
			t.Fatalf("try %d: %d", i+1, w.Code)
		}
	}
	for _, from := range []string{attacker, neighbour} {
		if v, w := ask(h, from, "Bearer "+code); v == nil {
			t.Errorf("with a right code, from %s: %d", from, w.Code)
		}
		if _, w := ask(h, from, "Bearer WRONG"); w.Code != http.StatusTooManyRequests || w.Header().Get("Retry-After") == "" {
			t.Errorf("after ten misses, from %s: %d", from, w.Code)
		}
	}
	for range 3 * missesPerMinute { // right codes cost nothing
		if v, w := ask(h, other, "Bearer "+code); v == nil {
			t.Fatalf("from elsewhere: %d", w.Code)
		}
	}
	now = now.Add(time.Minute)
	if _, w := ask(h, attacker, "Bearer WRONG"); w.Code != http.StatusUnauthorized {
		t.Errorf("after a minute: %d", w.Code)
	}
	_, w := ask(h, other, "Bearer WRONG")
	if w.Code != http.StatusUnauthorized {
		t.Errorf("from elsewhere: %d", w.Code)
	}
}

func TestGuessesAreBounded(t *testing.T) {
	g, err := newGuesses()
	must(t, err)
	for i := range maxAddresses + 500 {
		if err := g.miss(time.Duration(i).String(), time.Now(), errBadToken()); town.CodeOf(err) != town.Unauthenticated {
			t.Fatal(err)
		}
	}
	if n := g.known.Len(); n > maxAddresses {
		t.Errorf("%d addresses are remembered, want at most %d", n, maxAddresses)
	}
}

func TestTicketFollowsItsVisitOnly(t *testing.T) {
	h := demoHouse(t, dbtest.New(t, dbtest.SQLite))
	visitID, code := h.ticket(t)
	typed := code[:5] + " " + code[5:12] + "-" + code[12:]
	shown := map[string]context.Context{
		"the public":          access.With(context.Background(), access.PublicFrom("127.0.0.1:1")),
		"somebody signed in":  h.as(t, "citizen2"),
		"the ticket's holder": access.With(context.Background(), h.authority.Ticket(visitID)),
	}
	for who, ctx := range shown {
		operation, untouched := access.Fork(ctx), access.Asker(ctx)
		if id, err := h.tickets.Show(operation, typed); err != nil || id != visitID {
			t.Fatalf("%s shows the ticket: %s, %v", who, id, err)
		}
		if _, err := h.store.Reader().Visit.Get(operation, visitID); err != nil {
			t.Errorf("%s: the ticket's visit: %v", who, err)
		}
		if _, err := h.people.Person(operation, h.id(t, "citizen")); town.CodeOf(err) != town.NotFound {
			t.Errorf("%s: a citizen: %v", who, err)
		}
		if access.Asker(ctx) != untouched {
			t.Errorf("%s: what was shown in one operation holds in another", who)
		}
		if untouched.Kind == access.KindPerson && !access.Asker(operation).Is(untouched.ID) {
			t.Errorf("%s is somebody else after showing a ticket", who)
		}
		if err := h.authority.Renew(operation); err != nil {
			t.Errorf("%s: renewed: %v", who, err)
		}
	}
	if _, err := h.store.Reader().Visit.Get(h.as(t, "citizen"), visitID); !ent.IsNotFound(err) {
		t.Errorf("somebody else's visit: %v", err)
	}
	if _, err := h.tickets.Show(shown["the public"], "nonsense"); town.CodeOf(err) != town.NotFound {
		t.Errorf("a wrong code: %v", err)
	}
	_, second := h.ticket(t)
	ctx := access.Fork(shown["the public"])
	_, err := h.tickets.Show(ctx, code)
	must(t, err)
	if _, err := h.tickets.Show(ctx, second); town.CodeOf(err) != town.BadUserInput {
		t.Errorf("a second ticket: %v", err)
	}
}
