package edilizia

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/spazio-in-comune/sportello/plugins/sdk"
	"github.com/spazio-in-comune/sportello/plugins/sdk/calc"
)

// The rules of the practice test computed_capacity, which has the areas of the
// law: the figures shown beside it must be the same.
func TestHousingFiguresAreThoseOfTheRules(t *testing.T) {
	t.Parallel()
	department, err := New()
	if err != nil {
		t.Fatal(err)
	}
	described, err := department.Describe(t.Context(), sdk.DescribeRequest{})
	if err != nil {
		t.Fatal(err)
	}
	rules, err := housingRules(described.Definition.ParametersOn(calc.Date{Year: 2026, Month: 11, Day: 23}))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(calc.StandardHousing(), rules); diff != "" {
		t.Errorf("areas (-rules +figures):\n%s", diff)
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
		if _, err := housingRules(figures); err == nil {
			t.Errorf("%q is accepted", oneRoom)
		}
	}
}
