package casework_test

import (
	"context"
	"slices"
	"testing"

	"github.com/spazio-in-comune/sportello/ent"
	"github.com/spazio-in-comune/sportello/internal/access"
	"github.com/spazio-in-comune/sportello/internal/casework"
	"github.com/spazio-in-comune/sportello/internal/store"
	"github.com/spazio-in-comune/sportello/internal/store/dbtest"
	"github.com/spazio-in-comune/sportello/internal/town"
)

// What the citizen says of a case stands in its history, in order, and on its flags.
func TestHeard(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, db dbtest.DB) {
		h := newHouse(t, db)
		file := h.file(t, "cambio-residenza", nil)
		tell := func(facts ...town.EventType) {
			t.Helper()
			for _, fact := range facts {
				e := town.Event{Type: fact, CaseID: file.ID, EscalationID: "esc_1", FeedbackID: "fdb_1", Actor: "unnamed"}
				err := h.store.InTx(access.System(context.Background(), "test"), "hear", func(ctx context.Context, tx *store.Tx) error {
					return h.Heard(ctx, tx, e)
				})
				if err != nil {
					t.Fatalf("%s: %v", fact, err)
				}
			}
		}
		flags := func(want ...string) {
			t.Helper()
			now, err := h.Case(h.as(t, officer), file.ID)
			if err != nil {
				t.Fatal(err)
			}
			for _, flag := range []string{"escalated", "satisfaction_low"} {
				if has := slices.Contains(now.Flags, flag); has != slices.Contains(want, flag) {
					t.Errorf("%s: %v, flags %v", flag, has, now.Flags)
				}
			}
		}

		rateable := func() bool {
			t.Helper()
			byCase, err := h.AvailableActions(h.as(t, mario), []*ent.CaseFile{file})
			if err != nil {
				t.Fatal(err)
			}
			return slices.ContainsFunc(byCase[file.ID], func(a casework.AvailableAction) bool {
				return a.Action == town.ActionRate && a.Allowed
			})
		}
		tell(town.EventFeedbackGiven)
		flags()
		if !rateable() {
			t.Error("a step was rated: the case may still be")
		}
		rated := town.Event{Type: town.EventFeedbackGiven, CaseID: file.ID, FeedbackID: "fdb_2", Actor: "unnamed"}
		err := h.store.InTx(access.System(context.Background(), "test"), "hear", func(ctx context.Context, tx *store.Tx) error {
			return h.Heard(ctx, tx, rated)
		})
		if err != nil {
			t.Fatal(err)
		}
		if rateable() {
			t.Error("the case was rated and may be rated again")
		}
		tell(town.EventEscalationOffer, town.EventEscalationRaised, town.EventEscalationTaken)
		flags("escalated", "satisfaction_low")
		tell(town.EventEscalationClosed)
		flags("satisfaction_low")

		page, err := h.Timeline(h.as(t, officer), file.ID, town.PageArgs{})
		if err != nil {
			t.Fatal(err)
		}
		var kinds []string
		for _, entry := range page.Items {
			kinds = append(kinds, entry.Kind)
		}
		want := []string{"contact_rated", "rated", "escalation_offered", "escalated", "escalation_closed"}
		if len(kinds) < len(want) || !slices.Equal(kinds[len(kinds)-len(want):], want) {
			t.Errorf("history %v, want it to end with %v", kinds, want)
		}
	})
}

// A fact about another thing, or about a case that is gone, changes nothing.
func TestHeardOfNothing(t *testing.T) {
	t.Parallel()
	h := newHouse(t, dbtest.New(t, dbtest.SQLite))
	for name, e := range map[string]town.Event{
		"no case":      {Type: town.EventFeedbackGiven},
		"case is gone": {Type: town.EventEscalationRaised, CaseID: "case_gone"},
		"no line":      {Type: town.EventEscalationTaken, CaseID: "case_gone"},
	} {
		err := h.store.InTx(access.System(context.Background(), "test"), "hear", func(ctx context.Context, tx *store.Tx) error {
			return h.Heard(ctx, tx, e)
		})
		if err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	if groups := casework.HeardGroups(); !slices.Equal(groups, []string{"feedback", "escalation"}) {
		t.Errorf("groups %v", groups)
	}
}
