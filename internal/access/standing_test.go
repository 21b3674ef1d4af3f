package access_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/spazio-in-comune/sportello/ent"
	"github.com/spazio-in-comune/sportello/internal/access"
	"github.com/spazio-in-comune/sportello/internal/store"
	"github.com/spazio-in-comune/sportello/internal/store/dbtest"
	"github.com/spazio-in-comune/sportello/internal/town"
)

// change writes as the house, raises the policy version and reloads.
func (h house) change(t testing.TB, unit store.Unit) {
	t.Helper()
	write(t, h.store, func(ctx context.Context, tx *store.Tx) error {
		if err := unit(ctx, tx); err != nil {
			return err
		}
		return access.RolesChanged(ctx, tx)
	})
	if err := h.Reload(context.Background()); err != nil {
		t.Fatal(err)
	}
}

// TestEndedSignIn: what ended before its time is refused without a read of the
// database, by whatever it was opened; a sign-in of the same person goes on.
func TestEndedSignIn(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, db dbtest.DB) {
		h := newHouse(t, db)
		soon := time.Now().Add(time.Hour)
		signIns := []access.Viewer{
			{ID: "rossi", SignInID: "sign_1", Expires: soon},
			{ID: "rossi", SignInID: "sign_2", Expires: soon},
			{ID: "kiosk", SignInID: "crd_1"},
			{ID: "kiosk", SignInID: "crd_2"},
		}
		h.change(t, func(ctx context.Context, tx *store.Tx) error { return createSignIns(ctx, tx, signIns) })
		var viewers []*access.Viewer
		for _, named := range signIns {
			v, err := h.Enter(named)
			if err != nil {
				t.Fatalf("%s before: %v", named.SignInID, err)
			}
			viewers = append(viewers, v)
		}
		h.change(t, func(ctx context.Context, tx *store.Tx) error {
			if err := tx.Session.UpdateOneID("sign_1").SetEndedAt(tx.Now).Exec(ctx); err != nil {
				return err
			}
			return tx.Credential.UpdateOneID("crd_1").SetRevokedAt(tx.Now).Exec(ctx)
		})
		for i, v := range viewers {
			want := i%2 == 0
			_, refreshed := h.Refresh(v)
			_, entered := h.Enter(signIns[i])
			_, scoped := h.ScopeOf(v.ID, v.SignInID)
			renewed := h.Renew(access.With(context.Background(), v))
			for name, err := range map[string]error{"Refresh": refreshed, "Enter": entered, "ScopeOf": scoped, "Renew": renewed} {
				if got := town.CodeOf(err) == town.Unauthenticated; got != want {
					t.Errorf("%s of %s: %v; refused: %v, want %v", name, v.SignInID, err, got, want)
				}
			}
		}
	})
}

