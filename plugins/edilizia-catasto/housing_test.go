package edilizia

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/shopspring/decimal"

	"github.com/spazio-in-comune/sportello/plugins/sdk"
	"github.com/spazio-in-comune/sportello/plugins/sdk/calc"
)

// The figures that the rules (computed_capacity) and the computation read are the
// areas of the law.
func TestHousingFiguresAreThoseOfTheLaw(t *testing.T) {
	t.Parallel()
	department, err := New()
	if err != nil {
		t.Fatal(err)
	}
	described, err := department.Describe(t.Context(), sdk.DescribeRequest{})
	if err != nil {
		t.Fatal(err)
	}
	rules, err := sdk.HousingRules(described.Definition.ParametersOn(calc.Date{Year: 2026, Month: 11, Day: 23}))
	if err != nil {
		t.Fatal(err)
	}
	law := calc.HousingRules{
		PerPerson: decimal.NewFromInt(14), PerOther: decimal.NewFromInt(10), FullPeople: 4,
		OneRoom: [2]decimal.Decimal{decimal.NewFromInt(28), decimal.NewFromInt(38)},
		Single:  decimal.NewFromInt(9), Double: decimal.NewFromInt(14),
	}
	if diff := cmp.Diff(law, rules); diff != "" {
		t.Errorf("areas (-law +figures):\n%s", diff)
	}
}

func TestHousingFiguresMustBeWhole(t *testing.T) {
	t.Parallel()
	figures := sdk.Parameters{
		"alloggio.mq.persona": "14", "alloggio.mq.altra-persona": "10", "alloggio.persone.piene": "4",
		"alloggio.camera.singola": "9", "alloggio.camera.doppia": "14",
	}
	for _, oneRoom := range []string{"28", "28 38 50", "28 trentotto"} {
		figures["alloggio.monolocale"] = oneRoom
		if _, err := sdk.HousingRules(figures); err == nil {
			t.Errorf("%q is accepted", oneRoom)
		}
	}
}
