package desk_test

import (
	"cmp"
	"context"
	"fmt"
	"os"
	"slices"
	"sync"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"

	"github.com/spazio-in-comune/sportello/ent"
	"github.com/spazio-in-comune/sportello/ent/call"
	"github.com/spazio-in-comune/sportello/ent/event"
	"github.com/spazio-in-comune/sportello/ent/leg"
	"github.com/spazio-in-comune/sportello/internal/desk"
	"github.com/spazio-in-comune/sportello/internal/desk/rules"
	"github.com/spazio-in-comune/sportello/internal/store"
	"github.com/spazio-in-comune/sportello/internal/store/dbtest"
	"github.com/spazio-in-comune/sportello/internal/town"
)

func TestCallNextInOrder(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, db dbtest.DB) {
		h := newHall(t, db, 1)
		h.issue("anagrafe", town.P3) // A001, over the age cap at the first call
		h.clock.Advance(20 * time.Minute)
		h.issue("isee", town.P3) // I001
		h.clock.Advance(time.Minute)
		h.issue("anagrafe", town.P1)     // A002
		h.issue("stato-civile", town.P3) // V001 waits elsewhere
		_, err := h.desk.IssueTicket(h.as("per_info"), desk.IssueTicketInput{
			IdempotencyKey: h.key(), SiteID: siteID, ServiceCode: ptr("isee"), Priority: ptr(town.P0), // I002
		})
		h.must(err)
		h.clock.Advance(25 * time.Minute)

		s := h.open(1)
		var got []string
		for {
			l := h.call(s)
			if l == nil {
				break
			}
			calls, err := h.desk.CallsOfLegs(h.as(operator(1)), []string{l.ID})
			h.must(err)
			c := calls[l.ID][0]
			got = append(got, fmt.Sprintf("%s %s of %d: %s first", l.Label, c.Rule, c.Waiting, c.Candidates[0].Label))
			l, err = h.desk.StartLeg(h.as(operator(1)), in(l))
			h.must(err)
			_, err = h.desk.CompleteLeg(h.as(operator(1)), desk.CompleteLegInput{LegID: l.ID, ExpectedVersion: l.Version, Outcome: town.OutcomeServed})
			h.must(err)
		}
		want := []string{
			"I002 class of 4: I002 first", "A001 aged of 3: A001 first", "A002 class of 2: A002 first", "I001 seniority of 1: I001 first",
		}
		if diff := gocmp.Diff(want, got); diff != "" {
			t.Error(diff)
		}
	})
}

func TestCallNextIsRefused(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, db dbtest.DB) {
		h := newHall(t, db, 2)
		h.issue("anagrafe", town.P3)
		h.issue("anagrafe", town.P3)
		s := h.open(1)
		ask := func(who string) error {
			_, err := h.desk.CallNext(h.as(who), desk.CallNextInput{IdempotencyKey: h.key(), SessionID: s.ID})
			return err
		}
		wantCode(t, ask(operator(2)), town.NotAllowed) // a colleague's counter
		wantCode(t, ask("per_officer"), town.NotFound) // another office sees no session here
		wantCode(t, ask("per_citizen"), town.NotFound)

		paused, err := h.desk.PauseCounter(h.as(operator(1)), desk.CounterSessionInput{SessionID: s.ID, ExpectedVersion: s.Version})
		h.must(err)
		wantCode(t, ask(operator(1)), town.PreconditionFailed)
		_, err = h.desk.ResumeCounter(h.as(operator(1)), desk.CounterSessionInput{SessionID: s.ID, ExpectedVersion: paused.Version})
		h.must(err)

		h.must(ask("per_head")) // the head may, and the counter is busy then
		wantCode(t, ask(operator(1)), town.PreconditionFailed)
	})
}

func TestCallNextWithSkills(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, db dbtest.DB) {
		h := newHall(t, db, 1)
		h.must(h.store.InTx(h.system(), "a desk for ISEE", func(ctx context.Context, tx *store.Tx) error {
			return tx.Counter.UpdateOneID("ctr_1").SetSkills([]string{"isee"}).Exec(ctx)
		}))
		h.issue("anagrafe", town.P1)
		h.issue("isee", town.P3)
		s := h.open(1)
		l := h.call(s)
		if label(l) != "I001" {
			t.Fatalf("called %q", label(l))
		}
		l, err := h.desk.ReturnLeg(h.as(operator(1)), in(l))
		h.must(err)
		_, err = h.desk.CancelLeg(h.as(operator(1)), note(l, "went to the wrong town"))
		h.must(err)
		if l := h.call(s); l != nil {
			t.Errorf("called %s without the skill", l.Label)
		}
	})
}

