package simulate

import (
	"math"
	"math/rand/v2"
	"time"
)

// weighted draws an index by the weights, which need not sum to one.
func weighted(rng *rand.Rand, weights []float64) int {
	total := 0.0
	for _, w := range weights {
		total += w
	}
	u := rng.Float64() * total
	for i, w := range weights {
		if u -= w; u < 0 {
			return i
		}
	}
	return len(weights) - 1
}

// lasting draws a lognormal time with the given mean, between half a minute and
// two hours, in whole seconds.
func lasting(rng *rand.Rand, minutes, sigma float64) time.Duration {
	drawn := math.Exp(math.Log(minutes) - sigma*sigma/2 + sigma*rng.NormFloat64())
	drawn = min(max(drawn, 0.5), 120)
	return time.Duration(drawn * float64(time.Minute)).Truncate(time.Second)
}
