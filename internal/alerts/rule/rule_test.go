package rule_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/spazio-in-comune/sportello/internal/alerts/rule"
	"github.com/spazio-in-comune/sportello/internal/town"
	"github.com/spazio-in-comune/sportello/policies"
)

const header = "kind,level,service,office,threshold,back,window,least\n"

func TestTheTownsTable(t *testing.T) {
	table, err := rule.Read(policies.Alerts)
	if err != nil {
		t.Fatal(err)
	}
	for _, kind := range town.AlertKinds() {
		if _, told := table.For(kind, town.LevelHelpPoint, "tributi-patrimonio", "tributi-patrimonio"); !told {
			t.Errorf("nothing is told of %s", kind)
		}
	}
	if lead := table.LongestLead(); lead != 3*24*time.Hour {
		t.Errorf("the longest lead is %v", lead)
	}
}

// TestFor: the most precise line holds, and one that says so tells nothing.
func TestFor(t *testing.T) {
	table, err := rule.Read(header + `
# in minutes
wait,*,*,*,30,20,10,-
wait,3,*,*,45,20,10,-
wait,*,tributi,*,50,20,10,-
wait,*,*,anagrafe,60,20,10,-
wait,*,*,quiet,off,-,-,-
`)
	if err != nil {
		t.Fatal(err)
	}
	tests := map[string]struct {
		level           town.Level
		service, office string
		want            float64
	}{
		"all":             {2, "x", "y", 30},
		"the level":       {3, "x", "y", 45},
		"service first":   {3, "tributi", "y", 50},
		"office foremost": {3, "tributi", "anagrafe", 60},
		"off":             {3, "tributi", "quiet", 0},
	}
	for name, test := range tests {
		line, told := table.For(town.AlertWaitLong, test.level, test.service, test.office)
		if told != (test.want > 0) || told && line.Threshold != test.want {
			t.Errorf("%s: %v, %v", name, line, told)
		}
	}
	if _, told := table.For(town.AlertEscalation, 5, "", ""); told {
		t.Error("told of what has no line")
	}
}

