package simulate

import (
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/spazio-in-comune/sportello/internal/simulate/fill"
	"github.com/spazio-in-comune/sportello/plugins"
	"github.com/spazio-in-comune/sportello/plugins/sdk"
	"github.com/spazio-in-comune/sportello/plugins/sdk/calc"
	towndata "github.com/spazio-in-comune/sportello/plugins/town"
)

func TestPracticeRows(t *testing.T) {
	t.Parallel()
	a := Practice{Code: "a", Service: "one", Weekly: 4}
	b := Practice{Code: "b", Service: "one", Weekly: 1}
	c := Practice{Code: "c", Service: "two", Weekly: 5}
	total, services, types := practiceRows([]Practice{a, b, c}, 0.6, []*outcome{
		{practice: a, answer: statusAccepted, state: stateFulfilled},
		{practice: a, answer: asAnother, state: "IN_PROGRESS"},
		{practice: b, state: "NO_SHOW"},
		{practice: c, answer: statusBlocked, state: statusBlocked},
		{practice: c, answer: statusProblems, state: statusProblems},
		{practice: c, answer: statusBlocked, state: statusBlocked},
	})
	want := PracticeRow{
		Volume: 6, Planned: 6, Filed: 5, Accepted: 1, Blocked: 2, Turned: 1, Problems: 1, Fulfilled: 1,
		Outcomes: map[string]int{"FULFILLED": 1, "IN_PROGRESS": 1, "NO_SHOW": 1, "BLOCKED": 2, "PROBLEMS": 1},
	}
	if diff := cmp.Diff(want, total); diff != "" {
		t.Errorf("all (-want +got):\n%s", diff)
	}
	if len(services) != 2 || services[0].Service != "one" || services[0].Planned != 3 || services[1].Volume != 3 {
		t.Errorf("by service: %+v", services)
	}
	if len(types) != 3 || types[1].Practice != "b" || types[1].Filed != 0 || types[1].Planned != 1 {
		t.Errorf("by type: %+v", types)
	}
	if diff := cmp.Diff([]string{"c"}, neverAccepted(types)); diff != "" {
		t.Errorf("never accepted (-want +got):\n%s", diff)
	}
}

func TestCheckPractices(t *testing.T) {
	t.Parallel()
	right := PracticeRow{Practice: "a", Volume: 3.6, Planned: 4, Filed: 3, Accepted: 1, Blocked: 1, Turned: 1}
	tests := map[string]struct {
		change func(*PracticeRow)
		want   string // in a fault; empty for none
	}{
		"as many as there must be": {func(*PracticeRow) {}, ""},
		"too few":                  {func(r *PracticeRow) { r.Planned = 2 }, "asked for 2 times, its volume is 3.6"},
		"not answered":             {func(r *PracticeRow) { r.Filed = 4 }, "filed 4 times and answered 3 times"},
	}
	for name, tt := range tests {
		row := right
		tt.change(&row)
		faults := strings.Join(checkPractices(right, []PracticeRow{row}), "\n")
		if (tt.want == "") != (faults == "") || !strings.Contains(faults, tt.want) {
			t.Errorf("%s: %q, want %q", name, faults, tt.want)
		}
	}
	if faults := checkPractices(PracticeRow{Volume: 1000, Planned: 999}, nil); len(faults) != 1 {
		t.Errorf("a practice too few in all: %v", faults)
	}
}

// In the launch week of seed 1 every practice type that is asked for three times or
// more is accepted at least once by its own department and the rules of the town.
func TestEverybodyWhoIsEntitledIsAccepted(t *testing.T) {
	t.Parallel()
	p, open := week6(t)
	judge := newJudge(t)
	planned, accepted := map[string]int{}, map[string]int{}
	for _, s := range draw(p, published(t), open, 1, 1, 6).stops() {
		accepts := func(try uint64) bool { return judge.accepts(t, s.practice.Code, s.seed, try) }
		try := uint64(0)
		if !s.asItComes {
			try = entitled(p.Tries, accepts)
		}
		planned[s.practice.Code]++
		if accepts(try) {
			accepted[s.practice.Code]++
		}
	}
	for code, n := range planned {
		if n >= seldom && accepted[code] == 0 {
			t.Errorf("%s was asked for %d times and never accepted", code, n)
		}
	}
}

// judge says what departments and town would decide.
type judge struct {
	town     *sdk.Town
	global   *sdk.GlobalRules
	services map[string]sdk.Department // by practice
	forms    map[string]*sdk.CompiledPractice
}

func newJudge(t *testing.T) *judge {
	t.Helper()
	j := &judge{services: map[string]sdk.Department{}, forms: map[string]*sdk.CompiledPractice{}}
	var err error
	if j.town, err = towndata.Load(); err != nil {
		t.Fatal(err)
	}
	if j.global, err = sdk.CompileGlobal(j.town); err != nil {
		t.Fatal(err)
	}
	for _, bundled := range plugins.All() {
		department, err := bundled.New()
		if err != nil {
			t.Fatal(err)
		}
		described, err := department.Describe(t.Context(), sdk.DescribeRequest{})
		if err != nil {
			t.Fatal(err)
		}
		service, err := sdk.Compile(described.Definition, j.town)
		if err != nil {
			t.Fatal(err)
		}
		for _, p := range described.Definition.Practices {
			j.services[p.ID] = department
			j.forms[p.ID], _ = service.Practice(p.ID)
		}
	}
	return j
}

func (j *judge) accepts(t *testing.T, practice string, seed, try uint64) bool {
	t.Helper()
	now := calc.Date{Year: 2026, Month: 11, Day: 24}.At(10, 0, calc.Rome())
	form, rng := j.forms[practice], rand.New(rand.NewPCG(seed, try))
	answers := fill.Of(form).Valid(rng, now, fill.NewPerson(rng, calc.DateOf(now)))
	facts := sdk.Facts{Now: now, Calendar: j.town.Calendar, Ambient: sdk.ClockAmbient(now)}
	reviewed, err := j.services[practice].Review(t.Context(), sdk.ReviewRequest{
		Practice: practice, Answers: answers, Now: now, Ambient: facts.Ambient, Calendar: facts.Calendar,
	})
	if err != nil {
		t.Fatal(err)
	}
	in := form.Bind(answers, facts)
	decision := sdk.Merge(in, reviewed.Fired, j.global.Fire(in), reviewed.Computed)
	turned := decision.Set["practice"]
	return len(reviewed.Problems)+len(decision.Blocks) == 0 && (turned == "" || turned == practice)
}
