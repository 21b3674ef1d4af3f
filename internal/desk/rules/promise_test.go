package rules_test

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/spazio-in-comune/sportello/internal/desk/rules"
)

var counterTime = rules.Service{MeanSeconds: 8 * 60, Sigma: 0.55}

func ahead(n int) []rules.Service {
	all := make([]rules.Service, n)
	for i := range all {
		all[i] = counterTime
	}
	return all
}

func busy(n int, elapsed float64) []rules.Ongoing {
	all := make([]rules.Ongoing, n)
	for i := range all {
		all[i] = rules.Ongoing{Service: counterTime, ElapsedSeconds: elapsed}
	}
	return all
}

func TestForetell(t *testing.T) {
	tests := []struct {
		name     string
		hall     rules.Hall
		from, to int // bounds of the median, in seconds
	}{
		{"a free desk", rules.Hall{Free: 1, Busy: busy(4, 60)}, 0, 0},
		{"a desk for me as well", rules.Hall{Free: 3, Ahead: ahead(2)}, 0, 0},
		{"five busy desks, nobody ahead", rules.Hall{Busy: busy(5, 0)}, 200, 420},
		{"five busy desks, ten ahead", rules.Hall{Busy: busy(5, 60), Ahead: ahead(10)}, 1000, 1500},
		{"one desk, one just begun", rules.Hall{Busy: busy(1, 0)}, 400, 560},
		{"one desk, four ahead", rules.Hall{Busy: busy(1, 0), Ahead: ahead(4)}, 2300, 2900},
		{"no desk is open, three ahead", rules.Hall{Ahead: ahead(3)}, 1300, 1800},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got := rules.Foretell(tt.hall)
			if got.Median < tt.from || got.Median > tt.to {
				t.Errorf("median %d s, want %d to %d", got.Median, tt.from, tt.to)
			}
			if again := rules.Foretell(tt.hall); again != got {
				t.Errorf("not the same twice: %v, %v", got, again)
			}
		})
	}
}

// Who lasts long will last longer: the rest of a service is not its mean.
func TestForetellKnowsWhatHasElapsed(t *testing.T) {
	begun := rules.Foretell(rules.Hall{Busy: busy(1, 10)})
	half := rules.Foretell(rules.Hall{Busy: busy(1, 300)})
	if half.Median >= begun.Median {
		t.Errorf("after 5 of 8 minutes the median is still %d s, at the start %d s", half.Median, begun.Median)
	}
	for _, elapsed := range []float64{1e3, 1e5, 1e9} {
		late := rules.Foretell(rules.Hall{Busy: busy(1, elapsed)})
		if late.Median < 60 || late.P80 > 24*3600 && elapsed < 1e5 {
			t.Errorf("after %v s: %+v", elapsed, late)
		}
	}
}

// The replay and the sum for very long lines agree where they meet.
func TestForetellMeetsTheLongLine(t *testing.T) {
	replayed := rules.Foretell(rules.Hall{Busy: busy(5, 240), Ahead: ahead(rules.MaxReplay)})
	summed := rules.Foretell(rules.Hall{Busy: busy(5, 240), Ahead: ahead(rules.MaxReplay + 1)})
	for _, pair := range [][2]int{{replayed.Median, summed.Median}, {replayed.P80, summed.P80}} {
		if off := math.Abs(float64(pair[0]-pair[1])) / float64(pair[0]); off > 0.08 {
			t.Errorf("replayed %+v, summed %+v", replayed, summed)
		}
	}
}

// One more person ahead, or a desk less, never shortens the promise, and four of
// five is never sooner than half.
func TestForetellIsSane(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		desks := rapid.IntRange(1, 8).Draw(t, "desks")
		n := rapid.IntRange(0, 60).Draw(t, "ahead")
		elapsed := rapid.Float64Range(0, 3000).Draw(t, "elapsed")
		p := rules.Foretell(rules.Hall{Busy: busy(desks, elapsed), Ahead: ahead(n)})
		more := rules.Foretell(rules.Hall{Busy: busy(desks, elapsed), Ahead: ahead(n + desks)})
		if p.P80 < p.Median || more.Median <= p.Median {
			t.Fatalf("%+v, with %d more ahead %+v", p, desks, more)
		}
	})
}

// Four of five promises are kept in a hall that serves as the laws say.
func TestPromisesAreKept(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	const trials, desks, n = 2000, 5, 12
	p := rules.Foretell(rules.Hall{Busy: busy(desks, 0), Ahead: ahead(n)})
	kept := 0
	for range trials {
		free := make([]float64, desks)
		draw := func() float64 {
			mu := math.Log(counterTime.MeanSeconds) - counterTime.Sigma*counterTime.Sigma/2
			return math.Exp(mu+counterTime.Sigma*rng.NormFloat64()) + 60
		}
		for i := range free {
			free[i] = draw()
		}
		for range n {
			slices.Sort(free)
			free[0] += draw()
		}
		if slices.Min(free) <= float64(p.P80) {
			kept++
		}
	}
	if share := float64(kept) / trials; share < 0.74 || share > 0.86 {
		t.Errorf("P80 was kept %.0f %% of the time", 100*share)
	}
}

func BenchmarkForetell(b *testing.B) {
	hall := rules.Hall{Busy: busy(5, 120), Ahead: ahead(30)}
	for b.Loop() {
		rules.Foretell(hall)
	}
}

func BenchmarkForetellLongest(b *testing.B) {
	hall := rules.Hall{Busy: busy(5, 120), Ahead: ahead(rules.MaxReplay)}
	for b.Loop() {
		rules.Foretell(hall)
	}
}