func TestReadRefuses(t *testing.T) {
	for name, line := range map[string]string{
		"an unknown kind":        "waits,*,*,*,30,20,10,-",
		"a level that is none":   "wait,6,*,*,30,20,10,-",
		"too few columns":        "wait,*,*,*,30",
		"no number":              "wait,*,*,*,many,20,10,-",
		"back above threshold":   "wait,*,*,*,30,40,10,-",
		"a figure it has not":    "escalation,*,*,*,3,-,-,-",
		"a score of six":         "satisfaction,*,*,*,6,6,7,10",
		"a score back below":     "satisfaction,*,*,*,3,2,7,10",
		"no scores needed":       "satisfaction,*,*,*,3,3,7,0",
		"a fall of nothing":      "falling,*,*,*,0,0,7,10",
		"a lead of a year":       "term-near,*,*,*,365,-,-,-",
		"no office":              "wait,*,*,,30,20,10,-",
		"the same line, twice":   "wait,*,*,*,30,20,10,-\nwait,*,*,*,31,20,10,-",
		"a window of two days":   "wait,*,*,*,30,20,2880,-",
		"a department with back": "department,*,*,*,-,1,5,-",
	} {
		if _, err := rule.Read(header + line + "\n"); err == nil || !strings.Contains(err.Error(), "line ") {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestLook(t *testing.T) {
	table, err := rule.Read(header + "wait,*,*,*,30,20,10,-\nsatisfaction,*,*,*,3,3.3,7,10\n")
	if err != nil {
		t.Fatal(err)
	}
	wait, _ := table.For(town.AlertWaitLong, 2, "", "")
	score, _ := table.For(town.AlertSatisfactionLow, 2, "", "")
	type look struct {
		minute  int
		measure float64
		want    rule.Change
	}
	tests := map[string]struct {
		line  rule.Line
		looks []look
	}{
		"beyond for the window":    {wait, []look{{0, 30, rule.Nothing}, {9, 99, rule.Nothing}, {10, 30, rule.Raise}, {11, 99, rule.Nothing}}},
		"a break begins anew":      {wait, []look{{0, 30, rule.Nothing}, {9, 29, rule.Nothing}, {10, 30, rule.Nothing}, {19, 30, rule.Nothing}, {20, 30, rule.Raise}}},
		"in between nothing ends":  {wait, []look{{0, 30, rule.Nothing}, {10, 30, rule.Raise}, {11, 20, rule.Nothing}, {20, 21, rule.Nothing}, {21, 20, rule.Nothing}, {31, 0, rule.Resolve}}},
		"a clock that went back":   {wait, []look{{60, 30, rule.Nothing}, {0, 30, rule.Nothing}, {10, 30, rule.Raise}}},
		"a score needs no waiting": {score, []look{{0, 3.1, rule.Nothing}, {1, 3, rule.Raise}, {2, 3.2, rule.Nothing}, {3, 3.3, rule.Resolve}, {4, 2, rule.Raise}}},
	}
	began := time.Date(2026, 11, 23, 8, 0, 0, 0, time.UTC)
	for name, test := range tests {
		var w rule.Watch
		for i, l := range test.looks {
			var got rule.Change
			if w, got = w.Look(began.Add(time.Duration(l.minute)*time.Minute), test.line, l.measure); got != l.want {
				t.Errorf("%s, look %d: %v, want %v", name, i, got, l.want)
			}
		}
	}
}

// TestLookNeverFlaps: raise and resolve take turns, with the window between any two, and
// looking twice at the same moment changes nothing more.
func TestLookNeverFlaps(t *testing.T) {
	table, err := rule.Read(header + "wait,*,*,*,30,20,10,-\n")
	if err != nil {
		t.Fatal(err)
	}
	line, _ := table.For(town.AlertWaitLong, 2, "", "")
	rapid.Check(t, func(t *rapid.T) {
		now := time.Date(2026, 11, 23, 8, 0, 0, 0, time.UTC)
		var w rule.Watch
		var last time.Time
		raised := false
		for range rapid.IntRange(1, 60).Draw(t, "looks") {
			now = now.Add(time.Duration(rapid.IntRange(0, 12).Draw(t, "minutes")) * time.Minute)
			measure := rapid.Float64Range(0, 60).Draw(t, "measure")
			next, change := w.Look(now, line, measure)
			if change != rule.Nothing {
				if raised == (change == rule.Raise) {
					t.Fatalf("%v twice in a row", change)
				}
				if !last.IsZero() && now.Sub(last) < line.Window {
					t.Fatalf("%v only %v after the change before", change, now.Sub(last))
				}
				raised, last = change == rule.Raise, now
			}
			if again, more := next.Look(now, line, measure); more != rule.Nothing || again.Raised != next.Raised {
				t.Fatalf("a second look gives %v", more)
			}
			w = next
		}
		if w.Raised != raised {
			t.Fatalf("remembered %v, told %v", w.Raised, raised)
		}
	})
}

func TestTry(t *testing.T) {
	standing := []town.AlertState{town.AlertOpen, town.AlertAcknowledged, town.AlertSnoozed, town.AlertHandedOver}
	allowed := map[town.AlertAction][]town.AlertState{
		town.AlertAcknowledge: {town.AlertOpen, town.AlertSnoozed, town.AlertHandedOver}, town.AlertSnooze: standing,
		town.AlertWake: {town.AlertSnoozed}, town.AlertHandOver: standing, town.AlertResolve: standing,
	}
	for action, from := range allowed {
		got := []town.AlertState{}
		for _, state := range append(standing, town.AlertResolved) {
			if _, may := rule.Try(action, state); may {
				got = append(got, state)
			}
		}
		if diff := cmp.Diff(from, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", action, diff)
		}
		if rule.Fact(action) == "" {
			t.Errorf("%s is no fact", action)
		}
	}
}

func TestPause(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		chance := rapid.Float64Range(0, 1).Draw(t, "chance")
		var sum, before time.Duration
		for tries := 1; tries < rule.MostTries; tries++ {
			pause, again := rule.Pause(tries, chance)
			if !again || pause <= 0 || pause < before {
				t.Fatalf("after %d tries: %v, %v", tries, pause, again)
			}
			sum, before = sum+pause, pause
		}
		if _, again := rule.Pause(rule.MostTries, chance); again {
			t.Fatal("it never ends")
		}
		if sum < 12*time.Hour || sum > 30*time.Hour {
			t.Fatalf("all tries take %v", sum)
		}
	})
}

func TestWants(t *testing.T) {
	about := rule.About{Kind: town.AlertWaitLong, Level: 3, Service: "tributi", Office: "taxes"}
	for name, test := range map[string]struct {
		filter rule.Filter
		want   bool
	}{
		"all":            {rule.Filter{}, true},
		"the level":      {rule.Filter{Levels: []town.Level{3, 5}}, true},
		"another level":  {rule.Filter{Levels: []town.Level{5}}, false},
		"all of them":    {rule.Filter{Levels: []town.Level{3}, Services: []string{"tributi"}, Offices: []string{"taxes"}, Kinds: []town.AlertKind{town.AlertWaitLong}}, true},
		"another kind":   {rule.Filter{Levels: []town.Level{3}, Kinds: []town.AlertKind{town.AlertTermNear}}, false},
		"another office": {rule.Filter{Offices: []string{"births"}}, false},
	} {
		if got := test.filter.Wants(about); got != test.want {
			t.Errorf("%s: %v", name, got)
		}
	}
}
