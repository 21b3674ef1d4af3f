package transport

import (
	"context"
	"testing"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/gqlerror"
)

// played is an execution whose results are known beforehand.
type played struct {
	graphql.GraphExecutor

	results []*graphql.Response
}

func (p *played) DispatchOperation(ctx context.Context, _ *graphql.OperationContext) (graphql.ResponseHandler, context.Context) {
	return func(context.Context) *graphql.Response {
		if len(p.results) == 0 {
			return nil
		}
		next := p.results[0]
		p.results = p.results[1:]
		return next
	}, ctx
}

func (p *played) DispatchError(_ context.Context, list gqlerror.List) *graphql.Response {
	return &graphql.Response{Errors: list}
}

// What could not be read while the database was away is not sent in parts, nor passed over:
// the stream ends there, and the cursor of the result before still leads to it.
func TestAResultThatCouldNotBeReadEndsTheStream(t *testing.T) {
	failed := func(code string) gqlerror.List {
		return gqlerror.List{{Message: "no", Extensions: map[string]any{"code": code}}}
	}
	whole := &graphql.Response{Data: []byte(`{"update":{"cursor":"1"}}`)}
	for name, tc := range map[string]struct {
		second *graphql.Response
		sent   int
		code   any
	}{
		"all of it is missing":     {&graphql.Response{Data: []byte("null"), Errors: failed("UNAVAILABLE")}, 1, "UNAVAILABLE"},
		"a part of it is missing":  {&graphql.Response{Data: []byte(`{"update":{"cursor":"2","leg":null}}`), Errors: failed("UNAVAILABLE")}, 1, "UNAVAILABLE"},
		"a part is not for anyone": {&graphql.Response{Data: []byte(`{"update":{"cursor":"2","leg":null}}`), Errors: failed("FORBIDDEN")}, 3, nil},
		"nothing is missing":       {whole, 3, nil},
	} {
		t.Run(name, func(t *testing.T) {
			exec := &played{results: []*graphql.Response{whole, tc.second, whole}}
			op, sent := &graphql.OperationContext{}, 0
			ctx := graphql.WithOperationContext(t.Context(), op)
			errs := follow(ctx, exec, op, func(context.Context, *graphql.Response) bool { sent++; return true })
			var code any
			if len(errs) > 0 {
				code = errs[0].Extensions["code"]
			}
			if sent != tc.sent || code != tc.code {
				t.Errorf("%d results and %v, want %d and %v", sent, code, tc.sent, tc.code)
			}
		})
	}
}
