package rules_test

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/spazio-in-comune/sportello/internal/desk/rules"
	"github.com/spazio-in-comune/sportello/internal/town"
)

var states = []town.LegState{
	town.LegWaiting, town.LegCalled, town.LegServing, town.LegParked, town.LegCompleted,
	town.LegTransferred, town.LegNoShow, town.LegLeft, town.LegCancelled, town.LegExpired,
}

var actions = []rules.Action{
	rules.Call, rules.Recall, rules.Start, rules.Return, rules.Park, rules.Resume, rules.Complete,
	rules.Transfer, rules.NoShow, rules.Reinstate, rules.Leave, rules.Cancel, rules.Expire,
}

// TestTable is the whole table, cell by cell: what is not here cannot be done.
func TestTable(t *testing.T) {
	want := map[town.LegState]map[rules.Action]town.LegState{
		town.LegWaiting: {rules.Call: town.LegCalled, rules.Leave: town.LegLeft, rules.Cancel: town.LegCancelled, rules.Expire: town.LegExpired},
		town.LegCalled: {
			rules.Recall: town.LegCalled, rules.Start: town.LegServing, rules.Return: town.LegWaiting,
			rules.NoShow: town.LegNoShow, rules.Expire: town.LegExpired,
		},
		town.LegServing: {rules.Park: town.LegParked, rules.Complete: town.LegCompleted, rules.Transfer: town.LegTransferred, rules.Expire: town.LegExpired},
		town.LegParked:  {rules.Resume: town.LegCalled, rules.Expire: town.LegExpired},
		town.LegNoShow:  {rules.Reinstate: town.LegWaiting},
	}
	for _, from := range states {
		for _, action := range actions {
			t.Run(string(from)+" "+string(action), func(t *testing.T) {
				to, may := want[from][action]
				got, found := rules.Find(from, action)
				if found != may || got.To != to {
					t.Errorf("got %q, %v; want %q, %v", got.To, found, to, may)
				}
			})
		}
	}
}

func TestTableIsWhole(t *testing.T) {
	events := map[town.EventType]town.LegState{}
	for _, tr := range rules.Transitions() {
		if !slices.Contains(states, tr.From) || !slices.Contains(states, tr.To) || !slices.Contains(actions, tr.Action) {
			t.Errorf("%+v names what this test does not know", tr)
		}
		if !strings.HasPrefix(string(tr.Event), "leg.") {
			t.Errorf("%s by %s has the event %q", tr.From, tr.Action, tr.Event)
		}
		if to, known := events[tr.Event]; known && to != tr.To {
			t.Errorf("%s leads to %s and to %s: it could not be replayed", tr.Event, to, tr.To)
		}
		events[tr.Event] = tr.To
		if got := rules.StateAfter(tr.Event); got != tr.To {
			t.Errorf("StateAfter(%s) = %s, want %s", tr.Event, got, tr.To)
		}
		for _, g := range tr.Guards {
			if !g.Known() {
				t.Errorf("%s by %s has the unknown guard %q", tr.From, tr.Action, g)
			}
		}
	}
	for _, s := range rules.OpenStates() {
		if _, found := rules.Find(s, rules.Expire); !found {
			t.Errorf("a leg %s would stay open for ever", s)
		}
	}
}

func TestGuards(t *testing.T) {
	now := time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)
	ago := func(d time.Duration) time.Time { return now.Add(-d) }
	at := func(f rules.Facts) rules.Facts { f.Now = now; return f }
	desk := rules.Facts{Now: now, SessionOpen: true, SkillFits: true, SessionFree: true}
	long := strings.Repeat("à", 500)

	tests := []struct {
		name   string
		from   town.LegState
		action rules.Action
		facts  rules.Facts
		detail string // of the refusal; empty for none
	}{
		{"call", town.LegWaiting, rules.Call, desk, ""},
		{"call while paused", town.LegWaiting, rules.Call, rules.Facts{SkillFits: true, SessionFree: true}, "session_open"},
		{"call without the skill", town.LegWaiting, rules.Call, rules.Facts{SessionOpen: true, SessionFree: true}, "skill_fits"},
		{"call while busy", town.LegWaiting, rules.Call, rules.Facts{SessionOpen: true, SkillFits: true}, "session_free"},
		{"recall after 20 s", town.LegCalled, rules.Recall, at(rules.Facts{SessionOpen: true, LastCalledAt: ago(20 * time.Second)}), ""},
		{"recall after 19 s", town.LegCalled, rules.Recall, at(rules.Facts{SessionOpen: true, LastCalledAt: ago(19 * time.Second)}), "recall_gap"},
		{"no-show after three calls", town.LegCalled, rules.NoShow, at(rules.Facts{CallCount: 3, CalledAt: ago(41 * time.Second)}), ""},
		{"no-show after two minutes", town.LegCalled, rules.NoShow, at(rules.Facts{CallCount: 1, CalledAt: ago(2 * time.Minute)}), ""},
		{"no-show too soon", town.LegCalled, rules.NoShow, at(rules.Facts{CallCount: 2, CalledAt: ago(119 * time.Second)}), "called_enough"},
		{"reinstate after 15 min", town.LegNoShow, rules.Reinstate, at(rules.Facts{EndedAt: ago(15 * time.Minute)}), ""},
		{"reinstate too late", town.LegNoShow, rules.Reinstate, at(rules.Facts{EndedAt: ago(15*time.Minute + time.Microsecond)}), "within_reinstatement"},
		{"park with a reason", town.LegServing, rules.Park, rules.Facts{Reason: "fills in a form"}, ""},
		{"park without", town.LegServing, rules.Park, rules.Facts{Reason: " "}, "reason_given"},
		{"cancel with 500 characters", town.LegWaiting, rules.Cancel, rules.Facts{Reason: long}, ""},
		{"cancel with 501", town.LegWaiting, rules.Cancel, rules.Facts{Reason: long + "x"}, "reason_given"},
		{"complete", town.LegServing, rules.Complete, rules.Facts{Outcome: town.OutcomeServed}, ""},
		{"complete without an outcome", town.LegServing, rules.Complete, rules.Facts{}, "outcome_given"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			tr, found := rules.Find(tt.from, tt.action)
			if !found {
				t.Fatal("not in the table")
			}
			err := tr.Check(tt.facts)
			detail := ""
			var own *town.Error
			if errors.As(err, &own) {
				detail = own.Detail
				if !town.IsUserError(own) || own.MessageIT == "" {
					t.Errorf("the refusal cannot be shown: %v", own)
				}
			}
			if detail != tt.detail {
				t.Errorf("got %q, want %q (%v)", detail, tt.detail, err)
			}
		})
	}
}

func TestStatesHaveWords(t *testing.T) {
	for _, state := range states {
		if en, it := rules.StateWords(state); en == string(state) || it == string(state) || en == it {
			t.Errorf("%s is called %q, %q", state, en, it)
		}
	}
	for _, state := range []town.SessionState{town.SessionOpen, town.SessionPaused, town.SessionClosed} {
		if en, it := rules.SessionWords(state); en == string(state) || en == it {
			t.Errorf("%s is called %q, %q", state, en, it)
		}
	}
}
