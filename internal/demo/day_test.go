package demo_test

import (
	"context"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/spazio-in-comune/sportello/ent"
	"github.com/spazio-in-comune/sportello/internal/access"
	"github.com/spazio-in-comune/sportello/internal/demo"
	"github.com/spazio-in-comune/sportello/internal/store"
	"github.com/spazio-in-comune/sportello/internal/store/dbtest"
	"github.com/spazio-in-comune/sportello/internal/town"
)

// tally is what a demo town holds, by state.
type tally struct {
	Legs, Sessions, Cases, Intakes, Steps, Scores map[string]int
	Events                                        int
}

func tallyOf(t *testing.T, s *store.Store) tally {
	t.Helper()
	var got tally
	ctx := access.System(context.Background(), "test")
	read := func(n map[string]int, err error) map[string]int {
		if err != nil {
			t.Fatal(err)
		}
		return n
	}
	db := s.Reader()
	legs, err := db.Leg.Query().All(ctx)
	got.Legs = read(counts(legs, err, func(l *ent.Leg) string { return string(l.State) }))
	sessions, err := db.CounterSession.Query().All(ctx)
	got.Sessions = read(counts(sessions, err, func(s *ent.CounterSession) string { return string(s.State) }))
	cases, err := db.CaseFile.Query().All(ctx)
	got.Cases = read(counts(cases, err, func(c *ent.CaseFile) string { return string(c.Phase) }))
	intakes, err := db.Intake.Query().All(ctx)
	got.Intakes = read(counts(intakes, err, func(i *ent.Intake) string { return string(i.Status) }))
	steps, err := db.Escalation.Query().All(ctx)
	got.Steps = read(counts(steps, err, func(e *ent.Escalation) string { return string(e.Step) + " " + string(e.State) }))
	scores, err := db.Feedback.Query().All(ctx)
	got.Scores = read(counts(scores, err, func(f *ent.Feedback) string { return string(rune('0' + f.Score)) }))
	if got.Events, err = db.Event.Query().Count(ctx); err != nil {
		t.Fatal(err)
	}
	return got
}

// A Monday at eleven in Rome.
var monday = time.Date(2026, 11, 23, 10, 0, 0, 0, time.UTC)

func fillDay(t *testing.T, h demo.House, now time.Time) {
	t.Helper()
	if err := demo.FillDay(context.Background(), h, now); err != nil {
		t.Fatal(err)
	}
}

func TestADayIsFilledOnceOnly(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, db dbtest.DB) {
		h, s := newHouse(t, db, monday)
		fillDay(t, h, monday)
		got := tallyOf(t, s)
		want := tally{
			Legs:     map[string]int{"WAITING": 8, "CALLED": 2, "SERVING": 6, "PARKED": 1, "COMPLETED": 28, "TRANSFERRED": 1, "NO_SHOW": 1},
			Sessions: map[string]int{"OPEN": 8},
			Cases: map[string]int{
				"TRIAGE": 9, "IN_PROGRESS": 10, "AWAITING_APPLICANT": 2, "READY_TO_DECIDE": 1,
				"DECIDED_GRANTED": 1, "DECIDED_PARTIAL": 1, "DECIDED_REFUSED": 1, "DEEMED_REFUSED": 1, "FULFILLED": 16, "WITHDRAWN": 1,
			},
			Intakes: map[string]int{"ACCEPTED": 40, "BLOCKED": 1},
			Steps: map[string]int{
				"E1_HELP_POINT OFFERED": 1, "E1_HELP_POINT OPEN": 1, "E1_HELP_POINT PASSED_UP": 2,
				"E2_SECTOR_HEAD PASSED_UP": 1, "E2_SECTOR_HEAD IN_REVIEW": 1, "E3_MAYOR OPEN": 1, "S_SUBSTITUTE OPEN": 1,
			},
			Scores: map[string]int{"1": 3, "2": 1, "3": 1, "4": 6, "5": 8},
			Events: got.Events,
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("the day (-want +got):\n%s", diff)
		}
		if got.Events < 500 {
			t.Errorf("%d events tell the day", got.Events)
		}
		fillDay(t, h, monday.Add(time.Hour))
		if diff := cmp.Diff(got, tallyOf(t, s)); diff != "" {
			t.Errorf("a second start changed the day (-first +second):\n%s", diff)
		}
	})
}

