package weekly

import (
	"maps"
	"slices"
)

// spread is how often each quantity was met.
type spread map[int]int64

func (s spread) times() (n int64) {
	for _, times := range s {
		n += times
	}
	return n
}

// reached is the smallest quantity that the given share, in hundredths, does not exceed;
// null where the quantities are too few to be published.
func (s spread) reached(hundredths int64) *float64 {
	n := s.times()
	if n < SmallestCount {
		return nil
	}
	var seen int64
	for _, quantity := range slices.Sorted(maps.Keys(s)) {
		if seen += s[quantity]; 100*seen >= hundredths*n {
			return number(float64(quantity))
		}
	}
	return nil // not met: the shares add up to the whole
}

func (s spread) mean() *float64 {
	n := s.times()
	if n < SmallestCount {
		return nil
	}
	var sum int64
	for quantity, times := range s {
		sum += int64(quantity) * times
	}
	return number(float64(sum) / float64(n))
}

// minutes turns seconds into minutes, to the quarter.
func minutes(seconds *float64) *float64 {
	if seconds == nil {
		return nil
	}
	return number(*seconds / 60)
}
