package ladder

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/spazio-in-comune/sportello/internal/town"
	"github.com/spazio-in-comune/sportello/plugins/sdk/calc"
)

func steps() []town.EscalationStep {
	return []town.EscalationStep{town.StepSignal, town.StepHelpPoint, town.StepSectorHead, town.StepMayor}
}

func states() []town.EscalationState {
	return []town.EscalationState{
		town.EscalationOffered, town.EscalationOpen, town.EscalationAcknowledged, town.EscalationInReview, town.EscalationAnswered,
		town.EscalationAccepted, town.EscalationPassedUp, town.EscalationLapsed, town.EscalationDeclined,
	}
}

func actions() []Action {
	return []Action{Acknowledge, Answer, PassUp, Accept, Decline, TakeUp, Lapse, AskReport, Guide, Rate}
}

// The whole table for the Help Point, written out a second time: for each action
// and person, in which states it is allowed and where it leads.
func TestTableOfTheHelpPoint(t *testing.T) {
	want := map[string]string{
		"TAKE_UP citizen":    "OFFERED>OPEN",
		"DECLINE citizen":    "OFFERED>DECLINED",
		"ACKNOWLEDGE holder": "OPEN>ACKNOWLEDGED",
		"ANSWER holder":      "OPEN>ANSWERED ACKNOWLEDGED>ANSWERED IN_REVIEW>ANSWERED",
		"PASS_UP holder":     "OPEN>PASSED_UP ACKNOWLEDGED>PASSED_UP IN_REVIEW>PASSED_UP",
		"PASS_UP citizen":    "ANSWERED>PASSED_UP",
		"ACCEPT citizen":     "ANSWERED>ACCEPTED",
		"ASK_REPORT holder":  "OPEN>OPEN ACKNOWLEDGED>ACKNOWLEDGED IN_REVIEW>IN_REVIEW",
		"RATE citizen":       "ANSWERED>ANSWERED ACCEPTED>ACCEPTED PASSED_UP>PASSED_UP",
		"LAPSE house":        "OFFERED>DECLINED OPEN>LAPSED ACKNOWLEDGED>LAPSED IN_REVIEW>LAPSED ANSWERED>ACCEPTED",
	}
	got := map[string]string{}
	for _, a := range actions() {
		for _, who := range []Who{Citizen, Holder, House} {
			var allowed []string
			for _, s := range states() {
				to, err := Try(a, Facts{Step: town.StepHelpPoint, State: s, Is: []Who{who}})
				if err == nil {
					allowed = append(allowed, string(s)+">"+string(to))
				}
			}
			if allowed != nil {
				got[string(a)+" "+string(who)] = strings.Join(allowed, " ")
			}
		}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("table (-want +got):\n%s", diff)
	}
}

func TestTry(t *testing.T) {
	for _, c := range []struct {
		name   string
		action Action
		facts  Facts
		to     town.EscalationState
		code   town.Code
	}{
		{"a sector head who takes a step reviews it", Acknowledge, Facts{town.StepSectorHead, town.EscalationOpen, []Who{Holder}, false}, town.EscalationInReview, ""},
		{"the mayor acknowledges", Acknowledge, Facts{town.StepMayor, town.EscalationOpen, []Who{Holder}, false}, town.EscalationAcknowledged, ""},
		{"nobody", Answer, Facts{town.StepHelpPoint, town.EscalationOpen, nil, false}, "", town.NotAllowed},
		{"the citizen does not answer", Answer, Facts{town.StepHelpPoint, town.EscalationOpen, []Who{Citizen}, false}, "", town.NotAllowed},
		{"the holder does not accept", Accept, Facts{town.StepHelpPoint, town.EscalationAnswered, []Who{Holder}, false}, "", town.NotAllowed},
		{"nobody lets a term pass but the house", Lapse, Facts{town.StepHelpPoint, town.EscalationOpen, []Who{Citizen, Holder}, false}, "", town.NotAllowed},
		{"too early", Accept, Facts{town.StepHelpPoint, town.EscalationOpen, []Who{Citizen}, false}, "", town.PreconditionFailed},
		{"too late", Answer, Facts{town.StepHelpPoint, town.EscalationLapsed, []Who{Holder}, false}, "", town.PreconditionFailed},
		{"nothing above the mayor for the citizen", PassUp, Facts{town.StepMayor, town.EscalationAnswered, []Who{Citizen}, false}, "", town.PreconditionFailed},
		{"nothing above the mayor for the mayor", PassUp, Facts{town.StepMayor, town.EscalationOpen, []Who{Holder}, false}, "", town.PreconditionFailed},
		{"the mayor gives guidance", Guide, Facts{town.StepMayor, town.EscalationInReview, []Who{Holder}, false}, town.EscalationInReview, ""},
		{"a sector head gives none", Guide, Facts{town.StepSectorHead, town.EscalationInReview, []Who{Holder}, false}, "", town.NotAllowed},
		{"an answer is rated", Rate, Facts{town.StepSectorHead, town.EscalationAnswered, []Who{Citizen}, false}, town.EscalationAnswered, ""},
		{"once", Rate, Facts{town.StepSectorHead, town.EscalationAnswered, []Who{Citizen}, true}, "", town.PreconditionFailed},
		{"who is both may do both", PassUp, Facts{town.StepHelpPoint, town.EscalationAnswered, []Who{Holder, Citizen}, false}, town.EscalationPassedUp, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			to, err := Try(c.action, c.facts)
			if to != c.to || c.code == "" && err != nil || c.code != "" && town.CodeOf(err) != c.code {
				t.Errorf("got %q, %v, want %q, %s", to, err, c.to, c.code)
			}
		})
	}
}

