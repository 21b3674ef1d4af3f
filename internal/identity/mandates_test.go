package identity

import (
	"context"
	"net/http"
	"net/http/httptest"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/spazio-in-comune/sportello/ent"
	"github.com/spazio-in-comune/sportello/ent/event"
	"github.com/spazio-in-comune/sportello/internal/access"
	"github.com/spazio-in-comune/sportello/internal/store"
	"github.com/spazio-in-comune/sportello/internal/store/dbtest"
	"github.com/spazio-in-comune/sportello/internal/town"
)

// registry is a demo house with two services and the keeper of mandates.
type registry struct {
	*house
	mandates *Mandates
}

func registryOf(t *testing.T, db dbtest.DB) *registry {
	t.Helper()
	h := demoHouse(t, db)
	must(t, h.store.InTx(access.System(t.Context(), "test"), "services", func(ctx context.Context, tx *store.Tx) error {
		for _, code := range []string{"anagrafe", "isee"} {
			err := tx.Definition.Create().SetID(code).SetServiceID(code).SetVersion("1").SetBody([]byte("{}")).SetCreatedAt(opening).Exec(ctx)
			if err != nil {
				return err
			}
		}
		return nil
	}))
	return &registry{h, NewMandates(h.store, h.authority, h.people, h.vault)}
}

// sure is a context in which a person asks who signed in at a level.
func (r *registry) sure(t *testing.T, login string, level town.Assurance) context.Context {
	t.Helper()
	v, err := r.authority.Enter(access.Viewer{ID: r.id(t, login), Assurance: level, Expires: time.Now().Add(time.Hour)})
	must(t, err)
	return access.With(t.Context(), v)
}

// delegation is what the first citizen asks who gives one to the second.
func delegation(key string) GrantMandateInput {
	last := town.Today(opening).AddMonths(3)
	return GrantMandateInput{
		IdempotencyKey: key, DelegateTaxCode: ptr("bncnmr75t55g488g"), Class: town.MandateDelegation,
		Services: []string{"anagrafe"}, To: &last,
	}
}

func TestDelegation(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, db dbtest.DB) {
		r := registryOf(t, db)
		principal, delegate := r.sure(t, "citizen", town.AssuranceSubstantial), r.sure(t, "citizen2", town.AssuranceSubstantial)
		in := delegation("1")
		in.Documents = []MandateDocument{{Label: "carta d'identità", Reference: "CA00000AA"}}
		given, err := r.mandates.Grant(principal, in)
		must(t, err)
		again, err := r.mandates.Grant(principal, in)
		must(t, err)
		if given.PrincipalID != r.id(t, "citizen") || given.DelegateID != r.id(t, "citizen2") || again.ID != given.ID || !r.mandates.InForce(given) {
			t.Errorf("given %+v, then %+v", given, again)
		}
		for who, ctx := range map[string]context.Context{"the principal": principal, "the delegate": delegate, "an operator": r.as(t, "operator1")} {
			row := r.store.Reader().Mandate.GetX(ctx, given.ID)
			papers, err := r.mandates.DocumentsOf(ctx, []*ent.Mandate{row})
			must(t, err)
			names, err := r.mandates.NamesOf(ctx, []*ent.Mandate{row})
			must(t, err)
			if diff := cmp.Diff(in.Documents, papers[row]); diff != "" {
				t.Errorf("%s: papers (-want +got)\n%s", who, diff)
			}
			want := MandateNames{"Mario Rossi", "Anna Maria Bianchi"}
			if who == "the principal" { // who learns of nobody's name by giving it
				want.Delegate = "BNCNMR75T55G488G"
			}
			if diff := cmp.Diff(want, names[row]); diff != "" {
				t.Errorf("%s: names (-want +got)\n%s", who, diff)
			}
		}
		for who, login := range map[string]string{"another citizen": "citizen3", "an administrator": "admin"} {
			if _, err := r.store.Reader().Mandate.Get(r.as(t, login), given.ID); !ent.IsNotFound(err) {
				t.Errorf("%s sees it: %v", who, err)
			}
			if _, err := r.mandates.Revoke(r.as(t, login), RevokeMandateInput{IdempotencyKey: "x", MandateID: given.ID}); town.CodeOf(err) != town.NotFound {
				t.Errorf("%s ends it: %v, want NOT_FOUND", who, err)
			}
		}
		mine, err := r.mandates.Mine(delegate)
		must(t, err)
		usable, err := r.mandates.Usable(delegate, access.Asker(delegate))
		must(t, err)
		if len(mine) != 1 || len(usable) != 1 || usable[0].ID != given.ID {
			t.Errorf("the delegate has %v and may use %v", mine, usable)
		}
		of, err := r.mandates.Of(r.as(t, "operator1"), given.PrincipalID)
		must(t, err)
		if len(of) != 1 {
			t.Errorf("an operator finds %v", of)
		}
		if _, err := r.mandates.Of(principal, given.PrincipalID); town.CodeOf(err) != town.Forbidden {
			t.Errorf("a citizen looks up somebody: %v", err)
		}
		facts := r.store.Reader().Event.Query().Where(event.TypeEQ(town.EventMandateGranted)).AllX(access.System(t.Context(), "test"))
		if len(facts) != 1 || !slices.Equal(facts[0].Parties, []string{given.PrincipalID, given.DelegateID}) || facts[0].Actor != given.PrincipalID {
			t.Errorf("facts: %v", facts)
		}
	})
}

