package desk_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/spazio-in-comune/sportello/ent/event"
	"github.com/spazio-in-comune/sportello/internal/access"
	"github.com/spazio-in-comune/sportello/internal/desk"
	"github.com/spazio-in-comune/sportello/internal/store/dbtest"
	"github.com/spazio-in-comune/sportello/internal/town"
)

func TestBoard(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, db dbtest.DB) {
		h := newHall(t, db, 1)
		anybody := access.With(t.Context(), access.Public())
		_, err := h.desk.Board(anybody, "site_9")
		wantCode(t, err, town.NotFound)

		s := h.open(1)
		me := h.as(operator(1))
		called := func() {
			t.Helper()
			h.clock.Advance(time.Minute)
			h.must(serve(me, h.desk, h.call(s)))
		}
		for range 6 {
			h.issue("anagrafe", town.P3)
			called()
		}
		_, err = h.desk.IssueTicket(h.as("per_info"), desk.IssueTicketInput{
			IdempotencyKey: h.key(), SiteID: siteID, ServiceCode: ptr("anagrafe"), Discreet: ptr(true),
		})
		h.must(err)
		called()
		h.issue("anagrafe", town.P3)
		h.clock.Advance(time.Minute)
		l := h.call(s)
		h.clock.Advance(30 * time.Second)
		_, err = h.desk.RecallLeg(me, in(l))
		h.must(err)
		h.issue("anagrafe", town.P3)
		h.issue("stato-civile", town.P3)

		board, err := h.desk.Board(anybody, siteID)
		h.must(err)
		var calls []string
		for _, c := range board.Calls {
			calls = append(calls, fmt.Sprintf("%s at %s in %s, %s, %d", c.Label, c.Counter, c.Office, c.State, c.CallCount))
		}
		want := []string{
			"A008 at 1 in sportello, CALLED, 2", "A006 at 1 in sportello, COMPLETED, 1", "A005 at 1 in sportello, COMPLETED, 1",
			"A004 at 1 in sportello, COMPLETED, 1", "A003 at 1 in sportello, COMPLETED, 1",
		}
		if diff := cmp.Diff(want, calls); diff != "" {
			t.Error(diff)
		}
		var queues []string
		for _, q := range board.Queues {
			queues = append(queues, fmt.Sprintf("%s %d %t", q.Office, q.Waiting, 0 < q.MedianSeconds && q.MedianSeconds <= q.P80Seconds))
		}
		if diff := cmp.Diff([]string{"sportello 1 true", "stato-civile 1 true"}, queues); diff != "" {
			t.Error(diff)
		}
		if !board.At.Equal(h.clock.Now()) || board.OpenCounters != 1 || board.SiteID != siteID {
			t.Errorf("board %+v", board)
		}
		h.clock.Advance(24 * time.Hour)
		if board, err = h.desk.Board(anybody, siteID); err != nil || len(board.Calls) != 0 {
			t.Errorf("on the next day: %+v, %v", board, err)
		}
	})
}

// TestDiscreetVisitsLeaveNoTrace: no event of theirs bears the label, and all are
// marked.
func TestDiscreetVisitsLeaveNoTrace(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, db dbtest.DB) {
		h := newHall(t, db, 1)
		issued, err := h.desk.IssueTicket(h.as(operator(1)), desk.IssueTicketInput{
			IdempotencyKey: h.key(), SiteID: siteID, ServiceCode: ptr("anagrafe"), Discreet: ptr(true), PersonID: ptr("per_c1"),
		})
		h.must(err)
		open := h.issue("anagrafe", town.P3)
		s := h.open(1)
		h.must(serve(h.as(operator(1)), h.desk, h.call(s)))
		h.must(serve(h.as(operator(1)), h.desk, h.call(s)))
		for id, discreet := range map[string]bool{issued.Visit.ID: true, open.ID: false} {
			events, err := h.store.Reader().Event.Query().Where(event.VisitID(id)).All(h.system())
			h.must(err)
			for _, e := range events {
				_, labelled := e.Data["label"]
				if e.Confidential != discreet || discreet && labelled || !discreet && e.LegID != "" && !labelled {
					t.Errorf("discreet %v: %s has %v, confidential %v", discreet, e.Type, e.Data, e.Confidential)
				}
				if discreet && !cmp.Equal(e.Parties, []string{"per_c1"}) {
					t.Errorf("%s concerns %v", e.Type, e.Parties)
				}
			}
		}
	})
}