func TestAvailableActionsAgreeWithTheTable(t *testing.T) {
	for _, step := range steps() {
		for _, state := range states() {
			for _, is := range [][]Who{nil, {Citizen}, {Holder}, {Citizen, Holder}} {
				f := Facts{Step: step, State: state, Is: is}
				for _, a := range AvailableActions(f) {
					_, err := Try(a.Action, f)
					if a.Allowed != (err == nil) || a.Allowed != (a.Reason == nil) {
						t.Errorf("%+v: %s allowed %v, reason %v, but the table says %v", f, a.Action, a.Allowed, a.Reason, err)
					}
				}
			}
		}
	}
}

// Whatever happens, a step that ended has an outcome, and the next one is the rung
// above.
func TestNoStepEndsWithoutOutcome(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		step := rapid.SampledFrom(steps()).Draw(t, "step")
		state := rapid.SampledFrom([]town.EscalationState{town.EscalationOffered, town.EscalationOpen}).Draw(t, "first state")
		var outcome town.EscalationOutcome
		for range rapid.IntRange(1, 12).Draw(t, "actions") {
			a := rapid.SampledFrom(actions()).Draw(t, "action")
			is := rapid.SliceOfDistinct(rapid.SampledFrom([]Who{Citizen, Holder, House}), rapid.ID).Draw(t, "is")
			before := state
			to, err := Try(a, Facts{Step: step, State: state, Is: is})
			if err != nil {
				continue
			}
			if a == Rate && to == before { // a word afterwards changes nothing
				continue
			}
			if Ended(before) {
				t.Fatalf("%s after the end, in %s", a, before)
			}
			state = to
			if a == Answer {
				outcome = town.OutcomeExplained
				if !MayAnswer(step, outcome) {
					t.Fatalf("%s cannot be answered", step)
				}
			}
			outcome = Outcome(state, outcome)
			if Ended(state) && outcome == "" {
				t.Fatalf("%s ended as %s by %s without an outcome", step, state, a)
			}
			if state == town.EscalationPassedUp {
				next, ok := Next(step)
				if !ok || slices.Index(steps(), next) != slices.Index(steps(), step)+1 {
					t.Fatalf("%s is followed by %q", step, next)
				}
				step, state, outcome = next, town.EscalationOpen, ""
			}
		}
	})
}

func TestAfterScore(t *testing.T) {
	offer, signal := Opened{town.StepHelpPoint, town.EscalationOffered}, Opened{town.StepSignal, town.EscalationOpen}
	for _, c := range []struct {
		name              string
		score             int
		ofStep, reachable bool
		want              Opened
	}{
		{"1 offers the Help Point", 1, false, true, offer},
		{"2 offers the Help Point", 2, false, true, offer},
		{"3 offers nothing", 3, false, true, Opened{}},
		{"5 offers nothing", 5, false, true, Opened{}},
		{"1 of nobody known is a signal", 1, false, false, signal},
		{"4 of nobody known is nothing", 4, false, false, Opened{}},
		{"1 for a step offers nothing", 1, true, true, Opened{}},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := AfterScore(c.score, c.ofStep, c.reachable); got != c.want {
				t.Errorf("got %+v, want %+v", got, c.want)
			}
		})
	}
}

