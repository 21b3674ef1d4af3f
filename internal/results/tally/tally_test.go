package tally_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/spazio-in-comune/sportello/internal/results/tally"
	"github.com/spazio-in-comune/sportello/internal/town"
	"github.com/spazio-in-comune/sportello/plugins/sdk/calc"
)

// Twenty past midnight in Rome, the day before in UTC.
var moment = time.Date(2026, 11, 22, 23, 20, 0, 0, time.UTC)

func day() town.Date { return calc.Date{Year: 2026, Month: time.November, Day: 23} }

func fact(t town.EventType, data map[string]string) town.Event {
	return town.Event{Type: t, At: moment, OfficeID: "taxes", ServiceID: "tributi", Level: town.LevelOffice, Data: data}
}

func TestWhatEachEventCounts(t *testing.T) {
	t.Parallel()
	level3 := func(f tally.Figure, detail string, measure int) tally.Key {
		return tally.Key{Day: day(), Figure: f, OfficeID: "taxes", ServiceID: "tributi", Level: town.LevelOffice, Detail: detail, Measure: measure}
	}
	practice := func(f tally.Figure, detail string, measure int) tally.Key {
		return tally.Key{Day: day(), Figure: f, OfficeID: "taxes", ServiceID: "tributi", PracticeID: "imu", Detail: detail, Measure: measure}
	}
	ofStop := fact(town.EventFeedbackGiven, map[string]string{"score": "2", "cause": "WAITING"})
	ofStop.LegID = "leg_1"
	ofStep := fact(town.EventFeedbackGiven, map[string]string{"score": "5"})
	ofStep.LegID, ofStep.EscalationID = "leg_1", "esc_1"
	ofCase := fact(town.EventFeedbackGiven, map[string]string{"score": "4"})
	ofCase.LegID, ofCase.CaseID = "leg_1", "case_1"
	answered := level3(tally.Contact, tally.OfStep, 0)
	answered.OfficeID = "help-point"

	tests := []struct {
		name  string
		event town.Event
		want  []tally.Key
	}{
		{"filed", fact(town.EventCaseRegistered, map[string]string{"practice": "imu"}), []tally.Key{practice(tally.Filed, "", 0)}},
		{
			"granted in time", fact(town.EventCaseDecided, map[string]string{"practice": "imu", "phase": "DECIDED_GRANTED", "concluded_days": "12", "term_kept": "true"}),
			[]tally.Key{practice(tally.Concluded, "DECIDED_GRANTED", 0), practice(tally.ConclusionDays, tally.Kept, 12)},
		},
		{
			"refused late", fact(town.EventCaseDecided, map[string]string{"practice": "imu", "phase": "DECIDED_REFUSED", "concluded_days": "40", "term_kept": "false"}),
			[]tally.Key{practice(tally.Concluded, "DECIDED_REFUSED", 0), practice(tally.ConclusionDays, tally.Late, 40)},
		},
		{
			"done on the spot", fact(town.EventCaseFulfilled, map[string]string{"practice": "imu", "phase": "FULFILLED", "concluded_days": "0"}),
			[]tally.Key{practice(tally.Concluded, "FULFILLED", 0), practice(tally.ConclusionDays, tally.NoTerm, 0)},
		},
		{"delivered after the decision", fact(town.EventCaseFulfilled, map[string]string{"practice": "imu", "phase": "FULFILLED"}), nil},
		{
			"withdrawn", fact(town.EventCaseWithdrawn, map[string]string{"practice": "imu", "phase": "WITHDRAWN", "concluded_days": "3", "term_kept": "true"}),
			[]tally.Key{practice(tally.Concluded, "WITHDRAWN", 0)},
		},
		{
			"granted by silence", fact(town.EventClockExpired, map[string]string{
				"practice": "imu", "phase": "DEEMED_GRANTED", "concluded_days": "30", "term_kept": "true", "clock": "conclusion", "whole_term": "true", "effect": "granted", "was_open": "true",
			}),
			[]tally.Key{
				practice(tally.Concluded, "DEEMED_GRANTED", 0), practice(tally.TermPassed, "granted", 0), practice(tally.ConclusionDays, tally.Kept, 30),
			},
		},
		{
			"the office is late", fact(town.EventClockExpired, map[string]string{"practice": "imu", "phase": "IN_PROGRESS", "clock": "conclusion", "whole_term": "true", "effect": "none", "was_open": "true"}),
			[]tally.Key{practice(tally.TermPassed, "none", 0)},
		},
		{"the first part of a term passes", fact(town.EventClockExpired, map[string]string{"practice": "imu", "phase": "IN_PROGRESS", "clock": "conclusion", "effect": "none", "was_open": "true"}), nil},
		{"a milestone passes", fact(town.EventClockExpired, map[string]string{"clock": "checks", "effect": "confirmed", "was_open": "true"}), nil},

		{"a visit begins", fact(town.EventVisitOpened, nil), []tally.Key{level3(tally.VisitOpened, "", 0)}},
		{"a visit ends", fact(town.EventVisitClosed, map[string]string{"stops": "2", "outcome": "SERVED"}), []tally.Key{level3(tally.VisitClosed, "SERVED", 2)}},
		{"a visit ends unserved", fact(town.EventVisitClosed, map[string]string{"stops": "1", "outcome": ""}), nil},
		{"a no-show", fact(town.EventLegNoShow, nil), []tally.Key{level3(tally.GaveUp, "NO_SHOW", 0)}},
		{"reinstated", fact(town.EventLegReinstated, nil), []tally.Key{level3(tally.GaveUp, tally.Reinstated, 0)}},

		{"first call", fact(town.EventLegCalled, map[string]string{"class": "P1", "waited_seconds": "74"}), []tally.Key{level3(tally.Wait, "P1", 60)}},
		{
			"first call within the promise", fact(town.EventLegCalled, map[string]string{"class": "P1", "waited_seconds": "74", "promise_kept": "true"}),
			[]tally.Key{level3(tally.Wait, "P1", 60), level3(tally.Promise, "P1/KEPT", 0)},
		},
		{
			"first call too late", fact(town.EventLegCalled, map[string]string{"class": "P3", "waited_seconds": "900", "promise_kept": "false"}),
			[]tally.Key{level3(tally.Wait, "P3", 900), level3(tally.Promise, "P3/LATE", 0)},
		},
		{"called again", fact(town.EventLegCalled, nil), nil},
		{"the clock was set back", fact(town.EventLegCalled, map[string]string{"class": "P1", "waited_seconds": "-1"}), nil},

		{"an offer", fact(town.EventEscalationOffer, map[string]string{"step": "E1_HELP_POINT", "kind": "DELAY"}), []tally.Key{level3(tally.StepOffered, "E1_HELP_POINT/DELAY", 0)}},
		{"a step", fact(town.EventEscalationRaised, map[string]string{"step": "E1_HELP_POINT", "kind": "DELAY"}), []tally.Key{level3(tally.StepOpened, "E1_HELP_POINT/DELAY", 0)}},
		{
			"an answer", fact(town.EventEscalationAnswer, map[string]string{"step": "E2_SECTOR_HEAD", "outcome": "DECISION_CHANGED", "days": "4", "owner_office": "help-point"}),
			[]tally.Key{level3(tally.StepAnswered, "E2_SECTOR_HEAD/DECISION_CHANGED", 4), answered},
		},
		{"passed up", fact(town.EventEscalationPassed, map[string]string{"step": "E1_HELP_POINT", "state": "PASSED_UP"}), []tally.Key{level3(tally.StepEnded, "E1_HELP_POINT/PASSED_UP", 0)}},

		{"a stop is over", fact(town.EventLegCompleted, nil), []tally.Key{level3(tally.Contact, tally.OfStop, 0)}},
		{"a word on a stop", ofStop, []tally.Key{level3(tally.Word, tally.OfStop, 2), level3(tally.WordCause, "WAITING", 0)}},
		{"a word on a step", ofStep, []tally.Key{level3(tally.Word, tally.OfStep, 5)}},
		{"a word on a case", ofCase, []tally.Key{level3(tally.Word, tally.OfPractice, 4)}},
		{
			"a word and what it is tied to", fact(town.EventFeedbackGiven, map[string]string{
				"score": "1", "phase": "DECIDED_REFUSED", "channel": "KIOSK", "given_by": "TICKET_LINK", "outcome": "NOT_UPHELD",
			}),
			[]tally.Key{
				level3(tally.Word, tally.OfPractice, 1), level3(tally.WordPhase, "DECIDED_REFUSED", 1), level3(tally.WordChannel, "KIOSK", 1),
				level3(tally.WordGivenBy, "TICKET_LINK", 1), level3(tally.WordOutcome, "NOT_UPHELD", 1),
			},
		},
		{"of no interest", fact(town.EventCaseNoted, map[string]string{"practice": "imu"}), nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got, want := tally.Counts{}, tally.Counts{}
			got.Apply(tt.event)
			for _, key := range tt.want {
				want[key]++
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("counted (-want +got):\n%s", diff)
			}
		})
	}
}

