package retention_test

import (
	"strings"
	"testing"

	"github.com/spazio-in-comune/sportello/internal/privacy/retention"
	"github.com/spazio-in-comune/sportello/internal/town"
	"github.com/spazio-in-comune/sportello/plugins/sdk/calc"
	"github.com/spazio-in-comune/sportello/policies"
)

const (
	heading = "what,service,practice,outcome,years,basis,to_verify\n"
	// others are the lines that every table needs besides.
	others = "visit,*,*,*,2,v,yes\nword,*,*,*,5,w,yes\nsign-in,*,*,*,2,s,yes\ndraft,*,*,*,1,d,yes\nperson,*,*,*,1,p,yes\n"
)

// TestFor: the most precise line holds.
func TestFor(t *testing.T) {
	plan, err := retention.Read(heading + others + `
case,*,*,*,10,a,yes
case,*,*,WITHDRAWN,1,b,yes
case,isee,*,*,5,c,yes
case,isee,bonus,*,ever,d,no
case,isee,bonus,WITHDRAWN,2,e,no
`)
	if err != nil {
		t.Fatal(err)
	}
	for name, tt := range map[string]struct {
		service, practice string
		outcome           town.Phase
		basis             string
	}{
		"nothing of its own":            {"anagrafe", "aire", town.PhaseFulfilled, "a"},
		"an outcome of all":             {"anagrafe", "aire", town.PhaseWithdrawn, "b"},
		"a service":                     {"isee", "corrente", town.PhaseFulfilled, "c"},
		"a service before an outcome":   {"isee", "corrente", town.PhaseWithdrawn, "c"},
		"a practice":                    {"isee", "bonus", town.PhaseFulfilled, "d"},
		"an outcome of a practice":      {"isee", "bonus", town.PhaseWithdrawn, "e"},
		"a practice of another service": {"ecologia", "bonus", town.PhaseFulfilled, "a"},
	} {
		t.Run(name, func(t *testing.T) {
			if got := plan.ForCase(tt.service, tt.practice, tt.outcome); got.Basis != tt.basis {
				t.Errorf("line %d (%s) holds, want %s", got.Line, got.Basis, tt.basis)
			}
		})
	}
}

// TestUntil counts years to the same day.
func TestUntil(t *testing.T) {
	day := func(text string) calc.Date {
		var d calc.Date
		if err := d.UnmarshalText([]byte(text)); err != nil {
			t.Fatal(err)
		}
		return d
	}
	for closed, want := range map[string]string{"2026-11-23": "2027-11-23", "2028-02-29": "2029-02-28", "2026-12-31": "2027-12-31"} {
		got, ends := retention.Rule{Years: 1}.Until(day(closed))
		if !ends || got != day(want) {
			t.Errorf("closed on %s, kept until %s (%v), want %s", closed, got, ends, want)
		}
	}
	if _, ends := (retention.Rule{}).Until(day("2026-11-23")); ends {
		t.Error("what is kept for good has a last day")
	}
}

// TestReadRefuses: a slip is told with its line.
func TestReadRefuses(t *testing.T) {
	const whole = others + "case,*,*,*,10,a,yes\n"
	for name, tt := range map[string]struct{ text, want string }{
		"no line for all":         {others + "case,isee,*,*,5,a,yes\n", "case,*,*,*"},
		"the same twice":          {whole + "case,isee,*,*,5,a,yes\ncase,isee,*,*,6,a,yes\n", "line 9: line 8 says the same"},
		"no years":                {whole + "case,isee,*,*,soon,a,yes\n", `line 8: years`},
		"nought years":            {whole + "case,isee,*,*,0,a,yes\n", `years: 1 to 150`},
		"a practice of any":       {whole + "case,*,bonus,*,5,a,yes\n", "needs its service"},
		"no such outcome":         {whole + "case,isee,*,OPEN,5,a,yes\n", `no case closes in "OPEN"`},
		"an outcome that is open": {whole + "case,isee,*,IN_PROGRESS,5,a,yes\n", "no case closes in"},
		"no basis":                {whole + "case,isee,*,*,5,,yes\n", "basis"},
		"a visit of a service":    {whole + "visit,isee,*,*,5,a,yes\n", "only cases have a service"},
		"no such kind":            {whole + "thing,*,*,*,5,a,yes\n", "what: one of"},
		"perhaps":                 {whole + "case,isee,*,*,5,a,perhaps\n", "to_verify"},
		"too few fields":          {whole + "case,isee,*,*\n", "wrong number of fields"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := retention.Read(heading + tt.text)
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("got %v, want %q in it", err, tt.want)
			}
		})
	}
}

// TestTheTownsPlan reads the table that is shipped.
func TestTheTownsPlan(t *testing.T) {
	plan, err := retention.Read(policies.Retention)
	if err != nil {
		t.Fatal(err)
	}
	if r := plan.ForCase("stato-civile", "cittadinanza", town.PhaseFulfilled); !r.Forever() {
		t.Errorf("a case of civil status is kept for %d years", r.Years)
	}
	for _, r := range plan.Rules() {
		if !r.ToVerify {
			t.Errorf("line %d counts as confirmed; no town has confirmed it", r.Line)
		}
	}
}

func FuzzRead(f *testing.F) {
	f.Add(policies.Retention)
	f.Add(heading + others + "case,*,*,*,10,a,yes\n")
	f.Fuzz(func(t *testing.T, text string) {
		plan, err := retention.Read(text)
		if err != nil {
			return
		}
		if r := plan.ForCase("a service", "a practice", town.PhaseFulfilled); r.Basis == "" {
			t.Errorf("no rule holds: %+v", r)
		}
	})
}