func TestOwnerAndAnswers(t *testing.T) {
	owners := map[town.EscalationStep]string{
		town.StepSignal: "help-point", town.StepHelpPoint: "help-point", town.StepSectorHead: "tributi", town.StepMayor: "sindaco-assessori",
	}
	for step, want := range owners {
		if got := Owner(step, "tributi"); got != want {
			t.Errorf("%s is held by %s, want %s", step, got, want)
		}
		if got := MayAnswer(step, town.OutcomeDecisionChanged); got != (step == town.StepSectorHead) {
			t.Errorf("%s may have changed a decision: %v", step, got)
		}
		for _, o := range []town.EscalationOutcome{town.OutcomePassedUp, town.OutcomeLapsed, town.OutcomeDeclined, ""} {
			if MayAnswer(step, o) {
				t.Errorf("%s may be answered with %q", step, o)
			}
		}
	}
}

// A step about an office without a head is answered all the same.
func TestOwnerWithoutHead(t *testing.T) {
	for _, origin := range []string{town.OfficeInfoPoint, town.OfficeHelpPoint, town.OfficeCounter} {
		if got := Owner(town.StepSectorHead, origin); got != town.OfficeCounter {
			t.Errorf("the review of %s is held by %s, want the counter's head", origin, got)
		}
	}
}

func day(y int, m time.Month, d int) town.Date { return town.Date{Year: y, Month: m, Day: d} }

func TestTerms(t *testing.T) {
	calendar := calc.Calendar{Fixed: []calc.MonthDay{"12-08", "12-25", "12-26", "01-01", "01-06"}, SaturdayOff: true}
	for _, c := range []struct {
		name    string
		step    town.EscalationStep
		purpose Purpose
		from    town.Date
		want    town.Date
	}{
		{"acknowledge the next working day", town.StepHelpPoint, ToAcknowledge, day(2026, 11, 23), day(2026, 11, 24)},
		{"acknowledge after the week-end", town.StepHelpPoint, ToAcknowledge, day(2026, 11, 27), day(2026, 11, 30)},
		{"a signal as well", town.StepSignal, ToAcknowledge, day(2026, 11, 23), day(2026, 11, 24)},
		{"the Help Point has five working days", town.StepHelpPoint, ToAnswer, day(2026, 11, 23), day(2026, 11, 30)},
		{"and none of them a holiday", town.StepHelpPoint, ToAnswer, day(2026, 12, 3), day(2026, 12, 11)},
		{"the sector head has thirty days", town.StepSectorHead, ToAnswer, day(2026, 11, 2), day(2026, 12, 2)},
		{"to the next working day", town.StepSectorHead, ToAnswer, day(2026, 11, 8), day(2026, 12, 9)},
		{"the mayor's office routes in five days", town.StepMayor, ToAcknowledge, day(2026, 11, 23), day(2026, 11, 30)},
		{"and answers in thirty", town.StepMayor, ToAnswer, day(2026, 11, 23), day(2026, 12, 23)},
		{"an offer stands ten days", town.StepHelpPoint, ToTakeUp, day(2026, 11, 23), day(2026, 12, 3)},
		{"an answer too", town.StepSectorHead, ToObject, day(2026, 11, 23), day(2026, 12, 3)},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := StandardTerms().LastDay(c.step, c.purpose, c.from, calendar); got != c.want {
				t.Errorf("from %s until %s, want %s", c.from, got, c.want)
			}
		})
	}
}

func TestTermsAreDated(t *testing.T) {
	terms := append(StandardTerms(),
		Term{Step: town.StepHelpPoint, Purpose: ToAnswer, Amount: 3, Unit: calc.WorkingDays, From: day(2027, 1, 1), To: day(2027, 12, 31), Source: "test"},
		Term{Purpose: ToAnswer, Amount: 99, Unit: calc.CalendarDays, Source: "a general figure does not go before the step's own"})
	for _, c := range []struct {
		on   town.Date
		want int
	}{
		{day(2026, 12, 31), 5}, {day(2027, 1, 1), 3}, {day(2027, 12, 31), 3}, {day(2028, 1, 1), 5},
	} {
		term, ok := terms.On(town.StepHelpPoint, ToAnswer, c.on)
		if !ok || term.Amount != c.want {
			t.Errorf("on %s: %d, %v, want %d", c.on, term.Amount, ok, c.want)
		}
	}
	if _, ok := (Terms{}).On(town.StepHelpPoint, ToAnswer, day(2026, 1, 1)); ok {
		t.Error("an empty table has a term")
	}
}

func TestEveryStepHasItsTermsAndSources(t *testing.T) {
	terms := StandardTerms()
	for _, step := range steps() {
		for _, p := range []Purpose{ToAcknowledge, ToAnswer, ToTakeUp, ToObject} {
			if term, ok := terms.On(step, p, day(2026, 11, 23)); !ok || term.Source == "" || term.Amount == 0 {
				t.Errorf("%s %s: %+v", step, p, term)
			}
		}
	}
}