// TestWait: what was promised stays, what is foretold now shrinks with the line.
func TestWait(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, db dbtest.DB) {
		h := newHall(t, db, 2)
		s := h.open(1)
		h.issue("anagrafe", town.P3)
		h.call(s)
		for range 4 {
			h.issue("anagrafe", town.P3)
		}
		v := h.issue("anagrafe", town.P3)
		first, err := h.desk.Wait(t.Context(), v)
		h.must(err)
		if first.MedianSeconds != first.PromisedMedianSeconds || first.P80Seconds != first.PromisedP80Seconds {
			t.Errorf("at issue %+v", first)
		}
		// Five services of 9.6 minutes, each with a minute between, at one desk.
		if first.MedianSeconds < 2400 || first.MedianSeconds > 3600 || first.P80Seconds <= first.MedianSeconds {
			t.Errorf("at issue %+v", first)
		}
		h.open(2)
		two, err := h.desk.Wait(t.Context(), v)
		h.must(err)
		if two.MedianSeconds > first.MedianSeconds*2/3 || two.PromisedMedianSeconds != first.PromisedMedianSeconds {
			t.Errorf("with a second desk %+v, before %+v", two, first)
		}
		_, err = h.desk.LeaveVisit(h.as("per_info"), desk.LeaveVisitInput{VisitID: v.ID, ExpectedVersion: v.Version})
		h.must(err)
		if none, err := h.desk.Wait(t.Context(), v); err != nil || none != nil {
			t.Errorf("after leaving %+v, %v", none, err)
		}
	})
}

// TestWaitAtPausedCounters: who is there is served to the end, but nobody is called
// there, so that it shortens no wait. Where nothing is open the wait is told as if
// all were.
func TestWaitAtPausedCounters(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, db dbtest.DB) {
		h := newHall(t, db, 3)
		board := func() desk.BoardQueue {
			t.Helper()
			b, err := h.desk.Board(h.as("per_kiosk"), siteID)
			h.must(err)
			return b.Queues[0]
		}
		busy := h.open(1)
		h.issue("anagrafe", town.P3)
		h.call(busy)
		if got := board(); got.MedianSeconds == 0 {
			t.Errorf("the only open counter is busy: %+v", got)
		}
		_, err := h.desk.PauseCounter(h.as(operator(1)), desk.CounterSessionInput{SessionID: busy.ID, ExpectedVersion: busy.Version})
		h.must(err)
		if got := board(); got.MedianSeconds != 0 {
			t.Errorf("nothing is open, two counters could be: %+v", got)
		}
		h.open(2)
		v := h.issue("anagrafe", town.P3)
		wait, err := h.desk.Wait(t.Context(), v)
		h.must(err)
		if wait.MedianSeconds != 0 || wait.PromisedMedianSeconds != 0 {
			t.Errorf("a counter is free: %+v", wait)
		}
		if got := board(); got.MedianSeconds == 0 {
			t.Errorf("one waits for the only open counter: %+v", got)
		}
	})
}

// TestReadingRights is what the rule of visibility leaves of the desk's readings.
func TestReadingRights(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, db dbtest.DB) {
		h := newHall(t, db, 1)
		v := h.issue("anagrafe", town.P3)
		s := h.open(1)
		l := h.call(s)
		public := access.With(t.Context(), access.Public())
		sees := func(ctx context.Context) string {
			visits, _ := h.desk.VisitsByIDs(ctx, []string{v.ID})
			legs, _ := h.desk.LegsByIDs(ctx, []string{l.ID})
			calls, _ := h.desk.CallsOfLegs(ctx, []string{l.ID})
			sessions, _ := h.desk.SessionsByIDs(ctx, []string{s.ID})
			live, err := h.desk.LiveSessionsOfCounters(ctx, []string{"ctr_1"})
			h.must(err)
			_, queue := h.desk.Queue(ctx, siteID, counterArea)
			return fmt.Sprint(len(visits), len(legs), len(calls), len(sessions), len(live), queue == nil)
		}
		for name, want := range map[string]string{
			operator(1): "1 1 1 1 1 true", "per_info": "1 1 1 1 1 true", "per_kiosk": "1 1 0 0 0 false",
			"per_officer": "0 0 0 0 0 false", "per_c1": "0 0 0 0 0 false",
		} {
			if got := sees(h.as(name)); got != want {
				t.Errorf("%s sees %s, want %s", name, got, want)
			}
		}
		if got := sees(access.With(t.Context(), h.authority.Ticket(v.ID))); got != "1 1 0 0 0 false" {
			t.Errorf("the holder of the ticket sees %s", got)
		}
		if got := sees(public); got != "0 0 0 0 0 false" {
			t.Errorf("the public sees %s", got)
		}
		for name, place := range map[string][2]string{"no such site": {"site_9", counterArea}, "no such office": {siteID, "nowhere"}} {
			if _, err := h.desk.Queue(h.as("per_info"), place[0], place[1]); town.CodeOf(err) != town.NotFound {
				t.Errorf("the queue of %s: %v", name, err)
			}
		}
		counters, err := h.desk.CountersOfSites(public, []string{siteID})
		h.must(err)
		offices, err := h.desk.OfficesByCodes(public, []string{counterArea, "none"})
		h.must(err)
		sites, err := h.desk.Sites(public)
		h.must(err)
		if len(counters[siteID]) != 2 || len(offices) != 1 || len(sites) != 1 {
			t.Errorf("public: %v, %v, %v", counters, offices, sites)
		}
	})
}
