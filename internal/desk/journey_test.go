package desk_test

import (
	"testing"
	"time"

	"github.com/spazio-in-comune/sportello/ent"
	"github.com/spazio-in-comune/sportello/internal/access"
	"github.com/spazio-in-comune/sportello/internal/desk"
	"github.com/spazio-in-comune/sportello/internal/desk/rules"
	"github.com/spazio-in-comune/sportello/internal/store/dbtest"
	"github.com/spazio-in-comune/sportello/internal/town"
)

// TestJourney is a visit from the kiosk through the counter, a pause for a form and
// an office, with its clocks and its events.
func TestJourney(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, db dbtest.DB) {
		h := newHall(t, db, 2)
		v := h.issue("anagrafe", town.P3)
		s := h.open(1)
		me := h.as(operator(1))
		step := func(l *ent.Leg, err error) *ent.Leg {
			t.Helper()
			h.must(err)
			h.clock.Advance(time.Minute)
			return l
		}
		h.clock.Advance(time.Minute)
		l := step(h.call(s), nil)
		l = step(h.desk.RecallLeg(me, in(l)))
		l = step(h.desk.StartLeg(me, in(l)))
		l = step(h.desk.ParkLeg(me, note(l, "fills in the form")))
		if busy, err := h.desk.CurrentLegsOfSessions(me, []string{s.ID}); err != nil || len(busy) != 0 {
			t.Errorf("a parked leg keeps the counter busy: %v, %v", busy, err)
		}
		l = step(h.desk.ResumeLeg(me, desk.ResumeLegInput{LegID: l.ID, ExpectedVersion: l.Version, SessionID: s.ID}))
		l = step(h.desk.StartLeg(me, in(l)))
		move := desk.TransferLegInput{IdempotencyKey: "to the office", LegID: l.ID, ExpectedVersion: l.Version, OfficeCode: civilStatus, Note: ptr("needs the register")}
		moved := step(h.desk.TransferLeg(me, move))
		if again, err := h.desk.TransferLeg(me, move); err != nil || again.ID != moved.ID || again.State != town.LegTransferred {
			t.Errorf("repeated transfer: %+v, %v", again, err)
		}

		officer := h.as("per_officer")
		q, err := h.desk.Queue(officer, siteID, civilStatus)
		h.must(err)
		next := q.Waiting[0]
		if next.VisitID != v.ID || next.Ordinal != 2 || !next.SeniorAt.Equal(v.ArrivedAt) || next.Label != "A001" || next.Level != town.LevelOffice {
			t.Errorf("the next leg is %+v", next)
		}
		os, err := h.desk.OpenCounter(officer, desk.OpenCounterInput{IdempotencyKey: h.key(), CounterID: "ctr_sc"})
		h.must(err)
		l, err = h.desk.CallNext(officer, desk.CallNextInput{IdempotencyKey: h.key(), SessionID: os.ID})
		l = step(l, err)
		l = step(h.desk.StartLeg(officer, in(l)))
		l = step(h.desk.CompleteLeg(officer, desk.CompleteLegInput{LegID: l.ID, ExpectedVersion: l.Version, Outcome: town.OutcomeServed}))

		tells(t, h, v.ID, "visit.opened", "ticket.issued", "leg.queued", "eta.promised",
			"leg.called", "leg.recalled", "leg.serving_started", "leg.parked", "leg.resumed", "leg.serving_started", "leg.transferred",
			"leg.queued", "eta.promised", "leg.called", "leg.serving_started", "leg.completed", "visit.closed")
		closed, err := h.desk.Visit(officer, v.ID)
		h.must(err)
		h.checkVisit(t, closed)
		if l.Outcome != town.OutcomeServed || closed.ClosedAt == nil || closed.OpenKey != nil {
			t.Errorf("at the end: %+v, %+v", l, closed)
		}
	})
}