// Every figure is of one projection, and counted by some event of the table above.
func TestFiguresAreOfOneProjection(t *testing.T) {
	t.Parallel()
	of := map[tally.Figure]string{}
	for _, p := range tally.Projections() {
		for _, f := range p.Figures {
			if before, taken := of[f]; taken {
				t.Errorf("%s is counted by %s and %s", f, before, p.Name)
			}
			of[f] = p.Name
		}
	}
}

func event(rt *rapid.T) town.Event {
	types := []town.EventType{
		town.EventVisitOpened, town.EventVisitClosed, town.EventLegCalled, town.EventLegNoShow, town.EventLegCompleted, town.EventCaseRegistered,
		town.EventCaseDecided, town.EventCaseFulfilled, town.EventClockExpired, town.EventFeedbackGiven, town.EventEscalationRaised,
		town.EventEscalationAnswer, town.EventEscalationClosed, town.EventCaseNoted,
	}
	small := func(name string) string { return fmt.Sprint(rapid.IntRange(0, 4).Draw(rt, name)) }
	e := town.Event{
		Type:     rapid.SampledFrom(types).Draw(rt, "type"),
		At:       moment.Add(time.Duration(rapid.IntRange(0, 10*24*60).Draw(rt, "minutes")) * time.Minute),
		OfficeID: "office" + small("office"), ServiceID: "service" + small("service"), Level: town.Level(rapid.IntRange(1, 5).Draw(rt, "level")),
		Data: map[string]string{},
	}
	for _, name := range []string{
		town.DataPractice, town.DataPhase, town.DataConcludedDays, town.DataStops, town.DataOutcome, town.DataWaited, town.DataClass,
		town.DataScore, town.DataCause, town.DataStep, town.DataKind, town.DataState, town.DataDays, town.DataOwnerOffice,
	} {
		if rapid.Bool().Draw(rt, "has "+name) {
			e.Data[name] = small(name)
		}
	}
	return e
}

