package weekly

import "github.com/spazio-in-comune/sportello/internal/results/tally"

// spread is how often each quantity was met, of which nothing is told where they are few.
type spread struct{ tally.Spread }

// reached is the smallest quantity that the given share, in hundredths, does not exceed;
// null where the quantities are too few to be published.
func (s spread) reached(hundredths int64) *float64 {
	quantity, ok := s.Reached(hundredths)
	if !ok || s.Times() < SmallestCount {
		return nil
	}
	return number(float64(quantity))
}

func (s spread) mean() *float64 {
	mean, ok := s.Mean()
	if !ok || s.Times() < SmallestCount {
		return nil
	}
	return number(mean)
}

// minutes turns seconds into minutes, to the quarter.
func minutes(seconds *float64) *float64 {
	if seconds == nil {
		return nil
	}
	return number(*seconds / 60)
}

// share is what part of the whole, in hundredths, the first number is of both; null where
// either is small: with the whole it would tell of somebody.
func share(of, rest int64) *float64 {
	if of+rest == 0 {
		return nil
	}
	if hidden, all := Hidden([]int64{of, rest}); all || hidden[0] || hidden[1] {
		return nil
	}
	return number(100 * float64(of) / float64(of+rest))
}
