package graph

import (
	"context"
	"maps"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"

	"github.com/spazio-in-comune/sportello/graph/transport"
	"github.com/spazio-in-comune/sportello/internal/stream"
)

// directiveShared marks, in the contract, what is the same for everybody.
const directiveShared = "shared"

// argAfter is the cursor of a subscription.
const argAfter = "after"

// share lets a subscription be executed once for all who ask the same, if everything that it asks for is marked as the
// same for everybody. It is executed for the public then, whoever asks. One refused for what its cursor is would be
// refused alone as well.
func (r *Resolver) share(ctx context.Context, op *graphql.OperationContext) (*transport.Shared, error) {
	field := rootOf(op)
	if !isShared(field) {
		return nil, nil
	}
	// A cursor changes nothing: the snapshot with which everybody begins is behind it.
	variables, cursor := withoutCursor(op, field)
	if cursor != nil {
		if err := stream.CheckCursor(*cursor); err != nil {
			return nil, err
		}
	}
	changed := r.Access.Changed() // before the scope is read: a change in between is not missed
	crowd, scope := r.Access.Crowd(ctx)
	return &transport.Shared{Context: crowd, Scope: scope, Variables: variables, Changed: changed}, nil
}

// rootOf is the one root field of a subscription, nil of other operations and where it is not plainly written.
func rootOf(op *graphql.OperationContext) *ast.Field {
	if op.Operation.Operation != ast.Subscription || len(op.Operation.SelectionSet) != 1 {
		return nil
	}
	field, _ := op.Operation.SelectionSet[0].(*ast.Field)
	return field
}

// isShared reports whether the field, and all that is asked of it, is the same for everybody.
func isShared(field *ast.Field) bool {
	return field != nil && sharedField(field) && sharedSet(field.SelectionSet, map[string]bool{})
}

// sharedSet reports whether all fields of a selection are shared.
func sharedSet(set ast.SelectionSet, seen map[string]bool) bool {
	for _, selection := range set {
		switch s := selection.(type) {
		case *ast.Field:
			if !sharedField(s) || !sharedSet(s.SelectionSet, seen) {
				return false
			}
		case *ast.InlineFragment:
			if !sharedSet(s.SelectionSet, seen) {
				return false
			}
		case *ast.FragmentSpread:
			if seen[s.Name] {
				continue
			}
			seen[s.Name] = true
			if s.Definition == nil || !sharedSet(s.Definition.SelectionSet, seen) {
				return false
			}
		}
	}
	return true
}

// sharedField reports whether a field, or the whole type that it is of, is marked.
func sharedField(f *ast.Field) bool {
	if f.Name == "__typename" {
		return true
	}
	return f.Definition != nil && f.Definition.Directives.ForName(directiveShared) != nil ||
		f.ObjectDefinition != nil && f.ObjectDefinition.Directives.ForName(directiveShared) != nil
}

// withoutCursor are the variables with the one that holds the cursor empty, and the cursor; nil where there is none.
func withoutCursor(op *graphql.OperationContext, field *ast.Field) (variables map[string]any, cursor *string) {
	arg := field.Arguments.ForName(argAfter)
	if arg == nil || arg.Value.Kind != ast.Variable {
		return op.Variables, nil
	}
	if given, ok := op.Variables[arg.Value.Raw].(string); ok {
		cursor = &given
	}
	variables = maps.Clone(op.Variables)
	if variables == nil {
		variables = map[string]any{}
	}
	variables[arg.Value.Raw] = nil
	return variables, cursor
}
