package access_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/spazio-in-comune/sportello/internal/access"
	"github.com/spazio-in-comune/sportello/internal/store"
	"github.com/spazio-in-comune/sportello/internal/store/dbtest"
	"github.com/spazio-in-comune/sportello/internal/town"
)

// watching starts the sweep, at an interval so short that dates are noticed at once.
func (h house) watching(t *testing.T) {
	t.Helper()
	ctx, stop := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() { defer close(done); h.WatchSessions(ctx, time.Millisecond, func() {}) }()
	t.Cleanup(func() { stop(); <-done })
}

// held is a session that stays connected, and why it is over.
type held struct {
	ctx     context.Context
	over    chan error
	release func()
}

func (h house) hold(t *testing.T, named access.Viewer) held {
	t.Helper()
	v, err := h.Enter(named)
	if err != nil {
		t.Fatal(err)
	}
	over := make(chan error, 2) // a second word would be a fault
	ctx, release := h.Hold(access.With(context.Background(), v), func(err error) { over <- err })
	t.Cleanup(release)
	return held{ctx, over, release}
}

// TestIdleSessionEnds: whoever stays connected without doing anything is cut off as soon
// as their rights change, whatever changes them, and nobody else is.
func TestIdleSessionEnds(t *testing.T) {
	soon := time.Now().Add(time.Hour)
	officer := access.Viewer{ID: "officer.births"}
	grant := access.GrantRoleInput{IdempotencyKey: "1", PersonID: "officer.births", Role: "officer", OfficeCode: "taxes"}
	tests := map[string]struct {
		who    access.Viewer
		change func(t *testing.T, h house, admin context.Context)
		want   town.Code // empty: goes on
	}{
		"a role more": {officer, func(t *testing.T, h house, admin context.Context) {
			if _, err := h.GrantRole(admin, grant); err != nil {
				t.Fatal(err)
			}
		}, town.Forbidden},
		"the last role gone": {officer, func(t *testing.T, h house, admin context.Context) {
			_, err := h.RevokeRole(admin, access.RevokeRoleInput{IdempotencyKey: "1", PersonID: "officer.births", Role: "officer", OfficeCode: "births"})
			if err != nil {
				t.Fatal(err)
			}
		}, town.Unauthenticated},
		"somebody else's role": {access.Viewer{ID: "officer.taxes"}, func(t *testing.T, h house, admin context.Context) {
			if _, err := h.GrantRole(admin, grant); err != nil {
				t.Fatal(err)
			}
		}, ""},
		"a dated role begins": {officer, func(t *testing.T, h house, _ context.Context) {
			dated(t, h, opening.Add(time.Minute), opening.Add(time.Hour))
			h.clock.Advance(2 * time.Minute)
		}, town.Forbidden},
		"a dated role to come": {officer, func(t *testing.T, h house, _ context.Context) {
			dated(t, h, opening.Add(time.Hour), opening.Add(2*time.Hour))
		}, ""},
		"disabled": {access.Viewer{ID: "rossi"}, func(t *testing.T, h house, admin context.Context) {
			if err := h.SetDisabled(admin, "rossi", true); err != nil {
				t.Fatal(err)
			}
		}, town.Unauthenticated},
		"signed out": {access.Viewer{ID: "rossi", SignInID: "sign_1", Expires: soon}, func(t *testing.T, h house, _ context.Context) {
			h.change(t, func(ctx context.Context, tx *store.Tx) error {
				err := createSignIns(ctx, tx, []access.Viewer{{ID: "rossi", SignInID: "sign_1", Expires: soon}})
				if err != nil {
					return err
				}
				return tx.Session.UpdateOneID("sign_1").SetEndedAt(tx.Now).Exec(ctx)
			})
		}, town.Unauthenticated},
		"the token expires": {
			access.Viewer{ID: "rossi", Expires: time.Now().Add(50 * time.Millisecond)},
			func(*testing.T, house, context.Context) {},
			town.Unauthenticated,
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			h := newHouse(t, dbtest.New(t, dbtest.SQLite))
			h.watching(t)
			s := h.hold(t, test.who)
			test.change(t, h, h.as(t, "admin"))
			if test.want == "" {
				select {
				case err := <-s.over:
					t.Errorf("over: %v", err)
				case <-time.After(100 * time.Millisecond):
				}
				return
			}
			select {
			case err := <-s.over:
				if town.CodeOf(err) != test.want {
					t.Errorf("over: %v, want %s", err, test.want)
				}
			case <-time.After(10 * time.Second):
				t.Error("not over")
			}
		})
	}
}

// dated gives the officer of births a role in taxes, between two dates.
func dated(t *testing.T, h house, from, to time.Time) {
	t.Helper()
	h.change(t, func(ctx context.Context, tx *store.Tx) error {
		return tx.RoleAssignment.Create().SetID("dated").SetPersonID("officer.births").SetRole(town.RoleHead).SetOfficeID("taxes").
			SetFrom(from).SetTo(to).Exec(ctx)
	})
}

// TestDeliveryEndsSession: what is about to be delivered asks first, and ends the whole
// session before the sweep does; it is told once.
func TestDeliveryEndsSession(t *testing.T) {
	h := newHouse(t, dbtest.New(t, dbtest.SQLite))
	s := h.hold(t, access.Viewer{ID: "officer.births"})
	operation := access.Fork(s.ctx)
	if err := h.Renew(operation); err != nil {
		t.Fatal(err)
	}
	dated(t, h, opening.Add(time.Minute), opening.Add(time.Hour))
	if err := h.Renew(operation); err != nil {
		t.Errorf("before the dated role: %v", err)
	}
	h.clock.Advance(2 * time.Minute)
	for range 2 {
		if err := h.Renew(operation); town.CodeOf(err) != town.Forbidden {
			t.Errorf("during the dated role: %v, want FORBIDDEN", err)
		}
	}
	if diff := cmp.Diff(1, len(s.over)); diff != "" {
		t.Errorf("words that it is over: (-want +got)\n%s", diff)
	}
	public := access.With(context.Background(), access.Public())
	if ctx, _ := h.Hold(public, func(error) {}); ctx != public {
		t.Error("the public is watched")
	}
}

// BenchmarkSweep: what a new snapshot and looking after 10,000 sessions cost, when
// nothing has changed and when somebody else's rights have.
func BenchmarkSweep(b *testing.B) {
	s, _ := openStore(b, dbtest.New(b, dbtest.SQLite))
	smallTown(b, s)
	a, err := access.NewAuthority(context.Background(), s)
	if err != nil {
		b.Fatal(err)
	}
	const sessions = 10_000
	for i := range sessions {
		id := fmt.Sprintf("citizen%d", i)
		if i%10 == 0 {
			id = "officer.births"
		}
		v, err := a.Viewer(id, time.Time{})
		if err != nil {
			b.Fatal(err)
		}
		a.Hold(access.With(context.Background(), v), func(error) {})
	}
	swept := make(chan struct{})
	ctx, stop := context.WithCancel(context.Background())
	defer stop()
	go a.WatchSessions(ctx, time.Hour, func() { swept <- struct{}{} })
	for what, prepare := range map[string]store.Unit{
		"unchanged": func(context.Context, *store.Tx) error { return nil }, "changed": access.RolesChanged,
	} {
		b.Run(what, func(b *testing.B) {
			for b.Loop() {
				b.StopTimer()
				write(b, s, prepare)
				b.StartTimer()
				if err := a.Reload(context.Background()); err != nil {
					b.Fatal(err)
				}
				<-swept
			}
		})
	}
}
