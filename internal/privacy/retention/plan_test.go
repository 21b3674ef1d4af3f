package retention_test

import (
	"strings"
	"testing"

	"github.com/spazio-in-comune/sportello/internal/privacy/retention"
	"github.com/spazio-in-comune/sportello/internal/town"
	"github.com/spazio-in-comune/sportello/plugins/sdk/calc"
	"github.com/spazio-in-comune/sportello/policies"
)

const heading = "service,practice,outcome,years,basis,to_verify\n"

// TestFor: the most precise line holds.
func TestFor(t *testing.T) {
	plan, err := retention.Read(heading + `
*,*,*,10,a,yes
*,*,WITHDRAWN,1,b,yes
isee,*,*,5,c,yes
isee,bonus,*,ever,d,no
isee,bonus,WITHDRAWN,2,e,no
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
			if got := plan.For(tt.service, tt.practice, tt.outcome); got.Basis != tt.basis {
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
	const whole = "*,*,*,10,a,yes\n"
	for name, tt := range map[string]struct{ text, want string }{
		"no line for all":         {"isee,*,*,5,a,yes\n", "*,*,*"},
		"the same twice":          {whole + "isee,*,*,5,a,yes\nisee,*,*,6,a,yes\n", "line 4: line 3 says the same"},
		"no years":                {whole + "isee,*,*,soon,a,yes\n", `line 3: years`},
		"nought years":            {whole + "isee,*,*,0,a,yes\n", `years: 1 to 150`},
		"a practice of any":       {whole + "*,bonus,*,5,a,yes\n", "needs its service"},
		"no such outcome":         {whole + "isee,*,OPEN,5,a,yes\n", `no case closes in "OPEN"`},
		"an outcome that is open": {whole + "isee,*,IN_PROGRESS,5,a,yes\n", "no case closes in"},
		"no basis":                {whole + "isee,*,*,5,,yes\n", "basis"},
		"perhaps":                 {whole + "isee,*,*,5,a,perhaps\n", "to_verify"},
		"too few fields":          {whole + "isee,*,*\n", "wrong number of fields"},
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
	if r := plan.For("stato-civile", "cittadinanza", town.PhaseFulfilled); !r.Forever() {
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
	f.Add(heading + "*,*,*,10,a,yes\n")
	f.Fuzz(func(t *testing.T, text string) {
		plan, err := retention.Read(text)
		if err != nil {
			return
		}
		if r := plan.For("a service", "a practice", town.PhaseFulfilled); r.Basis == "" {
			t.Errorf("no rule holds: %+v", r)
		}
	})
}
