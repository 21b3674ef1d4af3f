package graph

import (
	"os"
	"testing"

	"github.com/99designs/gqlgen/graphql"
	"github.com/google/go-cmp/cmp"
	"github.com/vektah/gqlparser/v2"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/validator/rules"
)

// TestWhatIsShared: a subscription is shared only if every field that it asks for is marked.
func TestWhatIsShared(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("../schema.graphql")
	if err != nil {
		t.Fatal(err)
	}
	schema := gqlparser.MustLoadSchema(&ast.Source{Name: "schema.graphql", Input: string(text)})
	const calls = `calls { label office { code title { it } } }`
	for name, tt := range map[string]struct {
		document string
		want     bool
	}{
		"a board":             {`subscription { boardChanged(siteId: "1") { __typename kind cursor board { at ` + calls + ` } } }`, true},
		"its site":            {`subscription { boardChanged(siteId: "1") { board { site { id name openHours series { letter } } } } }`, true},
		"in a fragment":       {`subscription { boardChanged(siteId: "1") { ...F } } fragment F on BoardUpdate { board { ... { ` + calls + ` } } }`, true},
		"desks":               {`subscription { boardChanged(siteId: "1") { board { site { counters { id } } } } }`, false},
		"desks in a fragment": {`subscription { boardChanged(siteId: "1") { ...F } } fragment F on BoardUpdate { board { site { counters { id } } } }`, false},
		"of any node":         {`subscription { boardChanged(siteId: "1") { board { site { ... on Node { id } } } } }`, false},
		"something else":      {`subscription { queueChanged(siteId: "1", officeCode: "a") { cursor } }`, false},
		"no subscription":     {`{ board(siteId: "1") { at } }`, false},
		"a fragment at root":  {`subscription { ...F } fragment F on Subscription { boardChanged(siteId: "1") { cursor } }`, false},
	} {
		doc, errs := gqlparser.LoadQueryWithRules(schema, tt.document, rules.NewDefaultRules())
		if len(errs) > 0 {
			t.Fatalf("%s: %v", name, errs)
		}
		field := rootOf(&graphql.OperationContext{Operation: doc.Operations[0]})
		if got := isShared(field); got != tt.want {
			t.Errorf("%s: shared %v", name, got)
		}
	}
}

func TestWithoutCursor(t *testing.T) {
	t.Parallel()
	variable := &ast.Value{Kind: ast.Variable, Raw: "from"}
	literal := &ast.Value{Kind: ast.StringValue, Raw: "x"}
	given := map[string]any{"from": "x", "site": "1"}
	for name, tt := range map[string]struct {
		arg       *ast.Value
		variables map[string]any
		want      map[string]any
		cursor    string
	}{
		"given":     {variable, given, map[string]any{"from": nil, "site": "1"}, "x"},
		"not given": {variable, nil, map[string]any{"from": nil}, ""},
		"null":      {variable, map[string]any{"from": nil}, map[string]any{"from": nil}, ""},
		"literal":   {literal, map[string]any{"site": "1"}, map[string]any{"site": "1"}, ""},
	} {
		field := &ast.Field{Arguments: ast.ArgumentList{{Name: "after", Value: tt.arg}}}
		variables, cursor := withoutCursor(&graphql.OperationContext{Variables: tt.variables}, field)
		if diff := cmp.Diff(tt.want, variables); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
		if (cursor != nil) != (tt.cursor != "") || cursor != nil && *cursor != tt.cursor {
			t.Errorf("%s: cursor %v", name, cursor)
		}
	}
	if given["from"] != "x" {
		t.Error("the variables of whoever asks were changed")
	}
}
