package identity

import (
	"context"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/spazio-in-comune/sportello/internal/access"
	"github.com/spazio-in-comune/sportello/internal/identity/sessions"
	"github.com/spazio-in-comune/sportello/internal/store/dbtest"
	"github.com/spazio-in-comune/sportello/internal/town"
)

// open opens a socket with a ticket.
func (h *house) open(ticket string) (*access.Viewer, error) {
	ctx, _, _, err := h.door.FromInitPayload(access.With(context.Background(), access.PublicFrom("127.0.0.1:1")), map[string]any{"ticket": ticket})
	if err != nil {
		return nil, err
	}
	return access.Asker(ctx), nil
}

// TestSocketTicket: a ticket opens one socket, with the sign-in, the end and the
// assurance of who asked for it; the database does not hold it.
func TestSocketTicket(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, db dbtest.DB) {
		h := demoHouse(t, db)
		expires := time.Now().Add(time.Hour).UTC().Round(0)
		signedIn, err := h.authority.Enter(access.Viewer{
			ID: h.id(t, "citizen"), SignInID: "sign_1", Assurance: town.AssuranceSubstantial, Expires: expires, Address: "127.0.0.1",
		})
		must(t, err)
		ctx := access.With(t.Context(), signedIn)
		in := CreateSocketTicketInput{IdempotencyKey: "1"}
		made, err := h.door.Sockets.Create(ctx, in)
		must(t, err)
		if life := time.Until(made.Expires); life > 30*time.Second || life < 20*time.Second {
			t.Errorf("a ticket lasts %v", life)
		}
		again, err := h.door.Sockets.Create(ctx, in)
		if err != nil || again.Ticket != "" {
			t.Errorf("a repeat shows %q, %v", again.Ticket, err)
		}
		for _, row := range h.store.Reader().OneTime.Query().AllX(access.System(ctx, "test")) {
			if strings.Contains(row.String(), made.Ticket) {
				t.Errorf("the database holds the ticket: %v", row)
			}
		}

		var wait sync.WaitGroup
		results := make(chan *access.Viewer, 8)
		for range cap(results) {
			wait.Go(func() {
				v, err := h.open(made.Ticket)
				if err != nil && town.CodeOf(err) != town.Unauthenticated {
					t.Error(err)
				}
				results <- v
			})
		}
		wait.Wait()
		close(results)
		var opened []*access.Viewer
		for v := range results {
			if v != nil {
				opened = append(opened, v)
			}
		}
		if diff := cmp.Diff([]*access.Viewer{signedIn}, opened, cmpopts.IgnoreFields(access.Viewer{}, "Scope"), cmpopts.IgnoreUnexported(access.Viewer{})); diff != "" {
			t.Errorf("who the ticket opened sockets for: (-want +got)\n%s", diff)
		}
	})
}

// TestSocketTicketIsRefused: what is not a ticket, or no longer one, opens nothing, in
// the same words.
func TestSocketTicketIsRefused(t *testing.T) {
	h := demoHouse(t, dbtest.New(t, dbtest.SQLite))
	now := time.Now()
	h.door.Sockets.now = func() time.Time { return now }
	ticket := func(ctx context.Context) string {
		made, err := h.door.Sockets.Create(ctx, CreateSocketTicketInput{IdempotencyKey: sessions.NewSecret()})
		must(t, err)
		return made.Ticket
	}
	late, shutOut := ticket(h.as(t, "operator1")), ""
	now = now.Add(31 * time.Second)
	shutOut = ticket(h.as(t, "operator2"))
	must(t, h.authority.SetDisabled(h.as(t, "admin"), h.id(t, "operator2"), true))
	fine := ticket(h.as(t, "operator3"))
	words := map[string]bool{}
	for name, payload := range map[string]map[string]any{
		"too late": {"ticket": late}, "shut out": {"ticket": shutOut}, "invented": {"ticket": sessions.NewSecret()},
		"no text": {"ticket": 7}, "null": {"ticket": nil}, "empty": {"ticket": ""}, "short": {"ticket": "abc"},
		"twice": {"ticket": fine, "Ticket": fine}, "with a token": {"ticket": fine, "Authorization": "Bearer x"},
	} {
		_, _, _, err := h.door.FromInitPayload(access.With(t.Context(), access.PublicFrom("127.0.0.1:1")), payload)
		if town.CodeOf(err) != town.Unauthenticated {
			t.Errorf("%s: %v", name, err)
			continue
		}
		words[err.Error()] = true
	}
	if len(words) != 1 {
		t.Errorf("refusals differ: %v", words)
	}
	if v, err := h.open(fine); err != nil || v.ID != h.id(t, "operator3") {
		t.Errorf("a good ticket: %v, %v", v, err)
	}
	visit, _ := h.ticket(t)
	for name, v := range map[string]*access.Viewer{"public": access.Public(), "a printed ticket": h.authority.Ticket(visit)} {
		_, err := h.door.Sockets.Create(access.With(t.Context(), v), CreateSocketTicketInput{IdempotencyKey: name})
		if code := town.CodeOf(err); code != town.Unauthenticated && code != town.Forbidden {
			t.Errorf("%s asks for a ticket: %v", name, err)
		}
	}
}

