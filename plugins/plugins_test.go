package plugins_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/spazio-in-comune/sportello/plugins"
	"github.com/spazio-in-comune/sportello/plugins/sdk"
	"github.com/spazio-in-comune/sportello/plugins/sdk/sdktest"
	"github.com/spazio-in-comune/sportello/plugins/town"
)

func load(t *testing.T, bundled plugins.Bundled) (sdk.Department, *sdk.Definition) {
	t.Helper()
	department, err := bundled.New()
	if err != nil {
		t.Fatal(err)
	}
	described, err := department.Describe(t.Context(), sdk.DescribeRequest{})
	if err != nil {
		t.Fatal(err)
	}
	return department, described.Definition
}

func TestEveryDepartmentLoadsUnderItsName(t *testing.T) {
	t.Parallel()
	shared, err := town.Load()
	if err != nil {
		t.Fatal(err)
	}
	series := map[string]string{}
	for _, bundled := range plugins.All() {
		_, def := load(t, bundled)
		if def.Service != bundled.Name {
			t.Errorf("%s calls itself %s", bundled.Name, def.Service)
		}
		if other, taken := series[def.Series]; taken {
			t.Errorf("%s and %s have the same series %s", other, def.Service, def.Series)
		}
		series[def.Series] = def.Service
		var practices []string
		for _, p := range def.Practices {
			practices = append(practices, p.ID)
		}
		if diff := cmp.Diff(shared.Practices[def.Service], practices); diff != "" {
			t.Errorf("practices of %s, as the town lists them (-want +got):\n%s", def.Service, diff)
		}
	}
}

// Every department's folder reads alike, and the examples in its README hold.
func TestEveryDepartmentHasAReadme(t *testing.T) {
	t.Parallel()
	shared, err := town.Load()
	if err != nil {
		t.Fatal(err)
	}
	sections := []string{"## Name", "## What it takes in", "## Form", "## Routing", "## Examples"}
	for _, bundled := range plugins.All() {
		t.Run(bundled.Name, func(t *testing.T) {
			t.Parallel()
			raw, err := os.ReadFile(filepath.Join(bundled.Name, "README.md"))
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for line := range strings.Lines(string(raw)) {
				if strings.HasPrefix(line, "## ") {
					got = append(got, strings.TrimSpace(line))
				}
			}
			if diff := cmp.Diff(sections, got); diff != "" {
				t.Errorf("sections (-want +got):\n%s", diff)
			}
			department, def := load(t, bundled)
			for _, p := range def.Practices {
				if !strings.Contains(string(raw), "`"+p.ID+"`") {
					t.Errorf("the README does not name %s", p.ID)
				}
			}
			sdktest.RunExamples(t, department, shared, string(raw))
		})
	}
}

// Every folder with a department is in the catalogue.
func TestTheCatalogueIsComplete(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("*/service.yaml")
	if err != nil {
		t.Fatal(err)
	}
	var folders, names []string
	for _, file := range files {
		folders = append(folders, filepath.Dir(file))
	}
	for _, bundled := range plugins.All() {
		names = append(names, bundled.Name)
	}
	slices.Sort(names)
	if diff := cmp.Diff(folders, names); diff != "" {
		t.Errorf("catalogue (-folders +names):\n%s", diff)
	}
}

// A figure that several departments declare has one value on every day: a new
// tariff is written in all of them.
func TestSharedFiguresAgree(t *testing.T) {
	t.Parallel()
	type figure struct{ Value, To string }
	first := map[[2]string]figure{}
	for _, bundled := range plugins.All() {
		_, def := load(t, bundled)
		for _, p := range def.Parameters {
			key, own := [2]string{p.Name, p.From}, figure{p.Value, p.To}
			if other, known := first[key]; known && other != own {
				t.Errorf("%s: %s from %s is %v, another department says %v", bundled.Name, p.Name, p.From, own, other)
			}
			first[key] = own
		}
	}
}

// The catalogue is that of the town hall: nothing of it is lost on the way.
func TestTheCatalogueIsWhole(t *testing.T) {
	t.Parallel()
	shared, err := town.Load()
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]int{"global rules": len(shared.GlobalRules)}
	for _, bundled := range plugins.All() {
		_, def := load(t, bundled)
		got[def.Kind+" services"]++
		for _, p := range def.Practices {
			got["practice types"]++
			got["own fields"] += len(p.Form.Fields)
			got["documents"] += len(p.Form.Documents)
			got["fee lines"] += len(p.Fees)
			got["milestones"] += len(p.Milestones)
			got["routing rules"] += len(p.Rules)
			got["practices a week"] += p.Handling.WeeklyVolume
		}
	}
	want := map[string]int{
		"counter services": 11, "office services": 4, "practice types": 65, "own fields": 406, "documents": 135,
		"fee lines": 111, "milestones": 42, "routing rules": 268, "global rules": 6, "practices a week": 1000,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("catalogue (-want +got):\n%s", diff)
	}
}
