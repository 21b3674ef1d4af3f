package access_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/spazio-in-comune/sportello/ent/roleassignment"
	"github.com/spazio-in-comune/sportello/internal/access"
	"github.com/spazio-in-comune/sportello/internal/store"
	"github.com/spazio-in-comune/sportello/internal/store/dbtest"
	"github.com/spazio-in-comune/sportello/internal/town"
)

// house is a small town with its authority and a clock to move.
type house struct {
	*access.Authority
	store *store.Store
	clock *town.ManualClock
}

func newHouse(t *testing.T, db dbtest.DB) house {
	t.Helper()
	s, clock := openStore(t, db)
	smallTown(t, s)
	a, err := access.NewAuthority(context.Background(), s)
	if err != nil {
		t.Fatal(err)
	}
	return house{a, s, clock}
}

// as is a context in which the person asks.
func (h house) as(t *testing.T, personID string) context.Context {
	t.Helper()
	v, err := h.Viewer(personID, time.Time{})
	if err != nil {
		t.Fatal(err)
	}
	return access.With(context.Background(), v)
}

func TestGrantAndRevoke(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, db dbtest.DB) {
		h := newHouse(t, db)
		admin, idle := h.as(t, "admin"), h.as(t, "idle")
		grant := access.GrantRoleInput{IdempotencyKey: "1", PersonID: "idle", Role: "officer", OfficeCode: "births"}
		before := h.Version()

		roles, err := h.GrantRole(admin, grant)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff([]access.HeldRole{{Role: town.RoleOfficer, Office: "births", From: opening, GrantedBy: "admin"}}, roles); diff != "" {
			t.Errorf("roles after the grant: (-want +got)\n%s", diff)
		}
		if h.Version() <= before {
			t.Errorf("the policy version stayed at %d", h.Version())
		}
		if err := h.Renew(idle); err != nil {
			t.Fatal(err)
		}
		if n := h.store.Reader().CaseFile.Query().CountX(idle); n != 2 {
			t.Errorf("the new officer sees %d cases, want 2", n)
		}

		if _, err := h.GrantRole(admin, grant); err != nil {
			t.Errorf("the same grant again: %v", err)
		}
		grant.IdempotencyKey = "2"
		roles, err = h.GrantRole(admin, grant)
		if err != nil || len(roles) != 1 {
			t.Errorf("what is held, given again: %v, %v", roles, err)
		}

		h.clock.Advance(time.Minute)
		changed := h.Changed()
		roles, err = h.RevokeRole(admin, access.RevokeRoleInput{IdempotencyKey: "3", PersonID: "idle", Role: "officer", OfficeCode: "births"})
		if err != nil || len(roles) != 0 {
			t.Errorf("roles after it was taken: %v, %v", roles, err)
		}
		select {
		case <-changed:
		default:
			t.Error("nobody was told that roles have changed")
		}
		if err := h.Renew(idle); town.CodeOf(err) != town.Unauthenticated {
			t.Errorf("a stream whose last role is gone: %v, want UNAUTHENTICATED", err)
		}
		_, err = h.RevokeRole(admin, access.RevokeRoleInput{IdempotencyKey: "4", PersonID: "idle", Role: "officer", OfficeCode: "births"})
		if town.CodeOf(err) != town.PreconditionFailed {
			t.Errorf("what is not held, taken: %v, want PRECONDITION_FAILED", err)
		}
	})
}

