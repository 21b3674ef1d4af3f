package desk_test

import (
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/spazio-in-comune/sportello/ent/leg"
	"github.com/spazio-in-comune/sportello/internal/desk"
	"github.com/spazio-in-comune/sportello/internal/desk/rules"
	"github.com/spazio-in-comune/sportello/internal/store/dbtest"
	"github.com/spazio-in-comune/sportello/internal/town"
)

func TestCloseDay(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, db dbtest.DB) {
		h := newHall(t, db, 2)
		served, waiting, elsewhere := h.issue("anagrafe", town.P3), h.issue("anagrafe", town.P3), h.issue("stato-civile", town.P3)
		s := h.open(1)
		h.call(s)
		h.open(2)
		h.clock.Advance(time.Hour)

		_, err := h.desk.CloseDay(h.as(operator(1)), desk.CloseDayInput{IdempotencyKey: "x", SiteID: siteID})
		wantCode(t, err, town.Forbidden)
		_, err = h.desk.CloseDay(h.as("per_admin"), desk.CloseDayInput{IdempotencyKey: "x", SiteID: "site_9"})
		wantCode(t, err, town.NotFound)

		end := desk.CloseDayInput{IdempotencyKey: "end", SiteID: siteID}
		for range 2 { // the second is a repeat
			closed, err := h.desk.CloseDay(h.as("per_head"), end)
			h.must(err)
			if want := (desk.ClosedDay{ExpiredLegs: 2, ClosedSessions: 2}); closed != want {
				t.Errorf("closed %+v, want %+v", closed, want)
			}
		}
		for _, v := range []string{served.ID, waiting.ID} {
			closed, err := h.desk.Visit(h.system(), v)
			h.must(err)
			h.checkVisit(t, closed)
			if closed.ClosedAt == nil {
				t.Errorf("%s%d is still open", closed.Letter, closed.Number)
			}
		}
		if other, err := h.desk.Visit(h.system(), elsewhere.ID); err != nil || other.ClosedAt != nil {
			t.Errorf("the head of another office closed %+v (%v)", other, err)
		}
		_, err = h.desk.CallNext(h.as(operator(1)), desk.CallNextInput{IdempotencyKey: h.key(), SessionID: s.ID})
		wantCode(t, err, town.PreconditionFailed)

		closed, err := h.desk.CloseDay(h.as("per_admin"), desk.CloseDayInput{IdempotencyKey: "all", SiteID: siteID})
		h.must(err)
		if want := (desk.ClosedDay{ExpiredLegs: 1}); closed != want {
			t.Errorf("then closed %+v, want %+v", closed, want)
		}
	})
}

func TestCloseDue(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, db dbtest.DB) {
		h := newHall(t, db, 1)
		old := h.issue("anagrafe", town.P3)
		h.open(1)
		due := func() desk.ClosedDay {
			t.Helper()
			closed, err := h.desk.CloseDue(t.Context())
			h.must(err)
			return closed
		}
		h.clock.Set(time.Date(2026, 11, 23, 22, 59, 59, 0, time.UTC)) // a second before midnight in Rome
		if closed := due(); closed != (desk.ClosedDay{}) {
			t.Fatalf("closed %+v on the same day", closed)
		}
		h.clock.Advance(time.Second)
		today := h.issue("anagrafe", town.P3)
		if closed, want := due(), (desk.ClosedDay{ExpiredLegs: 1, ClosedSessions: 1}); closed != want {
			t.Fatalf("after midnight closed %+v, want %+v", closed, want)
		}
		if closed := due(); closed != (desk.ClosedDay{}) {
			t.Errorf("then closed %+v more", closed)
		}
		for id, open := range map[string]bool{old.ID: false, today.ID: true} {
			v, err := h.desk.Visit(h.system(), id)
			h.must(err)
			h.checkVisit(t, v)
			if (v.ClosedAt == nil) != open {
				t.Errorf("visit of %s: closed at %v", v.Day, v.ClosedAt)
			}
		}
	})
}

// TestCloseDayAgainstCalls: whoever calls while the day closes either has called
// before, and the leg expires, or is refused. Nothing stays open.
func TestCloseDayAgainstCalls(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, db dbtest.DB) {
		const counters = 8
		h := newHall(t, db, counters)
		h.fill(60)
		admin := h.as("per_admin")
		var all sync.WaitGroup
		for i := 1; i <= counters; i++ {
			s, ctx := h.open(i), h.as(operator(i))
			all.Go(func() {
				for n := range 10 {
					l, err := h.desk.CallNext(ctx, desk.CallNextInput{IdempotencyKey: fmt.Sprint(n), SessionID: s.ID})
					if err == nil && l != nil {
						err = serve(ctx, h.desk, l)
					}
					if err != nil && !town.IsUserError(err) {
						t.Error(err)
					}
				}
			})
		}
		closed, err := h.desk.CloseDay(admin, desk.CloseDayInput{IdempotencyKey: "end", SiteID: siteID})
		h.must(err)
		all.Wait()
		if closed.ClosedSessions != counters {
			t.Errorf("closed %+v", closed)
		}
		open, err := h.store.Reader().Leg.Query().Where(leg.StateIn(rules.OpenStates()...)).Count(h.system())
		h.must(err)
		if open != 0 {
			t.Errorf("%d legs are still open", open)
		}
	})
}
