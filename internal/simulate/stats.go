package simulate

import (
	"math"
	"slices"
	"time"
)

// quantile is the smallest value that is not exceeded by the given share.
func quantile(sorted []time.Duration, share float64) time.Duration {
	if len(sorted) == 0 {
		return 0
	}
	i := int(math.Ceil(share*float64(len(sorted)))) - 1
	return sorted[min(max(i, 0), len(sorted)-1)]
}

func meanOf(values []time.Duration) time.Duration {
	if len(values) == 0 {
		return 0
	}
	total := time.Duration(0)
	for _, v := range values {
		total += v
	}
	return total / time.Duration(len(values))
}

// within is the share of values up to a limit.
func within(values []time.Duration, limit time.Duration) float64 {
	if len(values) == 0 {
		return 0
	}
	n := 0
	for _, v := range values {
		if v <= limit {
			n++
		}
	}
	return float64(n) / float64(len(values))
}

func sorted(values []time.Duration) []time.Duration { return slices.Sorted(slices.Values(values)) }

func meanScore(scores []int) float64 {
	total := 0
	for _, s := range scores {
		total += s
	}
	return float64(total) / float64(max(len(scores), 1))
}
