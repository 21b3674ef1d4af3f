package plugins_test

import (
	"regexp"
	"slices"
	"testing"

	"github.com/shopspring/decimal"

	"github.com/spazio-in-comune/sportello/plugins"
	"github.com/spazio-in-comune/sportello/plugins/sdk"
	"github.com/spazio-in-comune/sportello/plugins/sdk/expr"
)

// Every amount that somebody pays is dated and says which law or act sets it; one
// that comes from an act of the town is marked until the town has confirmed it.
func TestEveryFixedFeeIsDatedAndSourced(t *testing.T) {
	t.Parallel()
	// The words of an act of the town, in Italian.
	local := regexp.MustCompile(`(?i)delibera|comunale|da confermare|esempio|canone unico`)
	for _, bundled := range plugins.All() {
		_, def := load(t, bundled)
		for _, p := range def.Practices {
			for _, f := range p.Fees {
				if f.AmountEUR == "0.00" {
					continue
				}
				if f.Source == "" {
					t.Errorf("%s: fee %s has no source", p.ID, f.Code)
				}
				if !f.Variable && f.From == "" {
					t.Errorf("%s: fee %s does not say from when it is due", p.ID, f.Code)
				}
				if local.MatchString(f.Source) && !f.ToVerify {
					t.Errorf("%s: fee %s comes from %q and is not marked as to be confirmed", p.ID, f.Code, f.Source)
				}
			}
		}
		for _, p := range def.Parameters {
			if local.MatchString(p.Source) && !p.ToVerify {
				t.Errorf("%s: %s comes from %q and is not marked as to be confirmed", def.Service, p.Name, p.Source)
			}
		}
	}
}

// No limit of law or tariff hides in a condition: what is compared with an amount,
// a percentage or an age, and the length of a term, is a dated figure.
func TestConditionsReadTheirLimitsFromTheFigures(t *testing.T) {
	t.Parallel()
	for _, bundled := range plugins.All() {
		_, def := load(t, bundled)
		service, err := sdk.Compile(def, nil)
		if err != nil {
			t.Fatal(err)
		}
		for i := range def.Practices {
			p := &def.Practices[i]
			compiled, _ := service.Practice(p.ID)
			amounts := map[string]bool{}
			for _, f := range compiled.Fields() {
				amounts[f.Name] = f.Type == sdk.TypeMoney || f.Type == sdk.TypeDecimal
			}
			for id, when := range conditionsOf(p) {
				e, err := expr.Parse(when)
				if err != nil {
					t.Fatal(err)
				}
				for _, n := range bareLimits(e.Tree(), amounts) {
					t.Errorf("%s, %s: %s is a limit written into %q", p.ID, id, n, when)
				}
			}
		}
	}
}

// conditionsOf are the conditions of a practice that may read figures.
func conditionsOf(p *sdk.Practice) map[string]string {
	all := map[string]string{}
	for _, d := range p.Form.Documents {
		all["document "+d.ID] = d.When
	}
	for _, f := range p.Fees {
		all["fee "+f.Code] = f.When
	}
	for _, m := range p.Milestones {
		all["milestone "+m.ID] = m.When
	}
	for _, r := range p.Rules {
		all["rule "+r.ID] = r.When
	}
	return all
}

// adult is the age of majority, which no resolution changes.
const adult = 18

// bareLimits are the numbers of a condition that should be figures. Zero is none:
// it tells something from nothing.
func bareLimits(t expr.Tree, amounts map[string]bool) []string {
	var found []string
	limit := func(part expr.Tree) {
		if n, ok := part.Value.(decimal.Decimal); ok && !n.IsZero() {
			found = append(found, n.String())
		}
	}
	switch {
	case t.Op == "days_past_days" || t.Op == "days_past_months":
		limit(t.Args[1])
	case slices.Contains([]string{"<", "<=", ">", ">=", "==", "!="}, t.Op) && isAmount(t.Args[0], amounts):
		limit(t.Args[1])
	case slices.Contains([]string{"<", "<=", ">", ">="}, t.Op) && t.Args[0].Op == "age":
		if n, ok := t.Args[1].Value.(decimal.Decimal); !ok || !n.Equal(decimal.NewFromInt(adult)) {
			limit(t.Args[1])
		}
	}
	for _, part := range t.Args {
		found = append(found, bareLimits(part, amounts)...)
	}
	return found
}

// isAmount reports whether a side of a comparison is an amount or made of some.
func isAmount(t expr.Tree, amounts map[string]bool) bool {
	return amounts[t.Name] || (t.Op == "+" || t.Op == "-") &&
		slices.ContainsFunc(t.Args, func(part expr.Tree) bool { return isAmount(part, amounts) })
}

func TestBareLimitsAreFound(t *testing.T) {
	t.Parallel()
	amounts := map[string]bool{"isee": true, "paid": true, "due": true}
	for when, want := range map[string]int{
		"isee > 9530":                        1,
		"a and not (isee <= 0.5 or b == 3)":  1,
		"paid - due > 12":                    1,
		"days_past_days(d, 20) > 0":          1,
		"days_past_months(d, 6) >= -15":      1,
		"age(d) >= 70":                       1,
		"isee > figure('x') and isee > 0":    0,
		"days_past_days(d, figure('x')) > 0": 0,
		"age(d) < 18 and count(l) > 3":       0,
	} {
		e, err := expr.Parse(when)
		if err != nil {
			t.Fatal(err)
		}
		if got := bareLimits(e.Tree(), amounts); len(got) != want {
			t.Errorf("%s: %q", when, got)
		}
	}
}
