package desk_test

import (
	"context"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/spazio-in-comune/sportello/ent"
	"github.com/spazio-in-comune/sportello/internal/desk"
	"github.com/spazio-in-comune/sportello/internal/store"
	"github.com/spazio-in-comune/sportello/internal/store/dbtest"
	"github.com/spazio-in-comune/sportello/internal/town"
)

// Numbers taken at the kiosk know nobody: a person is counted from what they said
// at the desk, and the visit of this moment counts before they say it.
func TestHistoryOf(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, db dbtest.DB) {
		h := newHall(t, db, 1)
		const person = "per_citizen"
		history := func(legID string) desk.History {
			t.Helper()
			got, err := h.desk.HistoryOf(h.system(), person, legID)
			h.must(err)
			return got
		}
		identify := func(l *ent.Leg, who string) {
			t.Helper()
			h.must(h.store.InTx(h.system(), "identify", func(ctx context.Context, tx *store.Tx) error {
				return h.desk.Identify(ctx, tx, l.ID, who)
			}))
		}
		visitEnding := func(outcome town.LegOutcome) *ent.Leg {
			t.Helper()
			s := h.open(1)
			me := h.as(operator(1))
			h.issue("anagrafe", town.P3)
			l, err := h.desk.StartLeg(me, in(h.call(s)))
			h.must(err)
			identify(l, person)
			done, err := h.desk.CompleteLeg(me, desk.CompleteLegInput{LegID: l.ID, ExpectedVersion: l.Version, Outcome: outcome})
			h.must(err)
			_, err = h.desk.CloseCounter(me, desk.CounterSessionInput{SessionID: s.ID, ExpectedVersion: s.Version})
			h.must(err)
			return done
		}

		if diff := cmp.Diff(desk.History{}, history("")); diff != "" {
			t.Errorf("before any visit (-want +got):\n%s", diff)
		}
		visitEnding(town.OutcomeServed)
		h.clock.Advance(29 * 24 * time.Hour)
		visitEnding(town.OutcomeIncompleteDocs)
		h.clock.Advance(12 * time.Hour)
		h.issue("anagrafe", town.P3)
		third := h.call(h.open(1))
		if diff := cmp.Diff(desk.History{Visits: 2, PreviousOutcome: "incomplete_docs"}, history("")); diff != "" {
			t.Errorf("from home (-want +got):\n%s", diff)
		}
		want := desk.History{Visits: 3, PreviousOutcome: "incomplete_docs"}
		if diff := cmp.Diff(want, history(third.ID)); diff != "" {
			t.Errorf("at the desk, before saying who (-want +got):\n%s", diff)
		}
		identify(third, person)
		identify(third, "per_other") // a visit keeps whom it has
		if diff := cmp.Diff(want, history(third.ID)); diff != "" {
			t.Errorf("at the desk, after saying who (-want +got):\n%s", diff)
		}
		h.clock.Advance(24 * time.Hour)
		if diff := cmp.Diff(desk.History{Visits: 2, PreviousOutcome: "incomplete_docs"}, history(third.ID)); diff != "" {
			t.Errorf("when the first is 31 days old (-want +got):\n%s", diff)
		}
	})
}