func TestConflictsAndStates(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, db dbtest.DB) {
		h := newHall(t, db, 2)
		h.issue("anagrafe", town.P3)
		s := h.open(1)
		me := h.as(operator(1))
		l := h.call(s)

		_, err := h.desk.StartLeg(me, desk.LegInput{LegID: l.ID, ExpectedVersion: l.Version - 1})
		wantCode(t, err, town.Conflict)
		_, err = h.desk.CompleteLeg(me, desk.CompleteLegInput{LegID: l.ID, ExpectedVersion: l.Version, Outcome: town.OutcomeServed})
		wantCode(t, err, town.PreconditionFailed) // not started
		_, err = h.desk.RecallLeg(me, in(l))
		wantCode(t, err, town.PreconditionFailed) // too soon
		_, err = h.desk.NoShowLeg(me, in(l))
		wantCode(t, err, town.PreconditionFailed) // too soon
		_, err = h.desk.StartLeg(h.as(operator(2)), in(l))
		wantCode(t, err, town.NotAllowed) // a colleague's counter
		_, err = h.desk.StartLeg(h.as("per_officer"), in(l))
		wantCode(t, err, town.NotFound) // hidden
		_, err = h.desk.StartLeg(h.as("per_info"), in(l))
		wantCode(t, err, town.Forbidden) // seen, but not theirs to handle
		_, err = h.desk.StartLeg(me, desk.LegInput{LegID: "leg_none", ExpectedVersion: 1})
		wantCode(t, err, town.NotFound)
		_, err = h.desk.CloseCounter(me, desk.CounterSessionInput{SessionID: s.ID, ExpectedVersion: s.Version})
		wantCode(t, err, town.PreconditionFailed) // somebody is there
		_, err = h.desk.TransferLeg(me, desk.TransferLegInput{IdempotencyKey: h.key(), LegID: l.ID, ExpectedVersion: l.Version, OfficeCode: counterArea})
		wantCode(t, err, town.Invalid) // to where they are
		_, err = h.desk.TransferLeg(me, desk.TransferLegInput{IdempotencyKey: h.key(), LegID: l.ID, ExpectedVersion: l.Version, OfficeCode: town.OfficeMayor})
		wantCode(t, err, town.Invalid)
		_, err = h.desk.TransferLeg(me, desk.TransferLegInput{IdempotencyKey: h.key(), LegID: l.ID, ExpectedVersion: l.Version, OfficeCode: civilStatus})
		wantCode(t, err, town.PreconditionFailed) // not started

		started, err := h.desk.StartLeg(h.as("per_head"), in(l)) // the head stands in
		h.must(err)
		_, err = h.desk.ParkLeg(me, note(started, ""))
		wantCode(t, err, town.Required)
		legs, err := h.desk.IntervalsOfLegs(me, []string{l.ID})
		h.must(err)
		if n := len(legs[l.ID]); n != 3 {
			t.Errorf("%d intervals: refused steps left a trace", n)
		}
	})
}

func TestNoShowAndReinstatement(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, db dbtest.DB) {
		h := newHall(t, db, 1)
		issued, err := h.desk.IssueTicket(h.as("per_c1"), desk.IssueTicketInput{IdempotencyKey: h.key(), SiteID: siteID, ServiceCode: ptr("anagrafe")})
		h.must(err)
		visit := issued.Visit
		s := h.open(1)
		me := h.as(operator(1))
		absent := func() *ent.Leg {
			t.Helper()
			l := h.call(s)
			h.clock.Advance(2 * time.Minute)
			l, err := h.desk.NoShowLeg(me, in(l))
			h.must(err)
			return l
		}
		l := absent()
		if v, err := h.desk.Visit(h.as("per_c1"), visit.ID); err != nil || v.ClosedAt == nil {
			t.Fatalf("after a no-show the visit is %+v, %v", v, err)
		}
		h.clock.Advance(15 * time.Minute)
		back, err := h.desk.ReinstateLeg(me, in(l))
		h.must(err)
		if want := visit.ArrivedAt.Add(rules.ReinstatementPenalty); !back.SeniorAt.Equal(want) || back.CallCount != 0 || back.EndedAt != nil {
			t.Errorf("back as %+v", back)
		}
		v, err := h.desk.Visit(h.as("per_c1"), visit.ID)
		h.must(err)
		h.checkVisit(t, v)

		l = absent()
		again, err := h.desk.IssueTicket(h.as("per_c1"), desk.IssueTicketInput{IdempotencyKey: h.key(), SiteID: siteID, ServiceCode: ptr("anagrafe")})
		h.must(err)
		_, err = h.desk.ReinstateLeg(me, in(l))
		wantCode(t, err, town.PreconditionFailed) // a new number was taken
		_, err = h.desk.LeaveVisit(h.as("per_c1"), desk.LeaveVisitInput{VisitID: again.Visit.ID, ExpectedVersion: 1})
		h.must(err)
		h.clock.Advance(15*time.Minute + time.Second)
		_, err = h.desk.ReinstateLeg(me, in(l))
		wantCode(t, err, town.PreconditionFailed) // too late
		v, err = h.desk.Visit(h.as("per_c1"), visit.ID)
		h.must(err)
		h.checkVisit(t, v)
	})
}

