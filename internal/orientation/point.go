package orientation

import (
	"slices"
	"sync"

	"github.com/spazio-in-comune/sportello/internal/town"
	"github.com/spazio-in-comune/sportello/plugins/sdk"
)

// Published is a definition as it stands in the catalogue now.
type Published struct {
	// Hash names it; the same hash is the same definition.
	Hash    string
	Service *sdk.Service
}

// Catalogue is what the information point sees of the departments.
type Catalogue interface {
	// Published gives the current definitions in the order of the catalogue.
	Published() []Published
}

// The number of answers: what is given where nobody says how many, and the most.
const (
	defaultHits = 5
	maxHits     = 20
)

// Point is the information point. Its methods may be called at the same time.
type Point struct {
	catalogue Catalogue
	town      *sdk.Town
	clock     town.Clock
	lex       *lexicon

	building sync.Mutex // held by whoever builds the index

	mu     sync.Mutex // guards the rest
	hashes []string
	index  *index
}

// New opens the information point; the clock says which fees are in force. An error
// means that its own file of words is wrong.
func New(catalogue Catalogue, shared *sdk.Town, clock town.Clock) (*Point, error) {
	lex, err := loadLexicon()
	if err != nil {
		return nil, err
	}
	return &Point{catalogue: catalogue, town: shared, clock: clock, lex: lex}, nil
}

// Ask gives the practices that may be meant, best first; none for a question that
// says nothing. first is how many at most: 5 where it is 0 or less, never more
// than 20. Of a question only the first 300 letters and 24 words are read.
func (p *Point) Ask(question string, first int) []Hit {
	if first <= 0 {
		first = defaultHits
	}
	x := p.current()
	found := x.search(question)
	found = found[:min(len(found), first, maxHits)]
	hits, today := make([]Hit, len(found)), town.Today(p.clock.Now())
	for i, r := range found {
		hits[i] = x.hit(r, p.town, today)
	}
	return hits
}

// current is the index of what is published now. Whoever first asks after a change
// builds it again; the others are answered from the old one meanwhile.
func (p *Point) current() *index {
	published := p.catalogue.Published()
	hashes := make([]string, len(published))
	for i, d := range published {
		hashes[i] = d.Hash
	}
	x, fresh := p.have(hashes)
	if fresh {
		return x
	}
	if x == nil {
		p.building.Lock()
	} else if !p.building.TryLock() {
		return x
	}
	defer p.building.Unlock()
	if x, fresh = p.have(hashes); fresh {
		return x // somebody was faster
	}
	services := make([]*sdk.Service, len(published))
	for i, d := range published {
		services[i] = d.Service
	}
	x = build(p.lex, services)
	p.mu.Lock()
	defer p.mu.Unlock()
	p.index, p.hashes = x, hashes
	return x
}

// have is the index that there is, and whether it is of these definitions.
func (p *Point) have(hashes []string) (*index, bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.index, p.index != nil && slices.Equal(hashes, p.hashes)
}
