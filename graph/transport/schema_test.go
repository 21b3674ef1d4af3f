package transport_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2"
	"github.com/vektah/gqlparser/v2/ast"

	"github.com/spazio-in-comune/sportello/graph/limits"
	"github.com/spazio-in-comune/sportello/graph/transport"
)

const testSchema = `
type Query {
  hello(name: String): String
  id(id: ID!): ID!
  fails: String
  failsWhole: String!
  refused: String
  slow: String
  panics: String
  big(kilobytes: Int!): String
  viewer: String
}
type Mutation { take(code: String!): String  note(text: String): String }
type Subscription {
  ticks(count: Int!): Int!
  waits: Int!
  flood(kilobytes: Int!): String!
  refused: Int!
  endsBadly: Int!
  pushed: Int!
  board(site: String!, after: String, kilobytes: Int): String!
}
`

// office is an executable schema without generated code: it executes flat selections, which is all that a transport
// needs to be tried out.
type office struct {
	schema  *ast.Schema
	taken   atomic.Int64 // mutations executed
	waiting atomic.Int64 // subscriptions in progress
	pushed  chan int     // what the subscription "pushed" delivers
	boards  *boards
}

func newOffice() *office {
	return &office{
		schema: gqlparser.MustLoadSchema(&ast.Source{Input: testSchema}),
		pushed: make(chan int),
		boards: &boards{},
	}
}

type viewerKey struct{}

func (o *office) Schema() *ast.Schema { return o.schema }

func (o *office) Complexity(context.Context, string, string, int, map[string]any) (int, bool) {
	return 0, false
}

func (o *office) Exec(ctx context.Context) graphql.ResponseHandler {
	op := graphql.GetOperationContext(ctx)
	if op.Operation.Operation == ast.Subscription {
		return o.subscribe(ctx, op)
	}
	done := false
	return func(ctx context.Context) *graphql.Response {
		if done {
			return nil
		}
		done = true
		return o.resolve(ctx, op)
	}
}

func (o *office) resolve(ctx context.Context, op *graphql.OperationContext) *graphql.Response {
	var out strings.Builder
	out.WriteByte('{')
	for i, f := range graphql.CollectFields(op, op.Operation.SelectionSet, []string{"Query", "Mutation"}) {
		if i > 0 {
			out.WriteByte(',')
		}
		value, err := o.field(ctx, f.Name, f.ArgumentMap(op.Variables))
		if err != nil {
			graphql.AddError(ctx, err)
			if f.Definition.Type.NonNull {
				return &graphql.Response{Data: []byte("null")}
			}
			value = nil
		}
		encoded, err := json.Marshal(value)
		if err != nil {
			panic(err)
		}
		fmt.Fprintf(&out, "%q:%s", f.Alias, encoded)
	}
	out.WriteByte('}')
	return &graphql.Response{Data: []byte(out.String())}
}

func (o *office) field(ctx context.Context, name string, args map[string]any) (any, error) {
	switch name {
	case "__typename":
		return "Query", nil
	case "hello":
		return args["name"], nil
	case "id":
		return args["id"], nil
	case "fails", "failsWhole":
		return nil, errors.New("no luck")
	case "slow":
		<-ctx.Done()
		return nil, ctx.Err()
	case "panics":
		panic("a resolver's secret")
	case "big":
		return strings.Repeat("x", int(args["kilobytes"].(int64))<<10), nil
	case "viewer":
		viewer, _ := ctx.Value(viewerKey{}).(string)
		return viewer, nil
	case "take", "note":
		o.taken.Add(1)
		return "done", nil
	}
	return nil, nil
}

func (o *office) subscribe(ctx context.Context, op *graphql.OperationContext) graphql.ResponseHandler {
	f := graphql.CollectFields(op, op.Operation.SelectionSet, []string{"Subscription"})[0]
	args := f.ArgumentMap(op.Variables)
	o.waiting.Add(1)
	context.AfterFunc(ctx, func() { o.waiting.Add(-1) })
	var memory bytes.Buffer // generated code makes each result in that of the last
	data := func(v any) *graphql.Response {
		memory.Reset()
		if err := json.NewEncoder(&memory).Encode(map[string]any{f.Alias: v}); err != nil {
			panic(err)
		}
		return &graphql.Response{Data: bytes.TrimSpace(memory.Bytes())}
	}
	sent := 0
	switch f.Name {
	case "refused":
		graphql.AddError(ctx, errors.New("not for you"))
		return nil
	case "ticks":
		return func(context.Context) *graphql.Response {
			if sent++; sent > int(args["count"].(int64)) {
				return nil
			}
			return data(sent)
		}
	case "endsBadly":
		return func(ctx context.Context) *graphql.Response {
			if sent++; sent > 1 {
				transport.EndWithError(ctx, errors.New("take a new snapshot"))
				return nil
			}
			return data(sent)
		}
	case "flood":
		blob := strings.Repeat("x", int(args["kilobytes"].(int64))<<10)
		return func(ctx context.Context) *graphql.Response {
			if ctx.Err() != nil {
				return nil
			}
			return data(blob)
		}
	case "board":
		return o.boards.follow(ctx, args, data)
	case "pushed":
		return func(ctx context.Context) *graphql.Response {
			select {
			case v := <-o.pushed:
				return data(v)
			case <-ctx.Done():
				return nil
			}
		}
	}
	return func(ctx context.Context) *graphql.Response { // waits
		<-ctx.Done()
		return nil
	}
}

// newServer assembles a server with a test's own changes to the default configuration.
func newServer(t *testing.T, change func(*transport.Config)) (*transport.Server, *office) {
	t.Helper()
	o := newOffice()
	cfg := transport.Config{
		Limits:        limits.Default(),
		Introspection: func(context.Context) bool { return true },
	}
	if change != nil {
		change(&cfg)
	}
	return transport.New(o, cfg), o
}

// eventually waits for something that happens on another goroutine.
func eventually(t *testing.T, what string, ok func() bool) {
	t.Helper()
	for deadline := time.Now().Add(10 * time.Second); time.Now().Before(deadline); time.Sleep(5 * time.Millisecond) {
		if ok() {
			return
		}
	}
	t.Fatalf("never happened: %s", what)
}
