package tributi_test

import (
	"os"
	"testing"

	"github.com/spazio-in-comune/sportello/plugins/sdk"
	"github.com/spazio-in-comune/sportello/plugins/sdk/calc"
	"github.com/spazio-in-comune/sportello/plugins/sdk/sdktest"
	"github.com/spazio-in-comune/sportello/plugins/town"
	tributi "github.com/spazio-in-comune/sportello/plugins/tributi-patrimonio"
)

func TestDepartment(t *testing.T) {
	t.Parallel()
	shared, err := town.Load()
	if err != nil {
		t.Fatal(err)
	}
	department, err := tributi.New()
	if err != nil {
		t.Fatal(err)
	}
	sdktest.Run(t, department, shared, os.DirFS("cases"))
}

// The limits that the rules read are limits of the bands with which instalments are
// worked out: a debt up to the first has none, and a debt above the other needs more
// than 24.
func TestTheLimitsOfInstalmentsAreThoseOfTheBands(t *testing.T) {
	t.Parallel()
	department, err := tributi.New()
	if err != nil {
		t.Fatal(err)
	}
	described, err := department.Describe(t.Context(), sdk.DescribeRequest{})
	if err != nil {
		t.Fatal(err)
	}
	figures := described.Definition.ParametersOn(calc.Date{Year: 2026, Month: 11, Day: 23})
	bands, err := calc.ParseInstalmentBands(figures["rate.fasce"])
	if err != nil {
		t.Fatal(err)
	}
	most := map[string]int{"rate.minimo": 0, "rate.garanzia": 24}
	for _, band := range bands {
		for name, want := range most {
			if limit, err := figures.Decimal(name); err == nil && limit.Equal(band.UpTo) && band.Max == want {
				delete(most, name)
			}
		}
	}
	if len(most) > 0 {
		t.Errorf("%v are no limits of the bands %s", most, figures["rate.fasce"])
	}
}
