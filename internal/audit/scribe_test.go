package audit_test

import (
	"context"
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/spazio-in-comune/sportello/internal/access"
	"github.com/spazio-in-comune/sportello/internal/audit"
	"github.com/spazio-in-comune/sportello/internal/audit/chain"
	"github.com/spazio-in-comune/sportello/internal/store"
	"github.com/spazio-in-comune/sportello/internal/town"
)

// operator is a viewer at the counter.
func operator() *access.Viewer {
	return &access.Viewer{
		ID: "per_operator", Kind: access.KindPerson, SignInID: "sign_1", Address: "192.0.2.1",
		Scope: access.NewScope(1, noEnd, []access.HeldRole{{Role: town.RoleOperator, Office: "sportello"}},
			map[access.Act]access.OfficeSet{access.CaseHandle: {Offices: []string{"sportello"}}, access.PersonRead: {Offices: []string{"sportello"}}}),
	}
}

func scribe(t *testing.T) *audit.Scribe {
	t.Helper()
	s, err := audit.NewScribe()
	if err != nil {
		t.Fatal(err)
	}
	return s
}

var fact = town.Event{
	ID: "evt_1", Type: town.EventCaseTaken, CaseID: "case_1", OfficeID: "sportello", Parties: []string{"per_citizen"},
}

// TestUnitOfViewer: who, for whom, what, under which rule, from where.
func TestUnitOfViewer(t *testing.T) {
	t.Parallel()
	ctx := access.With(t.Context(), operator())
	access.Begin(ctx, "an earlier mutation")
	access.Asker(ctx).Used(access.PersonRead, "")
	access.Begin(ctx, "takeCaseInCharge")
	if err := access.Asker(ctx).Require(access.CaseHandle, "sportello"); err != nil {
		t.Fatal(err)
	}
	got, err := scribe(t).Unit(access.System(ctx, "casework"), store.Written{What: "a unit", Result: "case_1", Events: []town.Event{fact}})
	if err != nil || got == nil {
		t.Fatalf("the unit of an operator gives %v, %v", got, err)
	}
	want := chain.Entry{
		Kind: chain.Write, ActorKind: "person", ActorID: "per_operator", Action: "takeCaseInCharge",
		Objects: []chain.Object{{ID: "case_1"}}, Subjects: []string{"per_citizen"}, Events: []string{"evt_1"}, Offices: []string{"sportello"},
		Rules: []string{"operator own case:handle sportello"}, SignInID: "sign_1", Address: "192.0.2.1",
	}
	if diff := cmp.Diff(string(want.Encode()), string(got.Encode())); diff != "" {
		t.Errorf("the entry (-want +got):\n%s", diff)
	}
}

func TestWhatLeavesAnEntry(t *testing.T) {
	t.Parallel()
	citizen := &access.Viewer{ID: "per_citizen", Kind: access.KindPerson, Scope: &access.Scope{}}
	acting := *citizen
	acting.ActsFor = &access.Mandate{ID: "mnd_1", PrincipalID: "per_other"}
	for name, tt := range map[string]struct {
		ctx    context.Context
		events bool
		want   string // actor and rule; empty: no entry
	}{
		"a person, without a fact":  {access.With(t.Context(), citizen), false, "person per_citizen []"},
		"a party":                   {access.With(t.Context(), citizen), true, "person per_citizen [party]"},
		"for another":               {access.With(t.Context(), &acting), false, "person per_citizen [party] for per_other mnd_1"},
		"a ticket":                  {access.With(t.Context(), &access.Viewer{ID: "vis_1", Kind: access.KindTicket, Scope: &access.Scope{}}), true, "ticket vis_1 [ticket]"},
		"the house by itself":       {access.System(t.Context(), "terms"), true, "system system:terms [house]"},
		"the house, without a fact": {access.System(t.Context(), "relay"), false, ""},
		"the public":                {access.With(t.Context(), access.Public()), true, "public  []"},
		"the public, without":       {access.With(t.Context(), access.Public()), false, ""},
		"nobody":                    {t.Context(), false, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			unit := store.Written{What: "a unit"}
			if tt.events {
				unit.Events = []town.Event{fact}
			}
			e, err := scribe(t).Unit(tt.ctx, unit)
			if err != nil {
				t.Fatal(err)
			}
			got := ""
			if e != nil {
				got = e.ActorKind + " " + e.ActorID + " " + list(e.Rules)
				if e.OnBehalfOf != "" {
					got += " for " + e.OnBehalfOf + " " + e.MandateID
				}
			}
			if got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}

// TestEffectAndEntryTogether: a unit that fails leaves neither, one whose entry cannot be
// made has no effect, a repeat and a refusal leave no entry.
func TestEffectAndEntryTogether(t *testing.T) {
	t.Parallel()
	each(t, true, func(t *testing.T, h *house) {
		ctx := access.With(t.Context(), operator())
		failed := errors.New("failed")
		emit := func(fails error) error {
			return h.InTx(ctx, "a unit", func(_ context.Context, tx *store.Tx) error {
				tx.Emit(fact)
				return fails
			})
		}
		if err := emit(failed); !errors.Is(err, failed) {
			t.Errorf("a failing unit gives %v", err)
		}
		if err := emit(nil); err != nil {
			t.Error(err)
		}
		once := func(key string, refusal error) {
			_, _, err := h.Once(ctx, store.Once{Actor: "per_operator", Mutation: "m", Key: key, Input: key}, func(_ context.Context, tx *store.Tx) (string, error) {
				if refusal == nil {
					tx.Emit(fact)
				}
				return "case_1", refusal
			})
			if (err != nil) != (refusal != nil) {
				t.Errorf("once %s: %v", key, err)
			}
		}
		once("done", nil)
		once("done", nil)
		refused := town.Errorf(town.Conflict, "No.", "No.")
		once("refused", refused)
		once("refused", refused)
		h.linked(t)
		if got := h.count(t, "audit_entries"); got != 2 {
			t.Errorf("%d entries, want one of each effect: 2", got)
		}
		h.exec(t, "DELETE FROM audit_subjects")
		h.exec(t, "DROP TABLE audit_subjects")
		before := h.count(t, "events")
		if err := emit(nil); err == nil {
			t.Error("a unit is answered with success, though it could not be audited")
		}
		if after := h.count(t, "events"); after != before {
			t.Errorf("without its entry the effect is there: %d events, then %d", before, after)
		}
	})
}
