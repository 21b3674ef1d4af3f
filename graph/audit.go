package graph

import (
	"context"
	"slices"
	"strings"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"

	"github.com/spazio-in-comune/sportello/ent"
	"github.com/spazio-in-comune/sportello/graph/model"
	"github.com/spazio-in-comune/sportello/internal/access"
	"github.com/spazio-in-comune/sportello/internal/audit"
	"github.com/spazio-in-comune/sportello/internal/town"
)

// audited stores what an answer has opened of personal data before it leaves: that of a
// query, of a mutation's payload, of each delivery of a subscription. If that cannot be
// stored, nothing of the answer leaves, and a subscription ends.
func (r *Resolver) audited(present graphql.ErrorPresenterFunc) graphql.ResponseMiddleware {
	return func(ctx context.Context, next graphql.ResponseHandler) *graphql.Response {
		response := next(ctx)
		if response == nil {
			return nil
		}
		op := graphql.GetOperationContext(ctx)
		err := r.Audit.Reads(ctx, asked(op))
		if err == nil {
			return response
		}
		silent := &graphql.Response{Errors: gqlerror.List{present(ctx, err)}}
		if op.Operation.Operation != ast.Subscription {
			silent.Data = []byte("null")
		}
		return silent
	}
}

// asked are the root fields of the operation: names of the contract's, never the client's.
func asked(op *graphql.OperationContext) string {
	if op == nil || op.Operation == nil { // the document was refused
		return ""
	}
	root := map[ast.Operation]string{ast.Query: "Query", ast.Mutation: "Mutation", ast.Subscription: "Subscription"}[op.Operation.Operation]
	var names []string
	for _, field := range graphql.CollectFields(op, op.Operation.SelectionSet, []string{root}) {
		names = append(names, field.Name)
	}
	slices.Sort(names)
	return strings.Join(slices.Compact(names), " ")
}

// beginAction names the mutation in the audit of what it does.
func beginAction(ctx context.Context, next graphql.RootResolver) graphql.Marshaler {
	if graphql.GetOperationContext(ctx).Operation.Operation == ast.Mutation {
		access.Begin(ctx, graphql.GetRootFieldContext(ctx).Field.Name)
	}
	return next(ctx)
}

func auditConnection(page town.Page[*audit.Entry]) *model.AuditEntryConnection {
	return &model.AuditEntryConnection{
		Edges: edges(page, func(e *audit.Entry) *model.AuditEntryEdge {
			return &model.AuditEntryEdge{Cursor: town.Cursor(e.Position()), Node: e}
		}),
		PageInfo: pageInfo(page, (*audit.Entry).Position),
	}
}

func accessConnection(page town.Page[*audit.Access]) *model.FileAccessConnection {
	return &model.FileAccessConnection{
		Edges: edges(page, func(a *audit.Access) *model.FileAccessEdge {
			return &model.FileAccessEdge{Cursor: town.Cursor(a.Position()), Node: a}
		}),
		PageInfo: pageInfo(page, (*audit.Access).Position),
	}
}

// officesOf are the offices with the codes; those that are no longer there are left out.
func officesOf(ctx context.Context, codes []string) ([]*ent.Office, error) {
	offices, err := load(ctx).office.LoadAll(ctx, codes)
	if err != nil {
		return nil, err
	}
	return present(offices), nil
}

// casesAmong are the cases among the things that the viewer may see, also those of which
// a line of the history or a paper was opened.
func casesAmong(ctx context.Context, ids []string) ([]*ent.CaseFile, error) {
	set := load(ctx)
	byPrefix := map[town.Prefix][]string{}
	for _, id := range ids {
		byPrefix[town.PrefixOf(id)] = append(byPrefix[town.PrefixOf(id)], id)
	}
	cases := byPrefix[town.PrefixCase]
	entries, err := set.entry.LoadAll(ctx, byPrefix[town.PrefixEntry])
	if err != nil {
		return nil, err
	}
	for _, e := range present(entries) {
		cases = append(cases, e.CaseID)
	}
	papers, err := set.document.LoadAll(ctx, byPrefix[town.PrefixDocument])
	if err != nil {
		return nil, err
	}
	for _, p := range present(papers) {
		cases = append(cases, p.CaseID)
	}
	slices.Sort(cases)
	files, err := set.caseFile.LoadAll(ctx, slices.Compact(cases))
	if err != nil {
		return nil, err
	}
	return present(files), nil
}

// present leaves out what is missing or hidden.
func present[T any](list []*T) []*T {
	found := []*T{}
	for _, one := range list {
		if one != nil {
			found = append(found, one)
		}
	}
	return found
}