// TestCallNextRepeated: the same key calls the same person, or again nobody.
func TestCallNextRepeated(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, db dbtest.DB) {
		h := newHall(t, db, 1)
		s := h.open(1)
		ask := func(key string) *ent.Leg {
			l, err := h.desk.CallNext(h.as(operator(1)), desk.CallNextInput{IdempotencyKey: key, SessionID: s.ID})
			h.must(err)
			return l
		}
		if l := ask("early"); l != nil {
			t.Fatalf("called %s from an empty hall", l.Label)
		}
		h.issue("anagrafe", town.P3)
		h.issue("anagrafe", town.P3)
		if l := ask("early"); l != nil {
			t.Errorf("the repeated request called %s", l.Label)
		}
		if first, again := ask("now"), ask("now"); label(first) != "A001" || label(again) != "A001" {
			t.Errorf("called %s, repeated %s", label(first), label(again))
		}
	})
}

// TestFiftyCountersAtOnce empties a hall of many tickets from fifty counters that all
// call as fast as they can. Each leg is called once, in the order of the numbers, and
// no counter sees an error.
func TestFiftyCountersAtOnce(t *testing.T) {
	const counters = 50
	tickets := 2000
	if os.Getenv("SPORTELLO_SOAK") != "" {
		tickets = 10_000
	}
	dbtest.Each(t, func(t *testing.T, db dbtest.DB) {
		h := newHall(t, db, counters)
		h.fill(tickets)
		var all sync.WaitGroup
		for i := 1; i <= counters; i++ {
			s, ctx := h.open(i), h.as(operator(i))
			all.Go(func() {
				if err := callAll(ctx, h.desk, s.ID); err != nil {
					t.Error(err)
				}
			})
		}
		all.Wait()
		h.everyoneOnce(t, tickets, db.Dialect == "sqlite", counters)
		calls, err := h.store.Reader().Call.Query().Order(call.ByLegID()).All(h.system())
		h.must(err)
		if n := len(slices.CompactFunc(calls, func(a, b *ent.Call) bool { return a.LegID == b.LegID })); n != tickets {
			t.Errorf("%d legs have a reason for their call", n)
		}
	})
}

// callAll calls and serves until nobody waits.
func callAll(ctx context.Context, d *desk.Desk, sessionID string) error {
	for n := 0; ; n++ {
		l, err := d.CallNext(ctx, desk.CallNextInput{IdempotencyKey: fmt.Sprint(n), SessionID: sessionID})
		if err != nil || l == nil {
			return err
		}
		if err := serve(ctx, d, l); err != nil {
			return err
		}
	}
}

// everyoneOnce reads from the log in which order the numbers were called: 1 to n,
// each once. One writer keeps the order to the letter; where counters really call at
// the same time, a number may be told a few calls late.
func (h *hall) everyoneOnce(t *testing.T, n int, exact bool, counters int) {
	t.Helper()
	events, err := h.store.Reader().Event.Query().Where(event.TypeEQ(town.EventLegCalled)).Order(event.ByID()).All(h.system())
	h.must(err)
	late := 0
	if !exact {
		late = 10 * counters
	}
	seen := map[int]bool{}
	for i, e := range events {
		var number int
		if _, err := fmt.Sscanf(e.Data["label"], "A%d", &number); err != nil {
			t.Fatal(err)
		}
		if seen[number] {
			t.Fatalf("number %d was called twice", number)
		}
		seen[number] = true
		if off := number - (i + 1); off > late || off < -late {
			t.Fatalf("number %d was the %dth to be called", number, i+1)
		}
	}
	if len(seen) != n {
		t.Fatalf("%d of %d were called", len(seen), n)
	}
}

