package limits

import (
	"context"
	"errors"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"
	"github.com/vektah/gqlparser/v2/parser"
)

// Guard is the gqlgen extension that applies a Table to every operation, on every transport.
type Guard struct {
	Table Table

	// Documents holds the documents that passed, by their text. It must be the very cache the server uses: what is in
	// it is not measured again. The coster's part, which depends on variables, is always done.
	Documents graphql.Cache[*ast.QueryDocument]

	// Sensitive says which root fields of a mutation may come only Table.Sensitive at a time, so that nobody tries a
	// thousand codes in one request. Nil means all.
	Sensitive func(field string) bool

	// Introspection says who may read the schema through the API. Nil means nobody.
	Introspection func(ctx context.Context) bool

	schema *ast.Schema
}

var _ interface {
	graphql.HandlerExtension
	graphql.OperationParameterMutator
	graphql.OperationContextMutator
} = (*Guard)(nil)

// ExtensionName names the extension for gqlgen.
func (g *Guard) ExtensionName() string { return "Limits" }

// Validate takes the schema the operations will be counted against.
func (g *Guard) Validate(es graphql.ExecutableSchema) error {
	if g.Documents == nil {
		return errors.New("limits: Guard.Documents is not set")
	}
	g.schema = es.Schema()
	return nil
}

// MutateOperationParameters refuses a document before gqlgen validates it. One that passes is parsed again by gqlgen
// the first time it is seen; that costs microseconds, and gqlgen has no other door before validation.
func (g *Guard) MutateOperationParameters(ctx context.Context, params *graphql.RawParams) *gqlerror.Error {
	if _, known := g.Documents.Get(ctx, params.Query); known {
		return nil
	}
	if err := g.Table.CheckText(params.Query); err != nil {
		return err
	}
	doc, err := parser.ParseQueryWithTokenLimit(&ast.Source{Input: params.Query}, g.Table.Tokens)
	if err != nil {
		return syntaxError(err)
	}
	return g.Table.CheckDocument(doc, g.Sensitive)
}

// MutateOperationContext refuses an operation by its types and variables, and opens introspection to whom it is for.
func (g *Guard) MutateOperationContext(ctx context.Context, op *graphql.OperationContext) *gqlerror.Error {
	op.DisableIntrospection = g.Introspection == nil || !g.Introspection(ctx)
	if op.DisableIntrospection && readsSchema(op.Operation.SelectionSet, map[string]bool{}) {
		return badInput("Introspection is not available here.")
	}
	return g.Table.CheckOperation(g.schema, op.Operation, op.Variables)
}

// readsSchema says whether a validated operation has introspection fields at its root, the only place they may stand.
func readsSchema(set ast.SelectionSet, seen map[string]bool) bool {
	for _, s := range set {
		switch s := s.(type) {
		case *ast.Field:
			if s.Name == "__schema" || s.Name == "__type" {
				return true
			}
		case *ast.InlineFragment:
			if readsSchema(s.SelectionSet, seen) {
				return true
			}
		case *ast.FragmentSpread:
			if seen[s.Name] || s.Definition == nil {
				continue
			}
			seen[s.Name] = true
			if readsSchema(s.Definition.SelectionSet, seen) {
				return true
			}
		}
	}
	return false
}
