package limits

import (
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"
)

// CheckDocument refuses a parsed document before validation. It looks at every operation and every fragment, used or
// not, because validation would. Each fragment is measured once, so the work is linear in the document whatever its
// fragments spread; fragments that spread each other in a circle are refused here.
//
// sensitive says which root fields of a mutation count against Table.Sensitive; nil means all of them.
func (t Table) CheckDocument(doc *ast.QueryDocument, sensitive func(field string) bool) *gqlerror.Error {
	if n := len(doc.Operations); n > t.Operations {
		return tooMany("operations", t.Operations, n)
	}
	if n := len(doc.Fragments); n > t.Fragments {
		return tooMany("fragments", t.Fragments, n)
	}
	if err := t.checkWritten(doc); err != nil {
		return err
	}
	if err := t.checkOpened(doc); err != nil {
		return err
	}
	for _, op := range doc.Operations {
		if op.Operation != ast.Mutation {
			continue
		}
		if n := countSensitive(doc, op, sensitive); n > t.Sensitive {
			return tooMany("mutations of a kind that is sent one at a time", t.Sensitive, n)
		}
	}
	return nil
}

// checkWritten counts what stands in the text, each fragment once.
func (t Table) checkWritten(doc *ast.QueryDocument) *gqlerror.Error {
	w := written{}
	for _, op := range doc.Operations {
		w.directives += len(op.Directives)
		for _, v := range op.VariableDefinitions {
			w.directives += len(v.Directives)
		}
		w.add(op.SelectionSet)
	}
	for _, f := range doc.Fragments {
		w.directives += len(f.Directives)
		w.add(f.SelectionSet)
	}
	switch {
	case w.aliases > t.Aliases:
		return tooMany("aliases", t.Aliases, w.aliases)
	case w.directives > t.Directives:
		return tooMany("directives", t.Directives, w.directives)
	}
	return nil
}

type written struct{ aliases, directives int }

func (w *written) add(set ast.SelectionSet) {
	for _, s := range set {
		switch s := s.(type) {
		case *ast.Field:
			if s.Alias != s.Name {
				w.aliases++
			}
			w.directives += len(s.Directives)
			w.add(s.SelectionSet)
		case *ast.InlineFragment:
			w.directives += len(s.Directives)
			w.add(s.SelectionSet)
		case *ast.FragmentSpread:
			w.directives += len(s.Directives)
		}
	}
}

// checkOpened measures operations and fragments with their fragments opened, then looks for repeats: only once the
// opened size is known to be small may the opened tree be walked.
func (t Table) checkOpened(doc *ast.QueryDocument) *gqlerror.Error {
	o := newOpener(doc)
	for _, op := range doc.Operations {
		m := o.set(op.SelectionSet)
		if m.root > t.RootFields {
			return tooMany("root fields", t.RootFields, m.root)
		}
		if err := t.checkMeasure(m); err != nil {
			return err
		}
	}
	for _, f := range doc.Fragments {
		if err := t.checkMeasure(o.fragment(f.Name)); err != nil {
			return err
		}
	}
	for _, op := range doc.Operations {
		if n := o.repeats(op.SelectionSet, t.Repeats); n > t.Repeats {
			return tooMany("repeats of one field", t.Repeats, n)
		}
	}
	for _, f := range doc.Fragments {
		if n := o.repeats(f.SelectionSet, t.Repeats); n > t.Repeats {
			return tooMany("repeats of one field", t.Repeats, n)
		}
	}
	return nil
}

func (t Table) checkMeasure(m measure) *gqlerror.Error {
	switch {
	case m.circle:
		return badInput("The document's fragments spread each other in a circle.")
	case m.depth > t.Depth:
		return tooMany("levels of fields", t.Depth, m.depth)
	case m.fields > t.Fields:
		return tooMany("fields once its fragments are opened", t.Fields, m.fields)
	}
	return nil
}

// countSensitive counts the distinct root fields of a mutation that are of a sensitive kind. It runs after checkOpened:
// the opened tree is small and has no circles.
func countSensitive(doc *ast.QueryDocument, op *ast.OperationDefinition, sensitive func(string) bool) int {
	names := map[string]bool{}
	var add func(set ast.SelectionSet)
	add = func(set ast.SelectionSet) {
		for _, s := range set {
			switch s := s.(type) {
			case *ast.Field:
				if s.Name != "__typename" && (sensitive == nil || sensitive(s.Name)) {
					names[s.Alias] = true
				}
			case *ast.InlineFragment:
				add(s.SelectionSet)
			case *ast.FragmentSpread:
				if f := doc.Fragments.ForName(s.Name); f != nil {
					add(f.SelectionSet)
				}
			}
		}
	}
	add(op.SelectionSet)
	return len(names)
}