// fill puts tickets into the hall, as if each had come a second after the other.
func (h *hall) fill(tickets int) {
	h.tb.Helper()
	const batch = 100
	for from := 1; from <= tickets; from += batch {
		h.must(h.store.InTx(h.system(), "fill the hall", func(ctx context.Context, tx *store.Tx) error {
			var visits []*ent.VisitCreate
			var legs []*ent.LegCreate
			var intervals []*ent.IntervalCreate
			for n := from; n < from+batch && n <= tickets; n++ {
				at := tx.Now.Add(time.Duration(n) * time.Second).Add(-time.Hour)
				id := fmt.Sprintf("%05d", n)
				visits = append(visits, tx.Visit.Create().SetID("vis_"+id).SetSiteID(siteID).SetDay(town.Today(at)).SetLetter("A").SetNumber(n).
					SetChannel(town.ChannelKiosk).SetPriority(town.P3).SetArrivedAt(at))
				legs = append(legs, tx.Leg.Create().SetID("leg_"+id).SetVisitID("vis_"+id).SetOrdinal(1).SetSiteID(siteID).
					SetOfficeID(counterArea).SetLevel(town.LevelCounter).SetServiceID("anagrafe").SetPracticeID("").SetState(town.LegWaiting).
					SetPriority(town.P3).SetLabel(rules.Label("A", n)).SetSeniorAt(at).SetQueuedAt(at).SetBusyKey("leg_"+id))
				intervals = append(intervals, tx.Interval.Create().SetID("intv_"+id).SetLegID("leg_"+id).SetOrdinal(1).SetState(town.LegWaiting).SetFrom(at))
			}
			return cmp.Or(tx.Visit.CreateBulk(visits...).Exec(ctx), tx.Leg.CreateBulk(legs...).Exec(ctx), tx.Interval.CreateBulk(intervals...).Exec(ctx))
		}))
	}
}

func serve(ctx context.Context, d *desk.Desk, l *ent.Leg) error {
	l, err := d.StartLeg(ctx, in(l))
	if err != nil {
		return fmt.Errorf("start: %w", err)
	}
	_, err = d.CompleteLeg(ctx, desk.CompleteLegInput{LegID: l.ID, ExpectedVersion: l.Version, Outcome: town.OutcomeServed})
	if err != nil {
		return fmt.Errorf("complete: %w", err)
	}
	return nil
}

// TestReadersSeeTheOrderOfTheCalls: what a person is told, what the queue shows and
// what the counter does are one order.
func TestReadersSeeTheOrderOfTheCalls(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, db dbtest.DB) {
		h := newHall(t, db, 1)
		classes := []town.Priority{town.P3, town.P1, town.P3, town.P3, town.P1, town.P2, town.P0, town.P3, town.P1, town.P2}
		visits := map[string]*ent.Visit{}
		for i, p := range classes {
			h.clock.Advance(time.Duration(i*2) * time.Minute)
			issued, err := h.desk.IssueTicket(h.as("per_info"), desk.IssueTicketInput{
				IdempotencyKey: h.key(), SiteID: siteID, ServiceCode: ptr("anagrafe"), Priority: &p,
			})
			h.must(err)
			visits[issued.Visit.ID] = issued.Visit
		}
		q, err := h.desk.Queue(h.as(operator(1)), siteID, counterArea)
		h.must(err)
		s := h.open(1)
		for place, l := range q.Waiting {
			ahead, err := h.desk.Ahead(t.Context(), visits[l.VisitID])
			h.must(err)
			if *ahead != 0 {
				t.Fatalf("%s, the next, is told that %d are ahead at step %d", l.Label, *ahead, place)
			}
			last := q.Waiting[len(q.Waiting)-1]
			if ahead, err = h.desk.Ahead(t.Context(), visits[last.VisitID]); err != nil || *ahead != len(q.Waiting)-1-place {
				t.Fatalf("%s, the last, is told %d (%v) at step %d", last.Label, *ahead, err, place)
			}
			called := h.call(s)
			if called.ID != l.ID {
				t.Fatalf("called %s, the queue had %s", called.Label, l.Label)
			}
			h.must(serve(h.as(operator(1)), h.desk, called))
		}
		none, err := h.desk.Ahead(t.Context(), visits[q.Waiting[0].VisitID])
		if h.must(err); none != nil {
			t.Errorf("%d ahead of somebody who was served", *none)
		}
		if n, err := h.store.Reader().Leg.Query().Where(leg.StateEQ(town.LegWaiting)).Count(h.system()); err != nil || n != 0 {
			t.Errorf("%d still wait (%v)", n, err)
		}
	})
}