func TestWhoGivesMandates(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, db dbtest.DB) {
		r := registryOf(t, db)
		given, err := r.mandates.Grant(r.sure(t, "citizen", town.AssuranceSubstantial), delegation("0"))
		must(t, err)
		delegate, err := r.authority.Act(access.Asker(r.sure(t, "citizen2", town.AssuranceHigh)), given.ID)
		must(t, err)
		citizen, citizen3, paper := r.id(t, "citizen"), r.id(t, "citizen3"), []MandateDocument{{Label: "decreto"}}
		desk := GrantMandateInput{PrincipalID: &citizen3, DelegateID: &citizen, Class: town.MandateSupport, Documents: paper}
		with := func(in GrantMandateInput, change func(*GrantMandateInput)) GrantMandateInput { change(&in); return in }
		operator, sure := r.as(t, "operator1"), r.sure(t, "citizen", town.AssuranceHigh)
		for name, test := range map[string]struct {
			ctx  context.Context
			in   GrantMandateInput
			want town.Code // empty: entered
		}{
			"staff, on a document":         {operator, desk, ""},
			"staff, without the principal": {operator, with(desk, func(in *GrantMandateInput) { in.PrincipalID = nil }), town.Required},
			"staff, without a document":    {operator, with(desk, func(in *GrantMandateInput) { in.Documents = nil }), town.Required},
			"staff, two names of the delegate": {operator, with(desk, func(in *GrantMandateInput) {
				in.DelegateTaxCode = ptr("BNCNMR75T55G488G")
			}), town.Required},
			"staff, a colleague as delegate":    {operator, with(desk, func(in *GrantMandateInput) { in.DelegateID = ptr(r.id(t, "operator2")) }), town.Invalid},
			"staff, nobody as principal":        {operator, with(desk, func(in *GrantMandateInput) { in.PrincipalID = ptr("per_none") }), town.Invalid},
			"an administrator":                  {r.as(t, "admin"), desk, town.Forbidden},
			"the Help Point":                    {r.as(t, "helppoint"), desk, town.Forbidden},
			"a device":                          {r.as(t, "kiosk"), desk, town.Forbidden},
			"level 1":                           {r.sure(t, "citizen", town.AssuranceLow), delegation(""), town.Forbidden},
			"a citizen as a guardian":           {sure, with(delegation(""), func(in *GrantMandateInput) { in.Class = town.MandateGuardian }), town.NotAllowed},
			"a citizen for somebody else":       {sure, with(delegation(""), func(in *GrantMandateInput) { in.PrincipalID = &citizen3 }), town.NotAllowed},
			"a citizen, the delegate by id":     {sure, with(delegation(""), func(in *GrantMandateInput) { in.DelegateTaxCode, in.DelegateID = nil, &citizen3 }), town.NotAllowed},
			"a citizen for themselves":          {sure, with(delegation(""), func(in *GrantMandateInput) { in.DelegateTaxCode = ptr("RSSMRA80A01F205X") }), town.Invalid},
			"no tax code":                       {sure, with(delegation(""), func(in *GrantMandateInput) { in.DelegateTaxCode = ptr("RSSMRA80A01F205Y") }), town.Invalid},
			"no such service":                   {sure, with(delegation(""), func(in *GrantMandateInput) { in.Services = []string{"astronomia"} }), town.Invalid},
			"somebody whom nobody knows yet":    {sure, with(delegation(""), func(in *GrantMandateInput) { in.DelegateTaxCode = ptr("VRDGPP70A01F205V") }), ""},
			"a chain of mandates":               {access.With(t.Context(), delegate), delegation(""), town.Forbidden},
			"somebody who acts, as the citizen": {access.With(t.Context(), delegate), desk, town.Forbidden},
		} {
			test.in.IdempotencyKey = name
			if _, err := r.mandates.Grant(test.ctx, test.in); (err != nil || test.want != "") && town.CodeOf(err) != test.want {
				t.Errorf("%s: %v, want %q", name, err, test.want)
			}
		}
	})
}

