package orientation

import (
	"strings"
	"unicode"

	"github.com/blevesearch/snowballstem"
	"github.com/blevesearch/snowballstem/english"
	"github.com/blevesearch/snowballstem/italian"
	"golang.org/x/text/unicode/norm"
)

// maxWord bounds a word, in letters; nothing that people say is longer.
const maxWord = 30

// language is one of the two in which people ask and departments write.
type language int

const (
	inItalian language = iota
	inEnglish
	languages
)

// fold makes plain small letters: no accents, no capitals.
func fold(text string) string {
	var b strings.Builder
	for _, r := range norm.NFD.String(text) {
		if unicode.Is(unicode.Mn, r) {
			continue
		}
		b.WriteRune(unicode.ToLower(r))
	}
	return b.String()
}

// split gives the words of a text: folded, cut at everything that is neither
// letter nor digit, hence "l'ISEE" is l and isee. Letters outside the Latin
// alphabet do not occur in the catalogue: such words are dropped.
func split(text string) []string {
	fields := strings.FieldsFunc(fold(text), func(r rune) bool {
		return !unicode.IsLetter(r) && !unicode.IsDigit(r)
	})
	words := fields[:0]
	for _, w := range fields {
		if len(w) <= maxWord && isPlain(w) {
			words = append(words, w)
		}
	}
	return words
}

func isPlain(word string) bool {
	for i := range len(word) {
		if word[i] >= 0x80 {
			return false
		}
	}
	return true
}

// stem takes the endings off a folded word, so that singular and plural, and the
// forms of a verb, are one. Where the stemmer would leave less than four letters,
// which are common to too many words ("rifiuti" and "rifare" are both "rif"), only
// the last vowels go.
func (l language) stem(word string) string {
	if len(word) < 4 {
		return word
	}
	env := snowballstem.NewEnv(word)
	if l == inItalian {
		italian.Stem(env)
	} else {
		english.Stem(env)
	}
	if stem := env.Current(); len(stem) >= 4 || l == inEnglish {
		return stem
	}
	return strings.TrimRight(word, "aeiou")
}
