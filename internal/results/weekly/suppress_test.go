package weekly_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/spazio-in-comune/sportello/internal/results/weekly"
)

func TestHidden(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name  string
		parts []int64
		want  []bool
		all   bool
	}{
		{"nothing small", []int64{5, 90, 0}, []bool{false, false, false}, false},
		{"one small: the next one with it", []int64{3, 90, 7}, []bool{true, false, true}, false},
		{"two small that are few together", []int64{1, 1, 90}, []bool{true, true, true}, false},
		{"two small that are enough", []int64{2, 4, 90}, []bool{true, true, false}, false},
		{"nothing but small", []int64{3, 0}, []bool{true, true}, true},
		{"one alone", []int64{4}, []bool{true}, true},
		{"none", nil, []bool{}, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got, all := weekly.Hidden(tt.parts)
			if diff := cmp.Diff(tt.want, got); diff != "" || all != tt.all {
				t.Errorf("all %v, hidden (-want +got):\n%s", all, diff)
			}
		})
	}
}

// What is hidden cannot be had by taking what is shown from the total: it is at least two
// parts, which together are no small count, or the total is hidden as well.
func TestNobodySubtracts(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		parts := rapid.SliceOfN(rapid.Int64Range(0, 12), 0, 7).Draw(rt, "parts")
		hidden, all := weekly.Hidden(parts)
		var count int
		var rest int64
		for i, n := range parts {
			if n > 0 && n < weekly.SmallestCount && !hidden[i] {
				rt.Errorf("%d is shown", n)
			}
			if hidden[i] {
				count++
				rest += n
			}
		}
		if count > 0 && !all && (count < 2 || rest < weekly.SmallestCount) {
			rt.Errorf("of %v, %v are hidden: %d that are %d together", parts, hidden, count, rest)
		}
	})
}
