package orientation

import (
	"math"
	"math/bits"
	"slices"
	"strings"

	"github.com/spazio-in-comune/sportello/plugins/sdk"
)

// Where says in which part of a practice a word was found.
type Where string

// The parts that are searched, in the order of their weight.
const (
	InTitle    Where = "title"
	InKeywords Where = "keywords"
	InCode     Where = "code"
	InSummary  Where = "summary"
	InForWhom  Where = "for_whom"
	InOutcome  Where = "outcome"
	InPapers   Where = "documents"
	InForm     Where = "form"
	InService  Where = "service"
)

// weight is what a word counts there.
func (w Where) weight() float64 {
	switch w {
	case InTitle, InKeywords:
		return 4
	case InCode:
		return 3
	case InSummary:
		return 2.5
	case InForWhom, InOutcome:
		return 1.2
	case InPapers:
		return 1
	default:
		return 0.7
	}
}

// term is a stem in one language.
type term struct {
	stem     string
	language language
}

// posting is a practice that has a term.
type posting struct {
	practice int
	// where is the weightiest place; weight counts the others a little, too.
	where  Where
	weight float64
}

// otherPlaces is the part for which the further places of a term count.
const otherPlaces = 0.2

// form is a word as it stands in the catalogue. letters has a bit for each letter
// in it: words that differ by one slip differ in few of them.
type form struct {
	word    string
	term    term
	letters uint32
}

// phrase is a title or a keyword of a practice: its words belong together.
type phrase struct {
	practice int
	terms    []term
	words    string
}

// index is the catalogue, ready to be searched. It is immutable.
type index struct {
	lex     *lexicon
	entries []entry
	terms   map[term][]posting
	forms   []form // in alphabetical order
	known   map[string]bool
	phrases []phrase
	byTerm  map[term][]int // phrases
}

// entry is a practice in the index.
type entry struct {
	service  *sdk.Service
	practice *sdk.Practice
}

// build makes the index of services. It is a pure function of them.
func build(lex *lexicon, services []*sdk.Service) *index {
	x := &index{lex: lex, terms: map[term][]posting{}, known: map[string]bool{}, byTerm: map[term][]int{}}
	forms, stems := map[form]bool{}, map[term]string{}
	for _, s := range services {
		def := s.Definition()
		for i := range def.Practices {
			w := &writer{x: x, at: len(x.entries), places: map[term][]Where{}, forms: forms, stems: stems}
			x.entries = append(x.entries, entry{s, &def.Practices[i]})
			w.practice(&def.Practices[i])
			w.service(def)
			w.finish()
		}
	}
	for l := inItalian; l < languages; l++ {
		for _, word := range lex.forms[l] {
			forms[form{word, term{l.stem(word), l}, letters(word)}] = true
		}
	}
	for f := range forms {
		x.forms = append(x.forms, f)
		x.known[f.word] = true
	}
	slices.SortFunc(x.forms, func(a, b form) int {
		if c := strings.Compare(a.word, b.word); c != 0 {
			return c
		}
		return int(a.term.language - b.term.language)
	})
	return x
}

func letters(word string) uint32 {
	var set uint32
	for i := range len(word) {
		if c := word[i]; c >= 'a' && c <= 'z' {
			set |= 1 << (c - 'a')
		} else {
			set |= 1 << 26
		}
	}
	return set
}

// near is false for words that cannot be within so many slips of each other: one
// slip changes at most two letters of the set.
func (f *form) near(other uint32, slips int) bool {
	return bits.OnesCount32(f.letters^other) <= 2*slips
}

// writer collects the words of one practice.
type writer struct {
	x      *index
	at     int
	places map[term][]Where
	order  []term
	forms  map[form]bool
	stems  map[term]string // of words already met, as the same ones come again and again
}

func (w *writer) service(def *sdk.Definition) {
	w.text(InService, def.Title)
	w.text(InService, def.Description)
	for _, topic := range def.Topics {
		w.text(InService, topic)
	}
}

// finish weighs what was found.
func (w *writer) finish() {
	for _, t := range w.order {
		p := posting{practice: w.at}
		best, all := 0.0, 0.0
		for _, where := range w.places[t] {
			weight := where.weight()
			all += weight
			if weight > best {
				best, p.where = weight, where
			}
		}
		p.weight = best + otherPlaces*(all-best)
		w.x.terms[t] = append(w.x.terms[t], p)
	}
}

func (w *writer) practice(p *sdk.Practice) {
	w.phrase(InTitle, inItalian, p.Title.IT)
	w.phrase(InTitle, inEnglish, p.Title.EN)
	for _, k := range p.Keywords.IT {
		w.phrase(InKeywords, inItalian, k)
	}
	for _, k := range p.Keywords.EN {
		w.phrase(InKeywords, inEnglish, k)
	}
	w.words(InCode, inItalian, p.ID)
	w.text(InSummary, p.Summary)
	w.text(InForWhom, p.ForWhom)
	w.text(InOutcome, p.Outcome)
	for _, d := range p.Form.Documents {
		w.text(InPapers, d.Label)
	}
	for _, f := range p.Fees {
		w.text(InPapers, f.Label)
	}
	for _, law := range p.LegalBasis {
		w.words(InService, inItalian, law)
	}
	for i := range p.Form.Fields {
		w.text(InForm, p.Form.Fields[i].Label)
		for _, choice := range p.Form.Fields[i].Enum {
			w.text(InForm, choice.Label)
		}
	}
}

func (w *writer) text(where Where, t sdk.Text) {
	w.words(where, inItalian, t.IT)
	w.words(where, inEnglish, t.EN)
}

// phrase keeps the words together as well.
func (w *writer) phrase(where Where, l language, text string) {
	terms := w.words(where, l, text)
	if len(terms) == 0 {
		return
	}
	for _, t := range terms {
		if list := w.x.byTerm[t]; len(list) == 0 || list[len(list)-1] != len(w.x.phrases) {
			w.x.byTerm[t] = append(list, len(w.x.phrases))
		}
	}
	w.x.phrases = append(w.x.phrases, phrase{w.at, terms, text})
}

// words adds the words of a text, and gives their terms, each once.
func (w *writer) words(where Where, l language, text string) []term {
	var terms []term
	for _, word := range split(text) {
		if w.x.lex.stop[l][word] || len(word) < 2 {
			continue
		}
		t := term{w.stem(word, l), l}
		w.forms[form{word, t, letters(word)}] = true
		if !slices.Contains(terms, t) {
			terms = append(terms, t)
		}
		places := w.places[t]
		if len(places) == 0 {
			w.order = append(w.order, t)
		}
		if !slices.Contains(places, where) {
			w.places[t] = append(places, where)
		}
	}
	return terms
}

func (w *writer) stem(word string, l language) string {
	key := term{word, l}
	stem, met := w.stems[key]
	if !met {
		stem = l.stem(word)
		w.stems[key] = stem
	}
	return stem
}

// rarity is how much a term tells one practice from the others: 1 for a word of
// one practice, near 0 for a word of all.
func (x *index) rarity(t term) float64 { return x.rarityOf(len(x.terms[t])) }

func (x *index) rarityOf(have int) float64 {
	if have == 0 {
		return 1
	}
	all := float64(len(x.entries))
	return math.Log(1+all/float64(have)) / math.Log(1+all)
}