// TestSignIns: people see where they are signed in, and end it; who gives roles ends it
// for others.
func TestSignIns(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, db dbtest.DB) {
		h := demoHouse(t, db)
		signIn := h.browsers(t)
		kept := h.door.Browsers.Sessions
		room := NewSignIns(h.store, h.authority, kept)
		session := func(secret string) sessions.Session {
			s, open, err := kept.Open(t.Context(), secret)
			must(t, err)
			if !open {
				t.Fatal("the session has ended")
			}
			return s
		}
		first, second, others := session(signIn("citizen")), session(signIn("citizen")), session(signIn("citizen2"))
		v, err := h.authority.Enter(access.Viewer{ID: first.PersonID, SignInID: first.ID, Expires: first.Expires})
		must(t, err)
		ctx := access.With(t.Context(), v)
		mine := func() map[string]bool {
			list, err := room.Mine(ctx)
			must(t, err)
			got := map[string]bool{}
			for _, s := range list {
				got[s.ID] = s.Current
			}
			return got
		}
		if diff := cmp.Diff(map[string]bool{first.ID: true, second.ID: false}, mine()); diff != "" {
			t.Errorf("sessions: (-want +got)\n%s", diff)
		}

		for name, id := range map[string]string{"somebody else's": others.ID, "none": "sign_x"} {
			if _, err := room.EndMine(ctx, EndSessionInput{IdempotencyKey: name, SessionID: id}); town.CodeOf(err) != town.NotFound {
				t.Errorf("%s: %v, want NOT_FOUND", name, err)
			}
		}
		for range 2 {
			if n, err := room.EndMine(ctx, EndSessionInput{IdempotencyKey: "1", SessionID: second.ID}); n != 1 || err != nil {
				t.Errorf("ended %d, %v", n, err)
			}
		}
		if diff := cmp.Diff(map[string]bool{first.ID: true}, mine()); diff != "" {
			t.Errorf("sessions: (-want +got)\n%s", diff)
		}
		if _, err := h.authority.Enter(access.Viewer{ID: second.PersonID, SignInID: second.ID}); town.CodeOf(err) != town.Unauthenticated {
			t.Errorf("the ended session: %v", err)
		}

		all := EndSessionsInput{IdempotencyKey: "all", PersonID: first.PersonID}
		if _, err := room.EndAllOf(ctx, all); town.CodeOf(err) != town.Forbidden {
			t.Errorf("a citizen ends all sessions: %v", err)
		}
		if n, err := room.EndAllOf(h.as(t, "admin"), all); n != 1 || err != nil {
			t.Errorf("an administrator ended %d, %v", n, err)
		}
		if _, err := h.authority.Refresh(v); town.CodeOf(err) != town.Unauthenticated {
			t.Errorf("the viewer of an ended session: %v", err)
		}
	})
}
