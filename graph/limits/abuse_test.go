package limits_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2"
	"github.com/vektah/gqlparser/v2/ast"

	"github.com/spazio-in-comune/sportello/graph/limits"
	"github.com/spazio-in-comune/sportello/graph/transport"
)

// A schema with what abuse needs: loops, connections, plain lists, codes to guess.
const testSchema = `
interface Node { id: ID! }
type Query {
  me: Person
  people(first: Int, last: Int, after: ID): PersonConnection!
  nodes(ids: [ID!]!): [Node]!
  offices: [Office!]!
  count: Int
}
type Mutation {
  rate(code: String!): Person
  note(text: String): Person
}
type Subscription { called: Person }
type Person implements Node {
  id: ID!
  name(style: String): String
  friend: Person
  friends(first: Int): PersonConnection!
  offices: [Office!]!
}
type Office implements Node { id: ID! name: String head: Person }
type PersonConnection { edges: [PersonEdge] pageInfo: PageInfo! totalCount: Int! }
type PersonEdge { node: Person cursor: ID! }
type PageInfo { hasNextPage: Boolean! }
`

// town counts the operations that reach execution.
func town(executed *atomic.Int64) graphql.ExecutableSchema {
	schema := gqlparser.MustLoadSchema(&ast.Source{Input: testSchema})
	return &graphql.ExecutableSchemaMock{
		SchemaFunc: func() *ast.Schema { return schema },
		ExecFunc: func(context.Context) graphql.ResponseHandler {
			executed.Add(1)
			return graphql.OneShot(&graphql.Response{Data: []byte(`{}`)})
		},
	}
}

func newTown(change func(*transport.Config)) (http.Handler, *atomic.Int64) {
	executed := &atomic.Int64{}
	cfg := transport.Config{
		Limits:    limits.Default(),
		Sensitive: func(field string) bool { return field == "rate" },
	}
	if change != nil {
		change(&cfg)
	}
	return transport.New(town(executed), cfg), executed
}

type errorAnswer struct {
	Errors []struct {
		Message    string
		Extensions struct {
			Code         string
			Limit, Found *int
		}
	}
	size int
}

func ask(tb testing.TB, h http.Handler, query string, variables map[string]any) errorAnswer {
	tb.Helper()
	body, err := json.Marshal(map[string]any{"query": query, "variables": variables})
	if err != nil {
		tb.Fatal(err)
	}
	r := httptest.NewRequest(http.MethodPost, "/", strings.NewReader(string(body)))
	r.Header.Set("Content-Type", "application/json")
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	a := errorAnswer{size: w.Body.Len()}
	if err := json.Unmarshal(w.Body.Bytes(), &a); err != nil {
		tb.Fatalf("the answer is no JSON: %q", w.Body)
	}
	return a
}

// many repeats a piece n times; %d in it is its number.
func many(n int, piece string) string {
	var b strings.Builder
	for i := range n {
		b.WriteString(strings.ReplaceAll(piece, "%d", fmt.Sprint(i)))
	}
	return b.String()
}

// nested puts n levels around a core.
func nested(n int, open, core, shut string) string {
	return strings.Repeat(open, n) + core + strings.Repeat(shut, n)
}

// chain is n fragments of which each holds body, with %s standing for a spread of the next one.
func chain(n int, body string) string {
	var b strings.Builder
	for i := range n - 1 {
		fmt.Fprintf(&b, "fragment F%d on Person { %s }\n", i, strings.ReplaceAll(body, "%s", fmt.Sprintf("...F%d", i+1)))
	}
	fmt.Fprintf(&b, "fragment F%d on Person { id }\n", n-1)
	return b.String()
}

type abuse struct {
	name      string
	query     string
	variables map[string]any
	code      string
	limit     int // 0: not of the kind that has one
	found     int
}