func TestGrantIsRefused(t *testing.T) {
	h := newHouse(t, dbtest.New(t, dbtest.SQLite))
	good := access.GrantRoleInput{PersonID: "idle", Role: "officer", OfficeCode: "births"}
	tests := map[string]struct {
		who    string
		change func(*access.GrantRoleInput)
		want   town.Code
	}{
		"not an administrator": {"head.births", func(*access.GrantRoleInput) {}, town.Forbidden},
		"mayor":                {"mayor", func(*access.GrantRoleInput) {}, town.Forbidden},
		"citizen":              {"rossi", func(*access.GrantRoleInput) {}, town.Forbidden},
		"unknown role":         {"admin", func(in *access.GrantRoleInput) { in.Role = "king" }, town.Invalid},
		"role not given":       {"admin", func(in *access.GrantRoleInput) { in.Role = "citizen" }, town.Invalid},
		"unknown office":       {"admin", func(in *access.GrantRoleInput) { in.OfficeCode = "moon" }, town.Invalid},
		"unknown person":       {"admin", func(in *access.GrantRoleInput) { in.PersonID = "per_x" }, town.Invalid},
		"from the past":        {"admin", func(in *access.GrantRoleInput) { in.From = later(-time.Hour) }, town.Invalid},
		"ends before it begins": {"admin", func(in *access.GrantRoleInput) {
			in.From, in.To = later(2*time.Hour), later(time.Hour)
		}, town.Invalid},
		"ends at once":           {"admin", func(in *access.GrantRoleInput) { in.To = later(0) }, town.Invalid},
		"subjects of an officer": {"admin", func(in *access.GrantRoleInput) { in.Services = []string{"anagrafe"} }, town.Invalid},
		"no subjects":            {"admin", func(in *access.GrantRoleInput) { in.Role = "assessore" }, town.Required},
		"unknown subject": {"admin", func(in *access.GrantRoleInput) {
			in.Role, in.Services = "assessore", []string{"alchemy"}
		}, town.Invalid},
		"a subject and all": {"admin", func(in *access.GrantRoleInput) {
			in.Role, in.Services = "assessore", []string{"*", "anagrafe"}
		}, town.Invalid},
		"to oneself": {"admin", func(in *access.GrantRoleInput) {
			in.PersonID, in.Role = "admin", "auditor"
		}, town.NotAllowed},
		"a device decides":  {"admin", func(in *access.GrantRoleInput) { in.PersonID = "kiosk" }, town.Invalid},
		"a person as kiosk": {"admin", func(in *access.GrantRoleInput) { in.Role = "kiosk" }, town.Invalid},
		"no key":            {"admin", func(in *access.GrantRoleInput) { in.IdempotencyKey = "" }, town.Invalid},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			in := good
			in.IdempotencyKey = name
			test.change(&in)
			if _, err := h.GrantRole(h.as(t, test.who), in); town.CodeOf(err) != test.want {
				t.Errorf("error = %v, want %s", err, test.want)
			}
		})
	}
	if _, err := h.GrantRole(context.Background(), good); town.CodeOf(err) != town.Unauthenticated {
		t.Errorf("nobody grants: %v", err)
	}
}

// later is a moment from the opening on, or before it.
func later(d time.Duration) *time.Time {
	at := opening.Add(d)
	return &at
}

