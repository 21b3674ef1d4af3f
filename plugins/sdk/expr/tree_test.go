package expr

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

// The tree has everything that stands in the source.
func TestTree(t *testing.T) {
	t.Parallel()
	tests := map[string]Tree{
		"not a":      {Op: "not", Args: []Tree{{Op: "name", Name: "a"}}},
		"a != None":  {Op: "!=", Args: []Tree{{Op: "name", Name: "a"}, {Op: "none", Args: []Tree{}}}},
		"x in ['y']": {Op: "in", Args: []Tree{{Op: "name", Name: "x"}, {Op: "value", Value: []Value{"y"}}}},
		"x in [y]":   {Op: "in", Args: []Tree{{Op: "name", Name: "x"}, {Op: "list", Args: []Tree{{Op: "name", Name: "y"}}}}},
		"a or b and 'c'": {Op: "or", Args: []Tree{
			{Op: "name", Name: "a"}, {Op: "and", Args: []Tree{{Op: "name", Name: "b"}, {Op: "value", Value: "c"}}},
		}},
		"year(d) - n + n": {Op: "+", Args: []Tree{
			{Op: "-", Args: []Tree{{Op: "year", Args: []Tree{{Op: "name", Name: "d"}}}, {Op: "name", Name: "n"}}},
			{Op: "name", Name: "n"},
		}},
	}
	for source, want := range tests {
		t.Run(source, func(t *testing.T) {
			t.Parallel()
			empty := cmp.FilterValues(func(a, b []Tree) bool { return len(a)+len(b) == 0 }, cmp.Ignore())
			if diff := cmp.Diff(want, parse(t, source).Tree(), empty); diff != "" {
				t.Errorf("tree (-want +got):\n%s", diff)
			}
		})
	}
}