func TestWhoEndsMandates(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, db dbtest.DB) {
		r := registryOf(t, db)
		principal, delegate := r.sure(t, "citizen", town.AssuranceSubstantial), r.sure(t, "citizen2", town.AssuranceSubstantial)
		grant := func(key string, law bool) string {
			ctx, in := principal, delegation(key)
			if law {
				ctx, in.Class, in.PrincipalID, in.Documents = r.as(t, "operator1"), town.MandateParent, ptr(r.id(t, "citizen")), []MandateDocument{{Label: "estratto di nascita"}}
			}
			row, err := r.mandates.Grant(ctx, in)
			must(t, err)
			return row.ID
		}
		for name, test := range map[string]struct {
			ctx  context.Context
			law  bool
			want town.Code // empty: ended
		}{
			"the principal a delegation":     {principal, false, ""},
			"the delegate renounces":         {delegate, false, ""},
			"staff":                          {r.as(t, "operator1"), false, ""},
			"the principal a mandate of law": {principal, true, town.NotAllowed},
			"the delegate a mandate of law":  {delegate, true, ""},
			"staff a mandate of law":         {r.as(t, "officer.stato-civile"), true, ""},
			"the Help Point":                 {r.as(t, "helppoint"), false, town.NotAllowed},
		} {
			id := grant(name, test.law)
			acting, err := r.authority.Act(access.Asker(delegate), id)
			must(t, err)
			_, err = r.mandates.Revoke(test.ctx, RevokeMandateInput{IdempotencyKey: name, MandateID: id})
			if test.want != "" {
				if town.CodeOf(err) != test.want {
					t.Errorf("%s: %v, want %s", name, err, test.want)
				}
				continue
			}
			must(t, err)
			if _, err := r.authority.Refresh(acting); town.CodeOf(err) != town.Unauthenticated {
				t.Errorf("%s: who acts under it goes on: %v", name, err)
			}
			_, err = r.mandates.Revoke(test.ctx, RevokeMandateInput{IdempotencyKey: name + " again", MandateID: id})
			if town.CodeOf(err) != town.PreconditionFailed {
				t.Errorf("%s, again: %v", name, err)
			}
		}
	})
}

// TestActingAtTheDoor: the header and the payload of a socket name the mandate.
func TestActingAtTheDoor(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, db dbtest.DB) {
		r := registryOf(t, db)
		given, err := r.mandates.Grant(r.sure(t, "citizen", town.AssuranceSubstantial), delegation("0"))
		must(t, err)
		tokens := map[string]string{}
		for _, login := range []string{"citizen", "citizen2", "operator1"} {
			tokens[login], err = TokenFor(t.Context(), r.store, login, time.Hour)
			must(t, err)
		}
		for name, test := range map[string]struct {
			login    string
			mandates []string
			want     int
			for_     string
		}{
			"on one's own account": {"citizen2", nil, http.StatusOK, ""},
			"acting":               {"citizen2", []string{given.ID}, http.StatusOK, r.id(t, "citizen")},
			"none such":            {"citizen2", []string{"mnd_none"}, http.StatusForbidden, ""},
			"nothing":              {"citizen2", []string{""}, http.StatusForbidden, ""},
			"two":                  {"citizen2", []string{given.ID, given.ID}, http.StatusForbidden, ""},
			"the principal":        {"citizen", []string{given.ID}, http.StatusForbidden, ""},
			"staff":                {"operator1", []string{given.ID}, http.StatusForbidden, ""},
			"without a token":      {"", []string{given.ID}, http.StatusForbidden, ""},
		} {
			var came *access.Viewer
			handler := r.door.Middleware(http.HandlerFunc(func(_ http.ResponseWriter, req *http.Request) { came = access.Asker(req.Context()) }))
			req := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/graphql", nil)
			payload := map[string]any{}
			if test.login != "" {
				req.Header.Set("Authorization", "Bearer "+tokens[test.login])
				payload["authorization"] = "Bearer " + tokens[test.login]
			}
			for _, id := range test.mandates {
				req.Header.Add(ActingHeader, id)
			}
			w := httptest.NewRecorder()
			handler.ServeHTTP(w, req)
			if w.Code != test.want || came.OnBehalfOf() != test.for_ {
				t.Errorf("%s: status %d for %q, want %d for %q", name, w.Code, came.OnBehalfOf(), test.want, test.for_)
			}
			if len(test.mandates) != 1 || test.login == "" {
				continue
			}
			payload["ACTINGFOR"] = test.mandates[0]
			ctx, _, _, err := r.door.FromInitPayload(t.Context(), payload)
			if (err == nil) != (test.want == http.StatusOK) || err == nil && access.Asker(ctx).OnBehalfOf() != test.for_ {
				t.Errorf("%s, over a socket: %v", name, err)
			}
		}
	})
}