// TestGrantForLater: what is given for later begins and ends by itself, is told with who
// gave it, stands beside what is held, and is taken before it begins.
func TestGrantForLater(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, db dbtest.DB) {
		h := newHouse(t, db)
		admin := h.as(t, "admin")
		n := 0
		grant := func(from, to *time.Time) {
			t.Helper()
			n++
			in := access.GrantRoleInput{IdempotencyKey: fmt.Sprint(n), PersonID: "idle", Role: "head", OfficeCode: "births", From: from, To: to}
			if _, err := h.GrantRole(admin, in); err != nil {
				t.Fatal(err)
			}
		}
		stored := func() int {
			return h.store.Reader().RoleAssignment.Query().Where(roleassignment.PersonID("idle")).CountX(access.System(t.Context(), "test"))
		}
		decides := func() bool {
			v, err := h.Viewer("idle", time.Time{})
			if err != nil {
				t.Fatal(err)
			}
			return v.Can(access.CaseDecide, "births")
		}
		grant(later(time.Hour), later(3*time.Hour))
		grant(later(time.Hour), later(2*time.Hour)) // within what is given
		if got := stored(); got != 1 || decides() {
			t.Errorf("%d assignments, want 1; decides before it begins: %v", got, decides())
		}
		grant(later(5*time.Hour), nil)
		if got := stored(); got != 2 {
			t.Errorf("%d assignments, want 2", got)
		}
		for _, moment := range []struct {
			after time.Duration
			want  bool
		}{{time.Hour, true}, {3 * time.Hour, false}} {
			h.clock.Set(opening.Add(moment.after))
			if got := decides(); got != moment.want {
				t.Errorf("after %v: decides %v, want %v", moment.after, got, moment.want)
			}
		}
		h.clock.Set(opening.Add(4 * time.Hour))
		if _, err := h.RevokeRole(admin, access.RevokeRoleInput{IdempotencyKey: "r", PersonID: "idle", Role: "head", OfficeCode: "births"}); err != nil {
			t.Fatal(err)
		}
		h.clock.Set(opening.Add(6 * time.Hour))
		if decides() {
			t.Error("what was given for later and taken has begun")
		}
		row := h.store.Reader().RoleAssignment.Query().Where(roleassignment.PersonID("idle"), roleassignment.EndedBy("admin")).OnlyX(access.System(t.Context(), "test"))
		if row.GrantedBy != "admin" || row.To == nil || !row.To.Equal(opening.Add(4*time.Hour)) {
			t.Errorf("the one that was taken: %v", row)
		}
	})
}

// TestDatedRoles: a role begins and ends by its dates, also on what was opened before.
func TestDatedRoles(t *testing.T) {
	h := newHouse(t, dbtest.New(t, dbtest.SQLite))
	write(t, h.store, func(ctx context.Context, tx *store.Tx) error {
		err := tx.RoleAssignment.Create().SetID("dated").SetPersonID("operator").SetRole(town.RoleHead).SetOfficeID("taxes").
			SetFrom(opening.Add(time.Hour)).SetTo(opening.Add(2 * time.Hour)).Exec(ctx)
		if err != nil {
			return err
		}
		return access.RolesChanged(ctx, tx)
	})
	if err := h.Reload(context.Background()); err != nil {
		t.Fatal(err)
	}
	v, err := h.Viewer("operator", time.Time{})
	if err != nil {
		t.Fatal(err)
	}
	steps := []struct {
		name    string
		at      time.Time
		decides bool
		same    bool // the viewer as it was
	}{
		{"before", opening.Add(time.Hour - time.Second), false, true},
		{"at the first moment", opening.Add(time.Hour), true, false},
		{"during", opening.Add(90 * time.Minute), true, true},
		{"at the first moment after", opening.Add(2 * time.Hour), false, false},
		{"after", opening.Add(3 * time.Hour), false, true},
	}
	for _, step := range steps {
		h.clock.Set(step.at)
		fresh, err := h.Refresh(v)
		if err != nil {
			t.Fatal(err)
		}
		if (fresh == v) != step.same {
			t.Errorf("%s: the same viewer: %v, want %v", step.name, fresh == v, step.same)
		}
		if fresh.Can(access.CaseDecide, "taxes") != step.decides || !fresh.Can(access.LegHandle, "desk") {
			t.Errorf("%s: decides in taxes: %v, want %v; works at the desk: %v, want true", step.name,
				fresh.Can(access.CaseDecide, "taxes"), step.decides, fresh.Can(access.LegHandle, "desk"))
		}
		v = fresh
	}
}

