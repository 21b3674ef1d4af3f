package weekly

// SmallestCount is the smallest count of people's affairs that is published.
const SmallestCount = 5

// Hidden says which of the parts of a total must not be published: those that are small,
// and as many others as it takes that nobody finds them by taking the rest from the
// total. At least two parts are hidden then, and together they are no small count
// either. Where that cannot be, all is true and the total must not be published.
func Hidden(parts []int64) (hidden []bool, all bool) {
	hidden = make([]bool, len(parts))
	var count int
	var sum int64
	hide := func(i int) {
		hidden[i] = true
		count++
		sum += parts[i]
	}
	for i, n := range parts {
		if n > 0 && n < SmallestCount {
			hide(i)
		}
	}
	for count > 0 && (count < 2 || sum < SmallestCount) {
		next := another(parts, hidden, SmallestCount-sum)
		if next < 0 {
			return hidden, true
		}
		hide(next)
	}
	return hidden, false
}

// another is the smallest shown part that is not below least, else the largest; -1 if none
// is shown any more.
func another(parts []int64, hidden []bool, least int64) int {
	next := -1
	for i, n := range parts {
		switch {
		case hidden[i]:
		case next < 0,
			parts[next] < least && n > parts[next],
			n >= least && n < parts[next]:
			next = i
		}
	}
	return next
}

// published are the parts, those that must not be as null, and the total.
func published(parts []int64) (cells []*float64, total *float64) {
	hidden, all := Hidden(parts)
	var sum int64
	for i, n := range parts {
		sum += n
		if hidden[i] {
			cells = append(cells, nil)
		} else {
			cells = append(cells, number(float64(n)))
		}
	}
	if all {
		return cells, nil
	}
	return cells, number(float64(sum))
}

func number(f float64) *float64 { return &f }

// alone is a count that is no part of anything published.
func alone(n int64) *float64 {
	if n > 0 && n < SmallestCount {
		return nil
	}
	return number(float64(n))
}
