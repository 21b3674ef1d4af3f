package main

import (
	"slices"
	"testing"

	"github.com/spazio-in-comune/sportello/internal/access"
	"github.com/spazio-in-comune/sportello/plugins"
	"github.com/spazio-in-comune/sportello/plugins/sdk"
	"github.com/spazio-in-comune/sportello/policies"
)

// TestLevelsNameWhatThereIs: a service or a practice that is spelled otherwise in
// policies/assurance.csv would need no level of its own.
func TestLevelsNameWhatThereIs(t *testing.T) {
	t.Parallel()
	levels, err := access.NewLevels(policies.Assurance)
	if err != nil {
		t.Fatal(err)
	}
	var services, practices []string
	for _, bundled := range plugins.All() {
		department, err := bundled.New()
		if err != nil {
			t.Fatal(err)
		}
		described, err := department.Describe(t.Context(), sdk.DescribeRequest{})
		if err != nil {
			t.Fatal(err)
		}
		services, practices = append(services, described.Definition.Service), append(practices, codes(described.Definition)...)
	}
	namedServices, namedPractices := levels.Named()
	for _, name := range namedServices {
		if !slices.Contains(services, name) {
			t.Errorf("there is no service %s", name)
		}
	}
	for _, name := range namedPractices {
		if !slices.Contains(practices, name) {
			t.Errorf("there is no practice %s", name)
		}
	}
}

func codes(d *sdk.Definition) []string {
	var all []string
	for _, p := range d.Practices {
		all = append(all, p.ID)
	}
	return all
}