func abuses() []abuse {
	const complexity, input = limits.CodeTooComplex, limits.CodeBadInput
	ids := make([]any, 1000)
	for i := range ids {
		ids[i] = "case_1"
	}
	return []abuse{
		{"101 aliases", "{" + many(101, " a%d: count") + "}", nil, complexity, 30, 101},
		{"1,000 aliases", "{" + many(1000, " a%d: count") + "}", nil, complexity, 30, 1000},
		{"10,000 aliases", "{" + many(10_000, " a%d: count") + "}", nil, complexity, 5000, 5001},
		{"31 aliases in a fragment", "{ me { ...F } } fragment F on Person {" + many(31, " a%d: id") + "}", nil, complexity, 30, 31},
		{"21 root fields", "{" + many(21, " count") + "}", nil, complexity, 20, 21},
		{"21 root fields in fragments", "{ ...F ...F ...F } fragment F on Query { count count count count count count count }", nil, complexity, 20, 21},
		{"500 repeats", "{ me {" + many(500, " id") + "} }", nil, complexity, 100, 500},
		{"3,000 repeats", "{ me {" + many(3000, " id") + "} }", nil, complexity, 100, 3000},
		{"50,000 repeats", "{" + many(50_000, " __typename") + "}", nil, complexity, 128 << 10, 550_002},
		{"repeats at three levels", "{" + many(20, " me { friend { id id id id id id } }") + "}", nil, complexity, 100, 120},
		{"repeats in fragments", "{ me {" + many(50, " ...F%d") + " } }" + many(50, "fragment F%d on Person { name(style: \"x\") id id id }\n"), nil, complexity, 100, 150},
		{"300,000 tokens", "{ me {" + many(150_000, " id,id") + "} }", nil, complexity, 128 << 10, -1},
		{"10,000 operations", many(10_000, "query Q%d { count }"), nil, complexity, 128 << 10, -1},
		{"1,000 operations", many(1000, "query Q%d{count}"), nil, complexity, 10, 1000},
		{"51 fragments", "{ count }" + many(51, "fragment F%d on Person { id }\n"), nil, complexity, 50, 51},
		{"comment of 1 MB", "{ count } #" + strings.Repeat("x", 900<<10), nil, complexity, 128 << 10, -1},
		{"5,001 comments", many(5001, "#\n") + "{ count }", nil, complexity, 5000, 5001},

		{"51 directives", "{ count" + many(51, " @x") + "}", nil, complexity, 50, 51},
		{"50,000 directives", "{ count" + many(50_000, " @x") + "}", nil, complexity, 128 << 10, -1},
		{"51 directives on variables", "query(" + many(51, " $v%d: Int @x") + ") { count }", nil, complexity, 50, 51},

		{"depth 13", "{" + nested(12, " me {", " id", "}") + "}", nil, complexity, 12, 13},
		{"depth 15", "{" + nested(14, " me {", " id", "}") + "}", nil, complexity, 12, 15},
		{"depth 60", "{" + nested(59, " me {", " id", "}") + "}", nil, complexity, 12, 60},
		{"depth 2,000", nested(2000, "{ me ", "{ id }", "}"), nil, complexity, 100, 101},
		{"depth in fragments", "{ me { ...F0 } }" + chain(13, "friend { %s }"), nil, complexity, 12, 14},
		{"inline fragments within each other", "{" + nested(2000, " ... {", " count", "}") + "}", nil, complexity, 100, 101},
		{"lists within each other", "{ nodes(ids: " + nested(2000, "[", "1", "]") + ") { id } }", nil, complexity, 100, 101},

		{"fragment that spreads itself", "{ me { ...A } } fragment A on Person { ...A }", nil, input, 0, 0},
		{"circle of two", "{ me { ...A } } fragment A on Person { friend { ...B } } fragment B on Person { ...A }", nil, input, 0, 0},
		{"circle of fragments nobody uses", "{ count } fragment A on Person { ...B } fragment B on Person { ...A }", nil, input, 0, 0},
		{"circle of 500", "{ me { ...F0 } }" + many(499, "fragment F%d on Person { ...F0 } "), nil, complexity, 50, 499},
		{"chain of 30 that doubles", "{ me { ...F0 } }" + chain(30, "friend { %s } friend { %s }"), nil, complexity, 12, 31},
		{"flat chain of 30 that doubles", "{ me { ...F0 } }" + chain(30, "%s %s"), nil, complexity, 5000, 1<<29 + 1},
		{"chain of 11 that grows eightfold", "{ me { ...F0 } }" + chain(11, "friend {"+strings.Repeat("%s ", 8)+"}"), nil, complexity, 5000, -1},

		{"page of 0", "{ people(first: 0) { totalCount } }", nil, input, 100, 0},
		{"page of -1", "{ people(first: -1) { totalCount } }", nil, input, 100, -1},
		{"page of 101", "{ people(last: 101) { totalCount } }", nil, input, 100, 101},
		{"page of 1,000,000 by variable", "query($n: Int) { people(first: $n) { totalCount } }", map[string]any{"n": 1_000_000}, input, 100, 1_000_000},
		{"page of -1 by default", "query($n: Int = -1) { people(first: $n) { totalCount } }", nil, input, 100, -1},
		{"page of -1 in a fragment", "{ me { ...F } } fragment F on Person { friends(first: -1) { totalCount } }", nil, input, 100, -1},
		{"1,000 ids", "query($ids: [ID!]!) { nodes(ids: $ids) { id } }", map[string]any{"ids": ids}, complexity, 100, 1000},
		{"100 x 100 x 100", nested(1, "{ people(first: 100) { edges { node { friends(first: 100) { edges { node {",
			" friends(first: 100) { edges { node { id } } }", "} } } } } } }"), nil, complexity, 10_000, 1_010_100},
		{"20 pages of 100", "{" + many(20, " a%d: people(first: 100) { edges { node { id } } }") + "}", nil, complexity, 1000, 2000},
		{"edges without nodes", "{ people(first: 100) { edges { cursor node { friends(first: 100) { edges { cursor } } } } } }", nil, complexity, 10_000, 10_100},
		{
			"page in a fragment on the connection", "{ people(first: 100) { ...C } } fragment C on PersonConnection { edges { node { friend { friend { friends(first: 8) { ...C2 } } } } } } fragment C2 on PersonConnection { edges { node { id } } }",
			nil, complexity, 1000, 1100,
		},
		{"plain lists in plain lists", "{ offices { head { offices { head { offices { id } } } } } }", nil, complexity, 1000, 1220},

		{"two sensitive mutations", `mutation { a: rate(code: "1") { id } b: rate(code: "2") { id } }`, nil, complexity, 1, 2},
		{"two sensitive mutations in a fragment", `mutation { ...M } fragment M on Mutation { a: rate(code: "1") { id } ... { b: rate(code: "2") { id } } }`, nil, complexity, 1, 2},
		{"two sensitive mutations in the other operation", `mutation A { note { id } } mutation B { a: rate(code: "1") { id } b: rate(code: "2") { id } }`, nil, complexity, 1, 2},

		{"introspection of the schema", "{ __schema { types { name } } }", nil, input, 0, 0},
		{"introspection of a type", `{ __type(name: "Query") { name } }`, nil, input, 0, 0},
		{"introspection by alias", "{ s: __schema { types { name } } }", nil, input, 0, 0},
		{"introspection in a fragment", "{ ...F } fragment F on Query { ... { __schema { types { name } } } }", nil, input, 0, 0},
		{"introspection in a circle", "{ __schema { types { fields { type { fields { type { fields { type { name } } } } } } } } }", nil, input, 0, 0},
		{"introspection by mutation", "mutation { __schema { types { name } } }", nil, input, 0, 0},
	}
}