func createSignIns(ctx context.Context, tx *store.Tx, signIns []access.Viewer) error {
	for _, v := range signIns {
		var err error
		if v.Expires.IsZero() {
			err = tx.Credential.Create().SetID(v.SignInID).SetSecretHash(v.SignInID).SetPersonID(v.ID).SetCreatedAt(tx.Now).Exec(ctx)
		} else {
			err = tx.Session.Create().SetID(v.SignInID).SetSecretHash(v.SignInID).SetPersonID(v.ID).SetAssurance("L2").
				SetIssuer("test").SetCreatedAt(tx.Now).SetExpiresAt(v.Expires).Exec(ctx)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// TestMandates: a mandate counts between its dates, by the business clock, until it is
// revoked; who acts under it is shut out with it.
func TestMandates(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, db dbtest.DB) {
		h := newHouse(t, db)
		h.change(t, func(ctx context.Context, tx *store.Tx) error {
			mandate := func(id string, from, to time.Duration) *ent.MandateCreate {
				return tx.Mandate.Create().SetID(id).SetPrincipalID("rossi").SetDelegateID("bianchi").SetClass(town.MandateDelegation).
					SetServices([]string{"births"}).SetFrom(opening.Add(from)).SetTo(opening.Add(to)).SetCreatedAt(tx.Now)
			}
			for _, m := range []*ent.MandateCreate{
				mandate("mnd_now", -time.Hour, time.Hour), mandate("mnd_later", time.Hour, 2*time.Hour),
				mandate("mnd_over", -2*time.Hour, -time.Hour), mandate("mnd_revoked", -time.Hour, time.Hour).SetRevokedAt(tx.Now),
			} {
				if err := m.Exec(ctx); err != nil {
					return err
				}
			}
			return nil
		})
		ids := func() (ids []string) {
			for _, m := range h.MandatesOf("bianchi") {
				ids = append(ids, m.ID)
			}
			return ids
		}
		if diff := cmp.Diff([]string{"mnd_now"}, ids()); diff != "" {
			t.Errorf("in force at first: (-want +got)\n%s", diff)
		}
		m, ok := h.Mandate("mnd_now")
		want := &access.Mandate{
			ID: "mnd_now", PrincipalID: "rossi", DelegateID: "bianchi", Class: town.MandateDelegation,
			Services: []string{"births"}, From: opening.Add(-time.Hour), To: opening.Add(time.Hour),
		}
		if diff := cmp.Diff(want, m); !ok || diff != "" {
			t.Errorf("the mandate (%v): (-want +got)\n%s", ok, diff)
		}
		acting, err := h.Enter(access.Viewer{ID: "bianchi", ActsFor: m})
		if err != nil {
			t.Fatal(err)
		}
		later, _ := h.Mandate("mnd_later")
		if _, err := h.Enter(access.Viewer{ID: "bianchi", ActsFor: later}); town.CodeOf(err) != town.Unauthenticated {
			t.Errorf("under a mandate that has not begun: %v", err)
		}

		h.clock.Advance(time.Hour)
		if _, err := h.Refresh(acting); town.CodeOf(err) != town.Unauthenticated {
			t.Errorf("after the mandate's end: %v", err)
		}
		if diff := cmp.Diff([]string{"mnd_later"}, ids()); diff != "" {
			t.Errorf("in force an hour later: (-want +got)\n%s", diff)
		}
		if acting, err = h.Enter(access.Viewer{ID: "bianchi", ActsFor: later}); err != nil {
			t.Fatal(err)
		}
		h.change(t, func(ctx context.Context, tx *store.Tx) error {
			return tx.Mandate.UpdateOneID("mnd_later").SetRevokedAt(tx.Now).Exec(ctx)
		})
		if _, err := h.Refresh(acting); town.CodeOf(err) != town.Unauthenticated {
			t.Errorf("after the mandate was revoked: %v", err)
		}
	})
}

// TestRightsAreFacts: what changes rights is told by an event, once, to those whom it
// concerns.
func TestRightsAreFacts(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, db dbtest.DB) {
		h := newHouse(t, db)
		admin := h.as(t, "admin")
		for i := range 2 { // the second time nothing is left to do, and nothing is told
			_, err := h.GrantRole(admin, access.GrantRoleInput{IdempotencyKey: fmt.Sprint("g", i), PersonID: "idle", Role: "officer", OfficeCode: "births"})
			if err != nil {
				t.Fatal(err)
			}
		}
		h.clock.Advance(time.Second)
		if _, err := h.RevokeRole(admin, access.RevokeRoleInput{IdempotencyKey: "r", PersonID: "idle", Role: "officer", OfficeCode: "births"}); err != nil {
			t.Fatal(err)
		}
		for _, disabled := range []bool{true, false} {
			if err := h.SetDisabled(admin, "idle", disabled); err != nil {
				t.Fatal(err)
			}
		}
		var got []string
		for _, e := range h.store.Reader().Event.Query().Order(ent.Asc("id")).AllX(access.System(context.Background(), "test")) {
			if !slices.Contains(town.RightsGroups(), strings.Split(string(e.Type), ".")[0]) {
				continue
			}
			got = append(got, fmt.Sprintf("%s %s %v %v by %s", e.Type, e.OfficeID, e.Parties, e.Data, e.Actor))
		}
		want := []string{
			"role.granted births [idle] map[role:officer] by admin",
			"role.revoked births [idle] map[role:officer] by admin",
			"person.disabled  [idle] map[] by admin",
			"person.enabled  [idle] map[] by admin",
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("events: (-want +got)\n%s", diff)
		}

		fact := town.Event{Type: town.EventRoleGranted, OfficeID: "births", Parties: []string{"idle"}}
		for who, want := range map[string]bool{"admin": true, "auditor": true, "idle": true, "head.births": false, "rossi": false, "mayor": false} {
			if got := access.MaySee(h.as(t, who), fact); got != want {
				t.Errorf("%s sees that somebody got a role: %v, want %v", who, got, want)
			}
		}
	})
}