// TestLeaving is who may end a visit before its call.
func TestLeaving(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, db dbtest.DB) {
		h := newHall(t, db, 1)
		leave := func(who string, v *ent.Visit) error {
			ctx := access.With(t.Context(), h.authority.Ticket(v.ID))
			if who != "ticket" {
				ctx = h.as(who)
			}
			_, err := h.desk.LeaveVisit(ctx, desk.LeaveVisitInput{VisitID: v.ID, ExpectedVersion: v.Version})
			return err
		}
		for _, who := range []string{"ticket", operator(1), "per_info"} {
			v := h.issue("anagrafe", town.P3)
			h.must(leave(who, v))
			wantCode(t, leave(who, v), town.Conflict)
			left, err := h.desk.Visit(h.system(), v.ID)
			h.must(err)
			h.checkVisit(t, left)
			wantCode(t, leave(who, left), town.PreconditionFailed)
		}
		v := h.issue("anagrafe", town.P3)
		wantCode(t, leave("per_c1", v), town.NotFound)
		wantCode(t, leave("per_officer", v), town.NotFound)
		wantCode(t, leave("per_kiosk", v), town.Forbidden)
		h.call(h.open(1))
		wantCode(t, leave("ticket", v), town.PreconditionFailed) // called
	})
}

func TestSetVisitPriority(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, db dbtest.DB) {
		h := newHall(t, db, 1)
		h.issue("anagrafe", town.P3)
		v := h.issue("anagrafe", town.P3)
		set := func(who string, version int, p town.Priority) error {
			_, err := h.desk.SetVisitPriority(h.as(who), desk.SetVisitPriorityInput{VisitID: v.ID, ExpectedVersion: version, Priority: p})
			return err
		}
		wantCode(t, set("per_kiosk", 1, town.P1), town.Forbidden)
		wantCode(t, set(operator(1), 2, town.P1), town.Conflict)
		wantCode(t, set(operator(1), 1, town.Priority("P7")), town.Invalid)
		h.must(set(operator(1), 1, town.P1))
		wantCode(t, set(operator(1), 1, town.P2), town.Conflict)
		if l := h.call(h.open(1)); l.VisitID != v.ID || l.Priority != town.P1 {
			t.Errorf("called %+v", l)
		}
	})
}

func TestCounters(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, db dbtest.DB) {
		h := newHall(t, db, 2)
		s := h.open(1)
		open := func(who, counter string) error {
			_, err := h.desk.OpenCounter(h.as(who), desk.OpenCounterInput{IdempotencyKey: h.key(), CounterID: counter})
			return err
		}
		wantCode(t, open(operator(2), "ctr_1"), town.PreconditionFailed) // taken
		wantCode(t, open(operator(1), "ctr_2"), town.PreconditionFailed) // has one
		wantCode(t, open(operator(1), "ctr_sc"), town.Forbidden)         // another office's
		wantCode(t, open(operator(2), "ctr_none"), town.NotFound)
		wantCode(t, open("per_citizen", "ctr_2"), town.Forbidden)

		ref := func(s *ent.CounterSession) desk.CounterSessionInput {
			return desk.CounterSessionInput{SessionID: s.ID, ExpectedVersion: s.Version}
		}
		me := h.as(operator(1))
		_, err := h.desk.ResumeCounter(me, ref(s))
		wantCode(t, err, town.PreconditionFailed)
		_, err = h.desk.PauseCounter(h.as(operator(2)), ref(s))
		wantCode(t, err, town.NotAllowed)
		paused, err := h.desk.PauseCounter(me, ref(s))
		h.must(err)
		_, err = h.desk.ResumeCounter(me, ref(s))
		wantCode(t, err, town.Conflict)
		closed, err := h.desk.CloseCounter(me, ref(paused))
		h.must(err)
		if closed.State != town.SessionClosed || closed.ClosedAt == nil {
			t.Errorf("closed: %+v", closed)
		}
		_, err = h.desk.ResumeCounter(me, ref(closed))
		wantCode(t, err, town.PreconditionFailed)
		h.must(open(operator(1), "ctr_1"))
		live, err := h.desk.LiveSessionsOfCounters(me, []string{"ctr_1", "ctr_2"})
		h.must(err)
		if len(live) != 1 || live["ctr_1"].ID == s.ID {
			t.Errorf("live sessions: %v", live)
		}
	})
}
