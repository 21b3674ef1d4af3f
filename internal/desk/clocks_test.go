package desk_test

import (
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/spazio-in-comune/sportello/ent"
	"github.com/spazio-in-comune/sportello/ent/event"
	"github.com/spazio-in-comune/sportello/internal/desk"
	"github.com/spazio-in-comune/sportello/internal/desk/rules"
	"github.com/spazio-in-comune/sportello/internal/store/dbtest"
	"github.com/spazio-in-comune/sportello/internal/town"
)

// checkVisit checks what must hold for every visit at every moment: each leg has
// contiguous intervals, one of them open while it lives; the legs follow each other
// without a gap; the sum of all clocks is the length of the visit; and replaying the
// events gives the states of the legs.
func (h *hall) checkVisit(t rapid.TB, v *ent.Visit) {
	t.Helper()
	legs, err := h.desk.LegsOfVisits(h.system(), []string{v.ID})
	h.must(err)
	var ids []string
	for _, l := range legs[v.ID] {
		ids = append(ids, l.ID)
	}
	intervals, err := h.desk.IntervalsOfLegs(h.system(), ids)
	h.must(err)

	now := h.clock.Now()
	at, open, sum := v.ArrivedAt, 0, time.Duration(0)
	for _, l := range legs[v.ID] {
		for i, iv := range intervals[l.ID] {
			last := i == len(intervals[l.ID])-1
			switch {
			case iv.Ordinal != i+1:
				t.Fatalf("%s: interval %d has ordinal %d", l.Label, i+1, iv.Ordinal)
			case !iv.From.Equal(at):
				t.Fatalf("%s: %s begins at %v, the one before ended at %v", l.Label, iv.State, iv.From, at)
			case iv.To == nil && (!last || !rules.Open(l.State) || iv.State != l.State):
				t.Fatalf("%s is %s, yet its interval %d, %s, is open", l.Label, l.State, i+1, iv.State)
			case iv.To != nil && last && rules.Open(l.State):
				t.Fatalf("%s is %s without an open interval", l.Label, l.State)
			case iv.To == nil:
				open++
				sum, at = sum+now.Sub(iv.From), now
			default:
				sum, at = sum+iv.To.Sub(iv.From), *iv.To
			}
		}
	}
	end := now
	if v.ClosedAt != nil {
		end = *v.ClosedAt
	}
	if sum != end.Sub(v.ArrivedAt) || (open == 1) != (v.ClosedAt == nil) {
		t.Fatalf("clocks add up to %v, the visit lasts %v; %d intervals open, closed at %v", sum, end.Sub(v.ArrivedAt), open, v.ClosedAt)
	}
	h.checkReplay(t, v, legs[v.ID])
}

func (h *hall) checkReplay(t rapid.TB, v *ent.Visit, legs []*ent.Leg) {
	t.Helper()
	events, err := h.store.Reader().Event.Query().Where(event.VisitID(v.ID)).Order(event.ByID()).All(h.system())
	h.must(err)
	replayed := map[string]town.LegState{}
	for _, e := range events {
		if state := rules.StateAfter(e.Type); state != "" {
			replayed[e.LegID] = state
		}
	}
	for _, l := range legs {
		if replayed[l.ID] != l.State {
			t.Fatalf("%s is %s; its events say %s", l.Label, l.State, replayed[l.ID])
		}
	}
	if len(replayed) != len(legs) {
		t.Fatalf("%d legs, the events tell of %d", len(legs), len(replayed))
	}
}

// TestClocksOfALeg plays random days: whatever people do, in whatever order and
// whether it is allowed or not, every visit stays sound.
func TestClocksOfALeg(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, db dbtest.DB) {
		h := newHall(t, db, 2)
		sessions := []*ent.CounterSession{h.open(1), h.open(2)}
		visits := map[string]bool{}
		rapid.Check(t, func(rt *rapid.T) {
			d := day{h: h, t: rt, sessions: sessions, visits: map[string]bool{}}
			for range rapid.IntRange(5, 25).Draw(rt, "acts") {
				h.clock.Advance(time.Duration(rapid.IntRange(0, 180).Draw(rt, "seconds")) * time.Second)
				d.act(rapid.IntRange(0, 14).Draw(rt, "act"))
			}
			for id := range d.visits {
				v, err := h.desk.Visit(h.system(), id)
				h.must(err)
				h.checkVisit(rt, v)
				visits[id] = true
			}
		})
		_, err := h.desk.CloseDay(h.as("per_admin"), desk.CloseDayInput{IdempotencyKey: "end", SiteID: siteID})
		h.must(err)
		for id := range visits {
			v, err := h.desk.Visit(h.system(), id)
			h.must(err)
			h.checkVisit(t, v)
			if v.ClosedAt == nil {
				t.Fatalf("%s%d is open after the end of the day", v.Letter, v.Number)
			}
		}
	})
}

// day does one random thing after the other.
type day struct {
	h        *hall
	t        *rapid.T
	sessions []*ent.CounterSession
	visits   map[string]bool
}

// leg draws one of the legs of today's visits.
func (d *day) leg() *ent.Leg {
	var ids []string
	for id := range d.visits {
		ids = append(ids, id)
	}
	legs, err := d.h.desk.LegsOfVisits(d.h.system(), ids)
	d.h.must(err)
	var all []*ent.Leg
	for _, of := range legs {
		all = append(all, of...)
	}
	if len(all) == 0 {
		return &ent.Leg{ID: "leg_none"}
	}
	return all[rapid.IntRange(0, len(all)-1).Draw(d.t, "leg")]
}

func (d *day) act(which int) {
	i := rapid.IntRange(0, len(d.sessions)-1).Draw(d.t, "desk")
	s, head, l := d.sessions[i], d.h.as("per_head"), d.leg()
	var err error
	switch which {
	case 0, 1, 2:
		p := rapid.SampledFrom([]town.Priority{town.P1, town.P3}).Draw(d.t, "class")
		d.visits[d.h.issue("anagrafe", p).ID] = true
	case 3, 4:
		_, err = d.h.desk.CallNext(head, desk.CallNextInput{IdempotencyKey: d.h.key(), SessionID: s.ID})
	case 5:
		_, err = d.h.desk.RecallLeg(head, in(l))
	case 6, 7:
		_, err = d.h.desk.StartLeg(head, in(l))
	case 8:
		_, err = d.h.desk.ReturnLeg(head, in(l))
	case 9:
		_, err = d.h.desk.ParkLeg(head, note(l, "a copy"))
	case 10:
		_, err = d.h.desk.ResumeLeg(head, desk.ResumeLegInput{LegID: l.ID, ExpectedVersion: l.Version, SessionID: s.ID})
	case 11:
		_, err = d.h.desk.CompleteLeg(head, desk.CompleteLegInput{LegID: l.ID, ExpectedVersion: l.Version, Outcome: town.OutcomeServed})
	case 12:
		_, err = d.h.desk.TransferLeg(head, desk.TransferLegInput{IdempotencyKey: d.h.key(), LegID: l.ID, ExpectedVersion: l.Version, OfficeCode: civilStatus})
	case 13:
		_, err = d.h.desk.NoShowLeg(head, in(l))
	case 14:
		_, err = d.h.desk.ReinstateLeg(head, in(l))
	}
	switch town.CodeOf(err) { // refusals are part of the day, faults and lost races are not
	case town.PreconditionFailed, town.Invalid, town.NotFound, town.Forbidden:
	default:
		d.h.must(err)
	}
}