func TestTheNextDayHasAHallAgain(t *testing.T) {
	h, s := newHouse(t, dbtest.New(t, dbtest.SQLite), monday)
	fillDay(t, h, monday)
	first := tallyOf(t, s)
	fillDay(t, h, monday.Add(24*time.Hour))
	second := tallyOf(t, s)
	if second.Sessions["CLOSED"] != first.Sessions["OPEN"] || second.Sessions["OPEN"] != first.Sessions["OPEN"] {
		t.Errorf("counters: %v, then %v", first.Sessions, second.Sessions)
	}
	if second.Legs["WAITING"] != first.Legs["WAITING"] || second.Legs["EXPIRED"] == 0 {
		t.Errorf("people: %v, then %v", first.Legs, second.Legs)
	}
	if second.Steps["E3_MAYOR OPEN"] != 1 || second.Cases["IN_PROGRESS"] != first.Cases["IN_PROGRESS"] {
		t.Errorf("the cases of the last two weeks came twice: %v %v", second.Cases, second.Steps)
	}
}

func TestEveryMomentIsStampedInItsPast(t *testing.T) {
	h, s := newHouse(t, dbtest.New(t, dbtest.SQLite), monday)
	before := s.Clock().Now()
	fillDay(t, h, monday)
	if !s.Clock().Now().Equal(before) {
		t.Error("the clock of the house was moved")
	}
	legs, err := s.Reader().Leg.Query().All(access.System(context.Background(), "test"))
	if err != nil {
		t.Fatal(err)
	}
	for _, leg := range legs {
		if leg.QueuedAt.After(monday) || leg.QueuedAt.Before(monday.Add(-2*time.Hour)) {
			t.Errorf("%s waits since %s", leg.Label, leg.QueuedAt)
		}
	}
}

// However the demonstration is started, the hall is alive and the ladder is climbed.
func TestEveryStartGivesALivelyTown(t *testing.T) {
	rome := town.Rome()
	for name, start := range map[string]struct {
		now  time.Time
		away []string
	}{
		"on a Sunday":               {now: time.Date(2026, 11, 22, 16, 0, 0, 0, rome)},
		"on New Year's Day":         {now: time.Date(2027, 1, 1, 9, 30, 0, 0, rome)},
		"in summer":                 {now: time.Date(2027, 8, 16, 23, 59, 0, 0, rome)},
		"when clocks change":        {now: time.Date(2027, 3, 28, 3, 30, 0, 0, rome)},
		"five minutes after zero":   {now: time.Date(2026, 11, 24, 0, 5, 0, 0, rome)},
		"at the stroke of midnight": {now: time.Date(2026, 11, 24, 0, 0, 0, 0, rome)},
		"without a department":      {now: monday, away: []string{"isee"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h, s := newHouse(t, dbtest.New(t, dbtest.SQLite), start.now, start.away...)
			fillDay(t, h, start.now)
			got := tallyOf(t, s)
			for what, missing := range map[string]bool{
				"waiting":      got.Legs["WAITING"] < 4,
				"called":       got.Legs["CALLED"] < 2,
				"served":       got.Legs["SERVING"] < 6,
				"gone home":    got.Legs["COMPLETED"] < 25,
				"parked":       got.Legs["PARKED"] != 1,
				"in progress":  got.Cases["IN_PROGRESS"] < 8,
				"suspended":    got.Cases["AWAITING_APPLICANT"] < 1,
				"by silence":   got.Cases["DEEMED_REFUSED"] != 1,
				"fulfilled":    got.Cases["FULFILLED"] < 10,
				"blocked":      got.Intakes["BLOCKED"] != 1,
				"Help Point":   got.Steps["E1_HELP_POINT OPEN"] != 1,
				"the delay":    got.Steps["S_SUBSTITUTE OPEN"] != 1,
				"sector head":  got.Steps["E2_SECTOR_HEAD IN_REVIEW"] != 1,
				"the Mayor":    got.Steps["E3_MAYOR OPEN"] != 1,
				"satisfaction": len(got.Scores) != 5,
			} {
				if missing {
					t.Errorf("%s: %+v", what, got)
				}
			}
		})
	}
}
