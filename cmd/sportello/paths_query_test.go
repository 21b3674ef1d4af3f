package main

import (
	"fmt"
	"slices"
	"strings"

	"github.com/vektah/gqlparser/v2/ast"

	"github.com/spazio-in-comune/sportello/internal/town"
)

// selections writes what is asked of a thing: every leaf, every part, and every edge, as
// deep as wanted. One fragment for each type and depth keeps the text short.
type selections struct {
	schema *ast.Schema
	made   map[string]string // text of a fragment by its name
	edges  map[string]bool   // the edges that are walked
}

func newSelections(s *ast.Schema) *selections {
	return &selections{schema: s, made: map[string]string{}, edges: map[string]bool{}}
}

// of is the selection set on a type, things to the given depth.
func (b *selections) of(kind string, depth int) string {
	name := fmt.Sprintf("%s_%d", kind, depth)
	if _, made := b.made[name]; !made {
		b.made[name] = "" // a type that holds itself
		def := b.schema.Types[kind]
		fields := []string{"__typename"}
		for _, f := range fieldsOf(def) {
			if text := b.field(def, f, depth); text != "" {
				fields = append(fields, text)
			}
		}
		b.made[name] = fmt.Sprintf("fragment %s on %s { %s }", name, kind, strings.Join(fields, " "))
	}
	return "{ ..." + name + " }"
}

// key is the selection of what tells a thing only.
func (b *selections) key(kind string) string {
	if key := things()[kind]; key != "office" {
		return "{ __typename " + key + " }"
	}
	return "{ __typename office { code } }"
}

func (b *selections) field(from *ast.Definition, f *ast.FieldDefinition, depth int) string {
	if slices.ContainsFunc(f.Arguments, func(a *ast.ArgumentDefinition) bool { return a.Type.NonNull && a.DefaultValue == nil }) {
		return "" // the test of the contract asks how it is tried
	}
	to, asked := b.schema.Types[f.Type.Name()], f.Name
	if f.Arguments.ForName("first") != nil {
		asked += fmt.Sprintf("(first: %d)", town.MaxPageSize)
	}
	_, thing := things()[to.Name]
	switch {
	case to.IsLeafType():
		return asked
	case leadsToThing(b.schema, to.Name) && !thing: // a wrapper
		if depth == 0 {
			return ""
		}
		if things()[from.Name] != "" {
			b.edges[from.Name+"."+f.Name] = true
		}
		return asked + " " + b.of(to.Name, depth)
	case thing && wrapper(from.Name):
		return asked + " " + b.of(to.Name, depth-1)
	case thing && depth == 0:
		return ""
	case thing:
		b.edges[from.Name+"."+f.Name] = true
		return asked + " " + b.of(to.Name, depth-1)
	case slices.Contains(published(), to.Name):
		return asked + " " + b.briefly(to)
	default:
		return asked + " " + b.of(to.Name, depth)
	}
}

// briefly asks something public for its own leaves.
func (b *selections) briefly(def *ast.Definition) string {
	fields := []string{"__typename"}
	for _, f := range fieldsOf(def) {
		if b.schema.Types[f.Type.Name()].IsLeafType() && len(f.Arguments) == 0 && f.Name != "toVerify" {
			fields = append(fields, f.Name)
		}
	}
	return "{ " + strings.Join(fields, " ") + " }"
}

// document is an operation with the fragments that it needs.
func (b *selections) document(operation string) string {
	needed := map[string]bool{}
	var gather func(text string)
	gather = func(text string) {
		for name, body := range b.made {
			if !needed[name] && strings.Contains(text, "..."+name+" ") {
				needed[name] = true
				gather(body)
			}
		}
	}
	gather(operation)
	text := operation
	for name := range needed {
		text += "\n" + b.made[name]
	}
	return text
}
