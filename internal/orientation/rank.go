package orientation

import (
	"cmp"
	"slices"
	"strings"
	"unicode/utf8"
)

// The bounds of a question: what is beyond them is not read.
const (
	maxQuery = 300 // letters
	maxWords = 24  // that say something
)

// The ranking, in points.
const (
	// phraseWorth is what a whole title or keyword adds for each of its words.
	phraseWorth = 2.5
	// unread is what is left of the score of a practice that answers none of the
	// question; the rest comes with the part that it answers.
	unread = 0.4
	// partShare is what a part of a compound question counts beside the whole.
	partShare = 0.8
	// leastShare of the best score is needed to stand beside it.
	leastShare = 0.3
	// leastPart of the words must have been found: one of five is chance.
	leastPart = 0.25
	// leastScore is needed where the words stand in minor places only.
	leastScore = 1.0
)

// Match says why a practice was found: one word of the question.
type Match struct {
	// Word is what was asked, folded: small letters, no accents.
	Word string
	// Found is the word of the catalogue for which it was taken.
	Found string
	Where Where
	// Points are its part of the score.
	Points float64
	// chance marks a guess that may well be wrong.
	chance bool
}

// ranked is a practice with its score.
type ranked struct {
	practice int
	score    float64
	matches  []Match
}

// search ranks the practices for a question, best first; none for a question that
// says nothing or nothing known here.
//
// The score of a practice is the sum over the words of the question of
//
//	rarity of the word × weight of the places × how sure it is
//
// plus what titles and keywords add that are there as a whole, times the part of
// the question that was understood. A compound question ("residence and waste tax")
// is read as a whole and in its parts; the better reading counts.
func (x *index) search(query string) []ranked {
	whole, parts, typing := x.read(query)
	scores := x.score(whole, typing)
	for i, part := range parts {
		for practice, r := range x.score(part, typing && i == len(parts)-1) {
			r.score *= partShare
			if scores[practice] == nil || r.score > scores[practice].score {
				scores[practice] = r
			}
		}
	}
	return sorted(scores)
}

// read cuts the question into the words that say something, as a whole and in its
// parts, if there are several. typing says that the last word may be unfinished.
func (x *index) read(query string) (whole []string, parts [][]string, typing bool) {
	if utf8.RuneCountInString(query) > maxQuery {
		query = string([]rune(query)[:maxQuery])
	}
	for _, clause := range strings.FieldsFunc(query, func(r rune) bool { return strings.ContainsRune(",;.?!\n", r) }) {
		var part []string
		for _, w := range append(split(clause), "") {
			if w == "" || joins(w) {
				if len(part) > 0 {
					parts = append(parts, part)
				}
				part = nil
				continue
			}
			stop := x.lex.stop[inItalian][w] || x.lex.stop[inEnglish][w]
			if len(w) < 2 || stop || slices.Contains(whole, w) || len(whole) == maxWords {
				continue
			}
			whole, part = append(whole, w), append(part, w)
		}
	}
	if len(parts) < 2 {
		parts = nil
	}
	return whole, parts, query != "" && !strings.HasSuffix(query, " ")
}

// joins reports the words between the parts of a compound question.
func joins(word string) bool {
	switch word {
	case "e", "ed", "poi", "anche", "inoltre", "and", "also", "then":
		return true
	}
	return false
}

// score gives the practices that have some of the words.
func (x *index) score(words []string, typing bool) map[int]*ranked {
	scores := map[int]*ranked{}
	heard := map[term]float64{}
	for i, word := range words {
		candidates := x.candidates(word, typing && i == len(words)-1)
		for _, c := range candidates {
			heard[c.term] = max(heard[c.term], c.sure)
		}
		for practice, m := range x.best(word, candidates) {
			r := scores[practice]
			if r == nil {
				r = &ranked{practice: practice}
				scores[practice] = r
			}
			r.matches = append(r.matches, m)
			r.score += m.Points
		}
	}
	x.addPhrases(scores, heard)
	for practice, r := range scores {
		part := float64(len(r.matches)) / float64(len(words))
		r.score *= unread + (1-unread)*part
		if r.isNoise(part) {
			delete(scores, practice)
		}
	}
	return scores
}

// isNoise reports a practice that was found by chance: by little of the question,
// by guesses alone, or in minor places.
func (r *ranked) isNoise(part float64) bool {
	chance, minor := true, true
	for _, m := range r.matches {
		chance = chance && m.chance
		minor = minor && m.Where.weight() < InSummary.weight()
	}
	return part < leastPart || chance && part <= 0.5 || minor && r.score < leastScore
}

// best gives for each practice the most worthy of the candidates of one word.
func (x *index) best(word string, candidates []candidate) map[int]Match {
	found := map[int]Match{}
	for _, c := range candidates {
		for _, p := range x.terms[c.term] {
			if points := c.rarity * c.sure * p.weight; points > found[p.practice].Points {
				found[p.practice] = Match{word, c.word, p.where, points, c.chance}
			}
		}
	}
	return found
}

// addPhrases rewards practices with a title or keyword of which the question has
// every word, or most: the best of each practice counts.
func (x *index) addPhrases(scores map[int]*ranked, heard map[term]float64) {
	best := map[int]float64{}
	seen := map[int]bool{}
	for t := range heard {
		for _, at := range x.byTerm[t] {
			if seen[at] {
				continue
			}
			seen[at] = true
			p := &x.phrases[at]
			best[p.practice] = max(best[p.practice], x.phrase(p, heard))
		}
	}
	for practice, bonus := range best {
		scores[practice].score += bonus
	}
}

// phrase is what a phrase adds: the worth of its words that were heard, times the
// square of their part of it.
func (x *index) phrase(p *phrase, heard map[term]float64) float64 {
	var there, whole float64
	for _, t := range p.terms {
		rarity := x.rarity(t)
		whole += rarity
		there += rarity * heard[t]
	}
	part := there / whole
	return phraseWorth * there * part * part
}

// sorted puts the best first and cuts off what is far behind; equals stay in the
// order of the catalogue.
func sorted(scores map[int]*ranked) []ranked {
	list := make([]ranked, 0, len(scores))
	for _, r := range scores {
		list = append(list, *r)
	}
	slices.SortFunc(list, func(a, b ranked) int {
		return cmp.Or(cmp.Compare(b.score, a.score), a.practice-b.practice)
	})
	for i, r := range list {
		if r.score < leastShare*list[0].score {
			return list[:i]
		}
	}
	return list
}
