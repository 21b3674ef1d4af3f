package identity

import (
	"context"
	"sync"
	"testing"

	"github.com/spazio-in-comune/sportello/ent/person"
	"github.com/spazio-in-comune/sportello/internal/access"
	"github.com/spazio-in-comune/sportello/internal/identity/claims"
	"github.com/spazio-in-comune/sportello/internal/store"
	"github.com/spazio-in-comune/sportello/internal/store/dbtest"
	"github.com/spazio-in-comune/sportello/internal/town"
)

const newcomerCode = "VRDLGU70M15L219D"

func (h *house) signIn(t *testing.T, who claims.Claims) (id string, err error) {
	t.Helper()
	err = h.store.InTx(access.System(context.Background(), "test"), "sign in", func(ctx context.Context, tx *store.Tx) error {
		id, err = h.people.SignedIn(ctx, tx, who)
		return err
	})
	return id, err
}

func TestWhoSignsInIsFoundOrEntered(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, db dbtest.DB) {
		h := demoHouse(t, db)
		newcomer := claims.Claims{Issuer: "i", Subject: "s1", Login: "s1", TaxCode: newcomerCode, GivenName: "Luigi", FamilyName: "Verdi", Email: "old@example.org"}
		first, err := h.signIn(t, newcomer)
		must(t, err)
		newcomer.Subject, newcomer.Login, newcomer.Email, newcomer.GivenName = "s2", "s2", "new@example.org", ""
		again, err := h.signIn(t, newcomer)
		must(t, err)
		if again != first {
			t.Errorf("one tax code is two people: %s and %s", first, again)
		}
		data, err := h.personalOf(t, first)
		must(t, err)
		if want := (Personal{GivenName: "Luigi", FamilyName: "Verdi", TaxCode: newcomerCode, Email: "new@example.org"}); data != want {
			t.Errorf("the record has %q %q %q %q", data.GivenName, data.FamilyName, data.TaxCode, data.Email)
		}
		for name, tc := range map[string]struct {
			who  claims.Claims
			want string // login of the demo person
			code town.Code
		}{
			"a citizen entered before":             {claims.Claims{Subject: "x", Login: "x", TaxCode: "RSSMRA80A01F205X"}, "citizen", ""},
			"a member of staff":                    {claims.Claims{Subject: "x", Login: "operator1"}, "operator1", ""},
			"a member of staff with a tax code":    {claims.Claims{Subject: "x", Login: "operator1", TaxCode: "RSSMRA80A01F205X"}, "operator1", ""},
			"a citizen is not found by login":      {claims.Claims{Subject: "x", Login: "citizen"}, "", town.NotAllowed},
			"a device does not sign in":            {claims.Claims{Subject: "x", Login: "kiosk"}, "", town.NotAllowed},
			"nobody's login, and no tax code":      {claims.Claims{Subject: "x", Login: "x"}, "", town.NotAllowed},
			"neither a login nor a tax code":       {claims.Claims{Subject: "x"}, "", town.NotAllowed},
			"a login that begins like a citizen's": {claims.Claims{Subject: "x", Login: loginPrefix + "x"}, "", town.NotAllowed},
		} {
			id, err := h.signIn(t, tc.who)
			if tc.code != "" {
				if err == nil || town.CodeOf(err) != tc.code {
					t.Errorf("%s: %s, %v; want %s", name, id, err, tc.code)
				}
				continue
			}
			if err != nil || id != h.id(t, tc.want) {
				t.Errorf("%s: %s, %v", name, id, err)
			}
			if known, err := h.people.Known(t.Context(), tc.who); err != nil || known != id {
				t.Errorf("%s by a token: %s, %v", name, known, err)
			}
		}
		must(t, h.authority.SetDisabled(h.as(t, "admin"), first, true))
		if _, err := h.signIn(t, newcomer); err == nil || town.CodeOf(err) != town.Forbidden {
			t.Errorf("somebody shut out: %v", err)
		}
	})
}

// personalOf reads the record of a person as that person.
func (h *house) personalOf(t *testing.T, id string) (Personal, error) {
	t.Helper()
	v, err := h.authority.Enter(access.Viewer{ID: id})
	must(t, err)
	ctx := access.With(context.Background(), v)
	row, err := h.people.Person(ctx, id)
	must(t, err)
	data, err := h.people.Personal(ctx, row)
	if data == nil {
		return Personal{}, err
	}
	return *data, err
}

func TestAFirstSignInEntersOnePerson(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, db dbtest.DB) {
		h := demoHouse(t, db)
		who := claims.Claims{Issuer: "i", Subject: "s", Login: "s", TaxCode: newcomerCode, FamilyName: "Verdi"}
		var all sync.WaitGroup
		for range 8 {
			all.Go(func() {
				if _, err := h.signIn(t, who); err != nil {
					t.Error(err)
				}
			})
		}
		all.Wait()
		n, err := h.store.Reader().Person.Query().Where(person.LoginHasPrefix(loginPrefix)).Count(access.System(t.Context(), "test"))
		must(t, err)
		if n != 1 {
			t.Errorf("%d people, want 1", n)
		}
	})
}
