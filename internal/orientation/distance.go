package orientation

// typingErrors counts the letters to change, add, leave out or swap with their
// neighbour to make one word of the other, if there are at most limit of them. It
// compares bytes: words are folded to plain letters before. Swapped letters are the
// commonest slip and count once, which the usual Levenshtein libraries do not do.
func typingErrors(a, b string, limit int) (int, bool) {
	if len(a) > len(b) {
		a, b = b, a
	}
	if len(b)-len(a) > limit || len(b) > maxWord {
		return 0, false
	}
	var rows [3][maxWord + 1]uint8
	before, last, row := &rows[0], &rows[1], &rows[2]
	for j := 0; j <= len(b); j++ {
		last[j] = uint8(j)
	}
	for i := 1; i <= len(a); i++ {
		row[0] = uint8(i)
		least := row[0]
		for j := 1; j <= len(b); j++ {
			cost := uint8(1)
			if a[i-1] == b[j-1] {
				cost = 0
			}
			row[j] = min(last[j]+1, row[j-1]+1, last[j-1]+cost)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				row[j] = min(row[j], before[j-2]+1)
			}
			least = min(least, row[j])
		}
		if int(least) > limit {
			return 0, false
		}
		before, last, row = last, row, before
	}
	n := int(last[len(b)])
	return n, n <= limit
}

// longWord is from how many letters on a word is hardly mistaken for another.
const longWord = 8

// allowedErrors is how many slips a word of that length may have: none in short
// words, where another word is always near.
func allowedErrors(length int) int {
	switch {
	case length >= longWord:
		return 2
	case length >= 5:
		return 1
	default:
		return 0
	}
}