func TestAbuse(t *testing.T) {
	for _, tt := range abuses() {
		t.Run(tt.name, func(t *testing.T) {
			srv, executed := newTown(nil)
			got := ask(t, srv, tt.query, tt.variables)
			if n := executed.Load(); n != 0 {
				t.Errorf("executed %d times", n)
			}
			if len(got.Errors) == 0 || len(got.Errors) > 10 || got.size > 2_000 {
				t.Fatalf("%d errors in %d bytes", len(got.Errors), got.size)
			}
			first := got.Errors[0]
			if first.Extensions.Code != tt.code {
				t.Errorf("got %s: %s, want %s", first.Extensions.Code, first.Message, tt.code)
			}
			if tt.limit == 0 {
				return
			}
			if first.Extensions.Limit == nil || first.Extensions.Found == nil {
				t.Fatalf("without limit and found: %+v", first)
			}
			if limit, found := *first.Extensions.Limit, *first.Extensions.Found; limit != tt.limit || (tt.found != found && tt.found != -1) {
				t.Errorf("limit %d, found %d; want %d, %d: %s", limit, found, tt.limit, tt.found, first.Message)
			}
		})
	}
}

// TestNumberOfErrors sends documents within the limits that are wrong in many places.
func TestNumberOfErrors(t *testing.T) {
	for name, query := range map[string]string{
		"unknown fields":     "{ me {" + many(2000, " nope%d") + "} }",
		"unknown directives": "{ me {" + many(50, " id @nope%d") + "} }",
		"unknown variables":  "{ me {" + many(90, " name(style: $nope%d)") + "} }",
		"unused variables":   "query(" + many(1000, " $nope%d: Int") + ") { count }",
		"long name":          "{ " + strings.Repeat("nope", 10_000) + " }",
	} {
		t.Run(name, func(t *testing.T) {
			srv, executed := newTown(nil)
			got := ask(t, srv, query, nil)
			if len(got.Errors) == 0 || len(got.Errors) > 10 || executed.Load() != 0 {
				t.Errorf("%d errors, executed %d times", len(got.Errors), executed.Load())
			}
			for _, e := range got.Errors {
				if n := len([]rune(e.Message)); n > 500 {
					t.Errorf("a message of %d characters", n)
				}
				if e.Extensions.Code != limits.CodeBadInput {
					t.Errorf("code %q", e.Extensions.Code)
				}
			}
		})
	}
}

