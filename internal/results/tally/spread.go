package tally

import (
	"maps"
	"slices"
)

// Spread is how often each quantity was met.
type Spread map[int]int64

// Spread is how often each measure of the figure was met with what holds.
func (c Counts) Spread(f Figure, holds func(Key) bool) Spread {
	s := Spread{}
	for key, times := range c {
		if key.Figure == f && holds(key) {
			s[key.Measure] += times
		}
	}
	return s
}

// Sum is how often the figure was met with what holds.
func (c Counts) Sum(f Figure, holds func(Key) bool) (n int64) {
	for key, times := range c {
		if key.Figure == f && holds(key) {
			n += times
		}
	}
	return n
}

// Times is how many quantities there are.
func (s Spread) Times() (n int64) {
	for _, times := range s {
		n += times
	}
	return n
}

// Reached is the smallest quantity that the given share, in hundredths, does not exceed;
// false if there is none at all.
func (s Spread) Reached(hundredths int64) (int, bool) {
	n := s.Times()
	var seen int64
	for _, quantity := range slices.Sorted(maps.Keys(s)) {
		if seen += s[quantity]; n > 0 && 100*seen >= hundredths*n {
			return quantity, true
		}
	}
	return 0, false
}

// Mean is the mean of the quantities; false if there is none at all.
func (s Spread) Mean() (float64, bool) {
	n := s.Times()
	if n == 0 {
		return 0, false
	}
	var sum int64
	for quantity, times := range s {
		sum += int64(quantity) * times
	}
	return float64(sum) / float64(n), true
}
