package orientation

import (
	"slices"
	"strings"
)

// How sure it is that a word of the catalogue is meant.
const (
	sureSame   = 1.0
	sureAlike  = 0.6  // another word for it
	surePrefix = 0.75 // the beginning of it, as the last word while one types
	sureLonger = 0.3  // the same, where it is a word itself
	sureSlip   = 0.8  // with a typing error; once more for each further one
)

// candidate is a term that a word may mean.
type candidate struct {
	term term
	word string // as it stands in the catalogue
	sure float64
	// rarity of the term, or of all that begin so.
	rarity float64
	// chance marks a guess at the spelling that may well be wrong.
	chance bool
}

// candidates are the terms that a word may mean, with how sure each is.
func (x *index) candidates(word string, typing bool) []candidate {
	var list []candidate
	for l := inItalian; l < languages; l++ {
		list = x.same(list, term{l.stem(word), l}, word, sureSame)
	}
	if typing && len(word) >= 3 {
		list = x.beginning(list, word)
	}
	if len(list) == 0 && !x.known[word] {
		list = x.slips(list, word)
	}
	return list
}

// same adds a term and those that are alike.
func (x *index) same(list []candidate, t term, word string, sure float64) []candidate {
	if len(x.terms[t]) > 0 {
		list = append(list, candidate{t, word, sure, x.rarity(t), false})
	}
	for _, stem := range x.lex.alike[t.language][t.stem] {
		other := term{stem, t.language}
		if len(x.terms[other]) > 0 {
			list = append(list, candidate{other, stem, sure * sureAlike, x.rarity(other), false})
		}
	}
	return list
}

// beginning adds the words that begin so. They are as rare as all of them
// together: who types "res" means the residence more likely than the respite.
func (x *index) beginning(list []candidate, word string) []candidate {
	from, _ := slices.BinarySearchFunc(x.forms, word, func(f form, w string) int { return strings.Compare(f.word, w) })
	sure := surePrefix
	if x.known[word] && len(word) > 3 {
		sure = sureLonger
	}
	first, practices := len(list), map[int]bool{}
	for _, f := range x.forms[from:] {
		if !strings.HasPrefix(f.word, word) {
			break
		}
		for _, p := range x.terms[f.term] {
			practices[p.practice] = true
		}
		list = append(list, candidate{f.term, f.word, sure, 0, false})
	}
	for i := range list[first:] {
		list[first+i].rarity = x.rarityOf(len(practices))
	}
	return list
}

// slips adds the nearest words to one that nobody knows.
func (x *index) slips(list []candidate, word string) []candidate {
	type near struct {
		form  *form
		slips int
	}
	var found []near
	set, best := letters(word), allowedErrors(len(word))
	for i := range x.forms {
		f := &x.forms[i]
		if best == 0 || len(f.word) < 4 || !f.near(set, best) {
			continue
		}
		n, ok := typingErrors(word, f.word, best)
		// Of two slips none is in the first letter, or it is another word.
		if ok && (n < 2 || f.word[0] == word[0]) {
			best = n
			found = append(found, near{f, n})
		}
	}
	for _, n := range found {
		if n.slips > best {
			continue
		}
		sure := sureSlip
		for range n.slips - 1 {
			sure *= sureSlip
		}
		list = x.same(list, n.form.term, n.form.word, sure)
	}
	for i := range list {
		list[i].chance = best > 1 || len(word) < longWord
	}
	return list
}
