package orientation_test

import (
	"context"
	"fmt"
	"os"
	"strings"
	"sync"
	"testing"

	"github.com/spazio-in-comune/sportello/internal/orientation"
	"github.com/spazio-in-comune/sportello/internal/town"
	"github.com/spazio-in-comune/sportello/plugins"
	"github.com/spazio-in-comune/sportello/plugins/sdk"
	towndata "github.com/spazio-in-comune/sportello/plugins/town"
)

// shelf is a catalogue that a test fills.
type shelf struct {
	mu        sync.Mutex
	published []orientation.Published
}

func (s *shelf) Published() []orientation.Published {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]orientation.Published{}, s.published...)
}

func (s *shelf) put(t testing.TB, def *sdk.Definition) {
	t.Helper()
	service, err := sdk.Compile(def, nil)
	if err != nil {
		t.Fatal(err)
	}
	hash, err := def.Hash()
	if err != nil {
		t.Fatal(err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for i, p := range s.published {
		if p.Service.Definition().Service == def.Service {
			s.published[i] = orientation.Published{Hash: hash, Service: service}
			return
		}
	}
	s.published = append(s.published, orientation.Published{Hash: hash, Service: service})
}

// loaded are the definitions of the departments of the house, read once for all tests.
var loaded = sync.OnceValues(func() ([]*sdk.Definition, error) {
	var list []*sdk.Definition
	for _, b := range plugins.All() {
		department, err := b.New()
		if err != nil {
			return nil, err
		}
		described, err := department.Describe(context.Background(), sdk.DescribeRequest{})
		if err != nil {
			return nil, err
		}
		list = append(list, described.Definition)
	}
	return list, nil
})

func bundled(t testing.TB) []*sdk.Definition {
	t.Helper()
	list, err := loaded()
	if err != nil {
		t.Fatal(err)
	}
	return list
}

func open(t testing.TB, catalogue orientation.Catalogue) *orientation.Point {
	t.Helper()
	shared, err := towndata.Load()
	if err != nil {
		t.Fatal(err)
	}
	point, err := orientation.New(catalogue, shared, town.SystemClock{})
	if err != nil {
		t.Fatal(err)
	}
	return point
}

// house is the information point of the whole house.
func house(t testing.TB) *orientation.Point {
	t.Helper()
	s := &shelf{}
	for _, def := range bundled(t) {
		s.put(t, def)
	}
	return open(t, s)
}

// phrasing is a question as people ask it, with the practice that they mean.
type phrasing struct {
	Text     string `yaml:"text"`
	Lang     string `yaml:"lang"`
	Practice string `yaml:"practice"`
	Set      string `yaml:"set"`
}

func phrasings(t testing.TB) []phrasing {
	t.Helper()
	var file struct {
		Phrasings []phrasing `yaml:"phrasings"`
	}
	if err := sdk.DecodeYAML(os.DirFS("testdata"), "phrasings.yaml", &file); err != nil {
		t.Fatal(err)
	}
	return file.Phrasings
}

// place is where a practice stands among the hits, from 0; -1 if it does not.
func place(hits []orientation.Hit, practice string) int {
	for i, h := range hits {
		if h.Practice.ID == practice {
			return i
		}
	}
	return -1
}

// names says what was found and why, for the message of a failure.
func names(hits []orientation.Hit) string {
	var b strings.Builder
	for _, h := range hits {
		fmt.Fprintf(&b, "\n  %.1f %s", h.Score, h.Practice.ID)
		for _, m := range h.Matches {
			fmt.Fprintf(&b, " [%s=%s in %s %.1f]", m.Word, m.Found, m.Where, m.Points)
		}
	}
	return b.String()
}
