package limits

import (
	"strings"

	"github.com/vektah/gqlparser/v2/ast"
)

// ceiling is where counts stop growing: a chain of fragments that each spread the next one twice would overflow an int.
const ceiling = 1 << 30

func plus(a, b int) int  { return min(a+b, ceiling) }
func times(a, b int) int { return int(min(int64(a)*int64(b), ceiling)) }

// measure is the size of a selection set with its fragments opened.
type measure struct {
	root   int  // fields at its own level
	fields int  // fields at every level
	depth  int  // levels of fields
	circle bool // a fragment leads back to itself
}

// opener measures selection sets, each fragment once.
type opener struct {
	fragments map[string]*ast.FragmentDefinition
	measured  map[string]measure
	open      map[string]bool // fragments being measured: meeting one again is a circle
}

func newOpener(doc *ast.QueryDocument) *opener {
	o := &opener{
		fragments: make(map[string]*ast.FragmentDefinition, len(doc.Fragments)),
		measured:  map[string]measure{},
		open:      map[string]bool{},
	}
	for _, f := range doc.Fragments {
		if o.fragments[f.Name] == nil { // of two with one name, the first counts, as in validation
			o.fragments[f.Name] = f
		}
	}
	return o
}

func (o *opener) set(set ast.SelectionSet) measure {
	var m measure
	for _, s := range set {
		switch s := s.(type) {
		case *ast.Field:
			child := o.set(s.SelectionSet)
			if s.Name == "__schema" || s.Name == "__type" {
				child.depth = 0 // the standard introspection query is 14 deep; validation limits its lists
			}
			m.merge(measure{root: 1, fields: plus(1, child.fields), depth: 1 + child.depth, circle: child.circle})
		case *ast.InlineFragment:
			m.merge(o.set(s.SelectionSet))
		case *ast.FragmentSpread:
			m.merge(o.fragment(s.Name))
		}
	}
	return m
}

func (m *measure) merge(n measure) {
	m.root = plus(m.root, n.root)
	m.fields = plus(m.fields, n.fields)
	m.depth = max(m.depth, n.depth)
	m.circle = m.circle || n.circle
}

// fragment measures a fragment by name. An unknown one measures nothing: validation reports it.
func (o *opener) fragment(name string) measure {
	if m, ok := o.measured[name]; ok {
		return m
	}
	f := o.fragments[name]
	if f == nil {
		return measure{}
	}
	if o.open[name] {
		return measure{circle: true}
	}
	o.open[name] = true
	m := o.set(f.SelectionSet)
	if strings.HasPrefix(f.TypeCondition, "__") { // it stands below __schema or __type, or nowhere
		m.depth = 0
	}
	delete(o.open, name)
	o.measured[name] = m
	return m
}

// repeats returns how often the most repeated response path of a selection set is selected, stopping as soon as one is
// over the limit. Fields with the same response name are merged level by level as execution would, because validation
// compares all that land on one path with each other. The set must be without circles and of limited opened size.
func (o *opener) repeats(set ast.SelectionSet, limit int) int {
	return o.mergedRepeats([]ast.SelectionSet{set}, limit)
}

func (o *opener) mergedRepeats(sets []ast.SelectionSet, limit int) int {
	byName := map[string]*repeated{}
	seen := map[string]bool{}
	for _, set := range sets {
		o.collect(set, byName, seen)
	}
	most := 0
	for _, r := range byName {
		most = max(most, r.times)
		if most > limit {
			return most
		}
		if len(r.sets) > 0 {
			most = max(most, o.mergedRepeats(r.sets, limit))
		}
	}
	return most
}

type repeated struct {
	times int
	sets  []ast.SelectionSet
}

func (o *opener) collect(set ast.SelectionSet, byName map[string]*repeated, seen map[string]bool) {
	for _, s := range set {
		switch s := s.(type) {
		case *ast.Field:
			r := byName[s.Alias]
			if r == nil {
				r = &repeated{}
				byName[s.Alias] = r
			}
			r.times++
			if len(s.SelectionSet) > 0 {
				r.sets = append(r.sets, s.SelectionSet)
			}
		case *ast.InlineFragment:
			o.collect(s.SelectionSet, byName, seen)
		case *ast.FragmentSpread:
			if f := o.fragments[s.Name]; f != nil && !seen[s.Name] {
				seen[s.Name] = true
				o.collect(f.SelectionSet, byName, seen)
			}
		}
	}
}
