package plugins_test

import (
	"testing"

	"github.com/spazio-in-comune/sportello/plugins"
	"github.com/spazio-in-comune/sportello/plugins/sdk"
)

func TestEveryDepartmentLoadsUnderItsName(t *testing.T) {
	t.Parallel()
	series := map[string]string{}
	for _, bundled := range plugins.All() {
		department, err := bundled.New()
		if err != nil {
			t.Fatal(err)
		}
		described, err := department.Describe(t.Context(), sdk.DescribeRequest{})
		if err != nil {
			t.Fatal(err)
		}
		def := described.Definition
		if def.Service != bundled.Name {
			t.Errorf("%s calls itself %s", bundled.Name, def.Service)
		}
		if other, taken := series[def.Series]; taken {
			t.Errorf("%s and %s have the same series %s", other, def.Service, def.Series)
		}
		series[def.Series] = def.Service
	}
}