func TestWithinTheLimits(t *testing.T) {
	standard := `query IntrospectionQuery { __schema { queryType { name } types { ...FullType } directives { name args { ...InputValue } } } }
		fragment FullType on __Type { kind name fields(includeDeprecated: true) { name args { ...InputValue } type { ...TypeRef } }
		  inputFields { ...InputValue } interfaces { ...TypeRef } enumValues(includeDeprecated: true) { name } possibleTypes { ...TypeRef } }
		fragment InputValue on __InputValue { name type { ...TypeRef } defaultValue }
		fragment TypeRef on __Type { kind name ofType { kind name ofType { kind name ofType { kind name ofType { kind name
		  ofType { kind name ofType { kind name ofType { kind name ofType { kind name } } } } } } } } }`
	tests := []struct{ name, query string }{
		{"standard introspection", standard},
		{"20 root fields", "{" + many(20, " count") + "}"},
		{"30 aliases", "{ me {" + many(30, " a%d: id") + "} }"},
		{"100 repeats", "{ me {" + many(100, " id") + "} }"},
		{"depth 12", "{ me {" + nested(10, " friend {", " id", "}") + "} }"},
		{"a page of 100 with three objects an item", "{ people(first: 100) { pageInfo { hasNextPage } edges { cursor node { id friend { id friend { id } } } } } }"},
		{"a page without a size", "{ people { edges { node { id offices { id } } } } }"},
		{"several harmless mutations", "mutation { a: note { id } b: note { id } rate(code: \"1\") { id } }"},
		{"one fragment in many places", "{ me { ...P friend { ...P friend { ...P } } } } fragment P on Person { id name }"},
		{"chain of 30", "{ me { ...F0 } }" + chain(30, "%s")},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			srv, executed := newTown(func(c *transport.Config) {
				c.Introspection = func(context.Context) bool { return true }
			})
			for range 2 { // the second time the document comes out of the cache
				if got := ask(t, srv, tt.query, nil); len(got.Errors) > 0 {
					t.Fatalf("refused: %+v", got.Errors)
				}
			}
			if executed.Load() != 2 {
				t.Errorf("executed %d times", executed.Load())
			}
		})
	}
}

// TestCachedDocumentIsStillCounted sends one document with other variables: the document is known, the page is not.
func TestCachedDocumentIsStillCounted(t *testing.T) {
	srv, executed := newTown(nil)
	const query = "query($n: Int) { people(first: $n) { edges { node { friends(first: 20) { edges { node { id } } } } } } }"
	for page, refused := range map[int]bool{10: false, 100: true} {
		for range 2 {
			if got := ask(t, srv, query, map[string]any{"n": page}); (len(got.Errors) > 0) != refused {
				t.Errorf("page of %d: %+v", page, got.Errors)
			}
		}
	}
	if executed.Load() != 2 {
		t.Errorf("executed %d times", executed.Load())
	}
}

// BenchmarkAbuse shows what refusing costs.
func BenchmarkAbuse(b *testing.B) {
	srv, _ := newTown(nil)
	for _, tt := range abuses() {
		b.Run(tt.name, func(b *testing.B) {
			for b.Loop() {
				ask(b, srv, tt.query, tt.variables)
			}
		})
	}
}