// BenchmarkReload: a snapshot of a town of 30,000 citizens with 300 of staff, 2,000
// mandates and 1,000 sign-ins that have ended.
func BenchmarkReload(b *testing.B) {
	for _, name := range dbtest.Expected(b) {
		s, _ := openStore(b, dbtest.New(b, name))
		fillTown(b, s)
		a, err := access.NewAuthority(context.Background(), s)
		if err != nil {
			b.Fatal(err)
		}
		for what, reload := range map[string]func(context.Context) error{"changed": a.Reload, "unchanged": a.ReloadIfChanged} {
			b.Run(name+"/"+what, func(b *testing.B) {
				for b.Loop() {
					if err := reload(context.Background()); err != nil {
						b.Fatal(err)
					}
				}
			})
		}
	}
}

func fillTown(b *testing.B, s *store.Store) {
	b.Helper()
	sealed := make([]byte, 600) // about as long as a person's data are
	soon := time.Now().Add(time.Hour)
	for start := 0; start < 30_000; start += 500 {
		write(b, s, func(ctx context.Context, tx *store.Tx) error {
			var rows []*ent.PersonCreate
			for i := start; i < start+500; i++ {
				kind := town.PersonCitizen
				if i < 300 {
					kind = town.PersonStaff
				}
				id := fmt.Sprintf("per_%05d", i)
				rows = append(rows, tx.Person.Create().SetID(id).SetLogin(id).SetKind(kind).SetSealed(sealed).SetCreatedAt(tx.Now))
			}
			return tx.Person.CreateBulk(rows...).Exec(ctx)
		})
	}
	write(b, s, func(ctx context.Context, tx *store.Tx) error {
		for i := range 2_000 {
			person := fmt.Sprintf("per_%05d", i)
			err := tx.Mandate.Create().SetID(fmt.Sprintf("mnd_%04d", i)).SetPrincipalID(person).SetDelegateID("per_29999").
				SetClass(town.MandateParent).SetFrom(opening).SetDocuments(sealed).SetCreatedAt(tx.Now).Exec(ctx)
			if err != nil {
				return err
			}
			if i < 300 {
				err = tx.RoleAssignment.Create().SetID(person).SetPersonID(person).SetRole(town.RoleOfficer).SetOfficeID("births").SetFrom(opening).Exec(ctx)
			}
			if err != nil {
				return err
			}
			session := tx.Session.Create().SetID(fmt.Sprintf("sign_%04d", i)).SetSecretHash(fmt.Sprint(i)).SetPersonID(person).SetAssurance("L2").
				SetIssuer("test").SetCreatedAt(tx.Now).SetExpiresAt(soon)
			if i%2 == 0 {
				session.SetEndedAt(tx.Now)
			}
			if err := session.Exec(ctx); err != nil {
				return err
			}
		}
		return access.RolesChanged(ctx, tx)
	})
}