func TestRefreshEnds(t *testing.T) {
	h := newHouse(t, dbtest.New(t, dbtest.SQLite))
	ended, err := h.Viewer("rossi", time.Now().Add(-time.Second))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := h.Refresh(ended); town.CodeOf(err) != town.Unauthenticated {
		t.Errorf("a session that has ended: %v", err)
	}

	citizen, officer := h.as(t, "rossi"), h.as(t, "officer.births")
	for _, id := range []string{"rossi", "officer.births"} {
		if err := h.SetDisabled(h.as(t, "head.births"), id, true); town.CodeOf(err) != town.Forbidden {
			t.Errorf("a head disables: %v", err)
		}
		if err := h.SetDisabled(h.as(t, "admin"), id, true); err != nil {
			t.Fatal(err)
		}
		if _, err := h.Viewer(id, time.Time{}); town.CodeOf(err) != town.Unauthenticated {
			t.Errorf("%s, disabled, signs in: %v", id, err)
		}
	}
	for who, ctx := range map[string]context.Context{"citizen": citizen, "officer": officer} {
		if err := h.Renew(ctx); town.CodeOf(err) != town.Unauthenticated {
			t.Errorf("the stream of a disabled %s: %v", who, err)
		}
	}
	ticket := h.Ticket("v1")
	fresh, err := h.Refresh(ticket)
	if err != nil || fresh != ticket {
		t.Errorf("a ticket's holder: %v, %v", fresh, err)
	}
}

// TestWatchSeesAnotherProcess: roles changed elsewhere are seen without being told.
func TestWatchSeesAnotherProcess(t *testing.T) {
	h := newHouse(t, dbtest.New(t, dbtest.SQLite))
	elsewhere, err := access.NewAuthority(context.Background(), h.store)
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() { defer close(done); elsewhere.Watch(ctx, time.Millisecond) }()
	changed := elsewhere.Changed()
	grant := access.GrantRoleInput{IdempotencyKey: "1", PersonID: "idle", Role: "officer", OfficeCode: "births"}
	if _, err := h.GrantRole(h.as(t, "admin"), grant); err != nil {
		t.Fatal(err)
	}
	select {
	case <-changed:
	case <-time.After(10 * time.Second):
		t.Fatal("the other authority did not notice")
	}
	stop()
	<-done
	if v, err := elsewhere.Viewer("idle", time.Time{}); err != nil || !v.Can(access.CaseHandle, "births") {
		t.Errorf("the other authority gives %+v, %v", v, err)
	}
}

// TestWhoMayWrite: the last line for changes.
func TestWhoMayWrite(t *testing.T) {
	h := newHouse(t, dbtest.New(t, dbtest.SQLite))
	setting := func(ctx context.Context, tx *store.Tx) error {
		return tx.Setting.Update().SetValue([]byte("stolen")).Exec(ctx)
	}
	role := func(ctx context.Context, tx *store.Tx) error {
		return tx.RoleAssignment.Create().SetID("own").SetPersonID("officer.births").SetRole(town.RoleHead).SetOfficeID("births").SetFrom(tx.Now).Exec(ctx)
	}
	tests := map[string]struct {
		who   string
		write store.Unit
		want  town.Code
	}{
		"an officer changes a setting":       {"officer.births", setting, town.Forbidden},
		"an administrator changes a setting": {"admin", setting, town.Forbidden},
		"an officer promotes herself":        {"officer.births", role, town.Forbidden},
		"a citizen changes the hall":         {"rossi", func(ctx context.Context, tx *store.Tx) error { return tx.Counter.Update().SetLabel("x").Exec(ctx) }, town.Forbidden},
		"an officer writes a line, as rooms do": {"officer.births", func(ctx context.Context, tx *store.Tx) error {
			return tx.CaseEntry.Create().SetID("e").SetCaseID("births").SetOrdinal(9).SetAt(tx.Now).SetKind("noted").Exec(ctx)
		}, ""},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			err := h.store.InTx(h.as(t, test.who), name, test.write)
			if test.want == "" && err != nil || test.want != "" && town.CodeOf(err) != test.want {
				t.Errorf("error = %v, want code %q", err, test.want)
			}
		})
	}
}

func BenchmarkRefresh(b *testing.B) {
	s, _ := openStore(b, dbtest.New(b, dbtest.SQLite))
	smallTown(b, s)
	a, err := access.NewAuthority(context.Background(), s)
	if err != nil {
		b.Fatal(err)
	}
	v, err := a.Viewer("officer.births", time.Time{})
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		if _, err := a.Refresh(v); err != nil {
			b.Fatal(err)
		}
	}
}
