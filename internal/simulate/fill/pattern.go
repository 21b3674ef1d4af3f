package fill

import (
	"math/rand/v2"
	"regexp/syntax"
	"strings"
)

// mostRepeats bounds what a pattern allows without end.
const mostRepeats = 4

// fromPattern writes a text that a pattern covers. The pattern was read before,
// when the form was taken.
func fromPattern(rng *rand.Rand, pattern string) string {
	tree, err := syntax.Parse(pattern, syntax.Perl)
	if err != nil {
		panic("read a pattern again: " + err.Error())
	}
	var text strings.Builder
	write(rng, &text, tree)
	return text.String()
}

func write(rng *rand.Rand, text *strings.Builder, part *syntax.Regexp) {
	switch part.Op {
	case syntax.OpLiteral:
		text.WriteString(string(part.Rune))
	case syntax.OpCharClass:
		text.WriteRune(ofClass(rng, part.Rune))
	case syntax.OpAnyChar, syntax.OpAnyCharNotNL:
		text.WriteByte('a')
	case syntax.OpAlternate:
		write(rng, text, pick(rng, part.Sub))
	case syntax.OpStar:
		repeat(rng, text, part.Sub[0], 0, mostRepeats)
	case syntax.OpPlus:
		repeat(rng, text, part.Sub[0], 1, mostRepeats)
	case syntax.OpQuest:
		repeat(rng, text, part.Sub[0], 0, 1)
	case syntax.OpRepeat:
		most := part.Max
		if most < 0 {
			most = part.Min + mostRepeats
		}
		repeat(rng, text, part.Sub[0], part.Min, most)
	default: // sequences, groups, and marks of begin and end that write nothing
		for _, sub := range part.Sub {
			write(rng, text, sub)
		}
	}
}

func repeat(rng *rand.Rand, text *strings.Builder, part *syntax.Regexp, least, most int) {
	for range least + rng.IntN(most-least+1) {
		write(rng, text, part)
	}
}

// ofClass is a character of a class, which is given as pairs of first and last.
func ofClass(rng *rand.Rand, pairs []rune) rune {
	i := 2 * rng.IntN(len(pairs)/2)
	return pairs[i] + rune(rng.IntN(min(int(pairs[i+1]-pairs[i])+1, 64)))
}