// The log may be cut anywhere and its parts be counted in any order, and days add up to
// the whole: the counts are the same.
func TestAnyCutAndAnyOrderGivesTheSame(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		events := rapid.SliceOfN(rapid.Custom(event), 1, 60).Draw(rt, "events")
		whole := tally.Counts{}
		for _, e := range events {
			whole.Apply(e)
		}

		cut := rapid.IntRange(0, len(events)).Draw(rt, "cut")
		before, after := tally.Counts{}, tally.Counts{}
		for _, e := range events[:cut] {
			before.Apply(e)
		}
		for _, e := range rapid.Permutation(events[cut:]).Draw(rt, "order") {
			after.Apply(e)
		}
		before.Add(after)
		if diff := cmp.Diff(whole, before); diff != "" {
			rt.Errorf("cut at %d (-whole +parts):\n%s", cut, diff)
		}

		days := map[town.Date]tally.Counts{}
		for _, e := range events {
			d := town.Today(e.At)
			if days[d] == nil {
				days[d] = tally.Counts{}
			}
			days[d].Apply(e)
		}
		sum := tally.Counts{}
		for d, counts := range days {
			for key := range counts {
				if key.Day != d {
					rt.Errorf("an event of %s counts for %s", d, key.Day)
				}
			}
			sum.Add(counts)
		}
		if found := whole.Differences(sum); len(found) > 0 {
			rt.Errorf("the days are not the whole: %v", found)
		}
	})
}

func TestDifferencesNameBothSides(t *testing.T) {
	t.Parallel()
	key := func(detail string) tally.Key { return tally.Key{Day: day(), Figure: tally.Wait, Detail: detail} }
	one := tally.Counts{key("same"): 2, key("changed"): 1, key("only one"): 1}
	two := tally.Counts{key("same"): 2, key("changed"): 3, key("only two"): 4}
	got := map[string][2]int64{}
	for _, d := range one.Differences(two) {
		got[d.Key.Detail] = [2]int64{d.One, d.Two}
	}
	want := map[string][2]int64{"changed": {1, 3}, "only one": {1, 0}, "only two": {0, 4}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("differences (-want +got):\n%s", diff)
	}
}
