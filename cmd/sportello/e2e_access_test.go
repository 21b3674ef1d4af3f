package main

import (
	"context"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/vektah/gqlparser/v2/ast"

	"github.com/spazio-in-comune/sportello/internal/access"
	"github.com/spazio-in-comune/sportello/internal/identity"
	"github.com/spazio-in-comune/sportello/internal/store"
	"github.com/spazio-in-comune/sportello/internal/store/dbtest"
)

// open are the root fields that the contract's heading says are open to everybody.
// Whatever else is in the contract, today or tomorrow, needs a token.
var open = []string{"services", "service", "practice", "orientation", "offices", "sites", "site", "board", "boardChanged", "publicResults"}

// testNoToken asks for every root field of the contract without a token.
func testNoToken(t *testing.T, h *house) {
	s, public := schema(t), h.public()
	for _, root := range []*ast.Definition{s.Query, s.Mutation, s.Subscription} {
		for _, field := range root.Fields {
			if strings.HasPrefix(field.Name, "__") {
				continue
			}
			if told := strings.HasPrefix(field.Description, "Public."); told != slices.Contains(open, field.Name) {
				t.Errorf("%s: the contract says public: %v", field.Name, told)
			}
			code, data := askBarely(t, public, root, field)
			switch {
			case slices.Contains(open, field.Name):
				if code == "UNAUTHENTICATED" {
					t.Errorf("%s is public and asks for a token", field.Name)
				}
			case field.Name == "viewer": // who you are: nobody
				if code != "" || data != "null" {
					t.Errorf("viewer without a token: %s %s", code, data)
				}
			case code != "UNAUTHENTICATED" || data != "null":
				t.Errorf("%s without a token: %s %s", field.Name, code, data)
			}
		}
	}
}

// askBarely asks one root field with the least that the contract demands, and
// gives the code of the refusal and what came as data.
func askBarely(t *testing.T, c *client, root *ast.Definition, field *ast.FieldDefinition) (code, data string) {
	t.Helper()
	var args []string
	for _, arg := range field.Arguments {
		if arg.Type.NonNull && arg.DefaultValue == nil {
			args = append(args, arg.Name+": "+literal(schema(t), arg.Type))
		}
	}
	text := field.Name
	if len(args) > 0 {
		text += "(" + strings.Join(args, ", ") + ")"
	}
	if kind := schema(t).Types[field.Type.Name()].Kind; kind == ast.Object || kind == ast.Interface {
		text += " { __typename }"
	}
	if root == schema(t).Subscription {
		l := c.follow("subscription { update: "+text+" }", nil, "")
		if update, ok := <-l.updates; ok {
			return "", update.String()
		}
		return l.failed, "null"
	}
	a := c.try(fmt.Sprintf("%s { value: %s }", strings.ToLower(root.Name), text), nil)
	if a.data.v == nil {
		return a.code(), "null"
	}
	return a.code(), a.data.at("value").String()
}

// literal is the shortest value of an input type.
func literal(s *ast.Schema, kind *ast.Type) string {
	if kind.Elem != nil {
		return "[" + literal(s, kind.Elem) + "]"
	}
	def := s.Types[kind.NamedType]
	switch {
	case def.Kind == ast.Enum:
		return def.EnumValues[0].Name
	case def.Kind == ast.InputObject:
		var fields []string
		for _, f := range def.Fields {
			if f.Type.NonNull && f.DefaultValue == nil {
				fields = append(fields, f.Name+": "+literal(s, f.Type))
			}
		}
		return "{" + strings.Join(fields, ", ") + "}"
	case def.Name == "Int" || def.Name == "Level":
		return "1"
	case def.Name == "Boolean":
		return "true"
	case def.Name == "JSON":
		return "{}"
	default:
		return `"x"`
	}
}

// testBadTokens: whatever is wrong with a token, the answer is 401, in the same
// words.
func testBadTokens(t *testing.T, h *house) {
	good := h.token("operator1")
	parts := strings.Split(good, ".")
	stranger := emptyHouse(t, dbtest.New(t, dbtest.SQLite), "--demo")
	stranger.start()
	bad := map[string]string{
		"nonsense": "nonsense", "cut": good[:len(good)-4], "no signature": parts[0] + "." + parts[1] + ".",
		"no algorithm":    "eyJhbGciOiJub25lIn0." + parts[1] + ".",
		"expired":         mint(t, h, "operator1", -time.Hour),
		"of another town": stranger.token("operator1"),
		"a wrong ticket":  strings.Repeat("A", 26), "very long": strings.Repeat("x", 20_000),
	}
	stranger.kill()
	words := map[string]bool{}
	for name, token := range bad {
		a := h.with(token).try(`{ offices { code } }`, nil)
		if a.status != http.StatusUnauthorized || a.code() != "UNAUTHENTICATED" || a.header.Get("WWW-Authenticate") == "" || a.data.v != nil {
			t.Errorf("%s token: status %d, %s", name, a.status, a.body)
		}
		if strings.Contains(string(a.body), token) {
			t.Errorf("%s token comes back in the answer", name)
		}
		words[string(a.body)] = true
		if _, err := h.with(token).tryFollow(followBoard, nil, ""); err == nil {
			t.Errorf("%s token opens a socket", name)
		}
	}
	if len(words) != 1 {
		t.Errorf("bad tokens are told apart: %v", words)
	}
}

// mint makes a token with a life of the test's choice, as the command line does.
func mint(t *testing.T, h *house, name string, life time.Duration) string {
	t.Helper()
	cfg := store.Config{Dir: h.data, Attach: access.Attach, Sign: access.Sign}
	if h.db.Dialect == "mysql" {
		cfg.DSN = h.db.DSN
	}
	s, err := store.OpenReader(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = s.Close() }() // opened for reading
	token, err := identity.TokenFor(context.Background(), s, name, life)
	if err != nil {
		t.Fatal(err)
	}
	return token
}

// testRightsEnd: who loses a role, or whose token ends, sees nothing more: the whole
// connection closes, also for the roles that are left, and comes back with these.
func testRightsEnd(t *testing.T, h *house) {
	operator, admin := h.as("operator3"), h.as("admin")
	me := operator.ask(`{ viewer { id } }`, nil).text("viewer.id")
	counter := variables{"personId": me, "role": "operator", "officeCode": "sportello"}
	registry := variables{"personId": me, "role": "officer", "officeCode": "stato-civile"}
	if code := h.as("head.sportello").refused("revokeRole", maps.Clone(counter)); code != "FORBIDDEN" && code != "NOT_ALLOWED" {
		t.Errorf("a head takes a role away: %s", code)
	}
	admin.must("grantRole", "roles { role office }", maps.Clone(registry))
	follow := func(office, after string) *live {
		return operator.follow(followQueue, variables{"office": office}, after)
	}
	atCounter, atRegistry := follow("sportello", ""), follow("stato-civile", "")
	atCounter.snapshot()
	atRegistry.snapshot()
	events, err := operator.tryFollowEvents(followQueue, variables{"office": "sportello"}, "")
	if err != nil {
		t.Fatal(err)
	}
	events.snapshot()

	admin.must("revokeRole", "roles { role office }", maps.Clone(counter))
	for _, l := range []*live{atCounter, atRegistry} {
		if failed, code := l.end(); failed != "" || code != 4403 {
			t.Errorf("the socket of whose role was taken away ended with error %q, close code %d", failed, code)
		}
	}
	if failed, _ := events.end(); failed != "FORBIDDEN" {
		t.Errorf("the event stream of whose role was taken away ended with %q", failed)
	}
	if got := operator.try(`{ queue(siteId: "`+site+`", officeCode: "sportello") { waiting { id } } }`, nil); got.code() != "NOT_FOUND" {
		t.Errorf("the queue of the role that was taken away: %s", got.body)
	}
	if failed, _ := follow("sportello", atCounter.cursor).end(); failed != "NOT_FOUND" {
		t.Errorf("the queue of the role that was taken away is followed again: %q", failed)
	}
	if issued := h.as("kiosk").must("issueTicket", "visit { label }", variables{"siteId": site, "officeCode": "stato-civile"}); issued.text("visit.label") == "" {
		t.Errorf("issued %v", issued)
	}
	atRegistry = follow("stato-civile", atRegistry.cursor)
	atRegistry.event("leg.queued") // the role that is left goes on, and has missed nothing

	admin.must("revokeRole", "roles { role office }", maps.Clone(registry))
	if failed, code := atRegistry.end(); failed != "" || code != 4403 {
		t.Errorf("the socket of who has no role left ended with error %q, close code %d", failed, code)
	}
	admin.must("grantRole", "roles { role office }", maps.Clone(counter))
	follow("sportello", "").snapshot()

	short := h.with(mint(t, h, "operator4", 2*time.Second)).follow(followQueue, variables{"office": "sportello"}, "")
	short.snapshot()
	if failed, code := short.end(); failed != "" || code != 4403 {
		t.Errorf("the socket of an ended token ended with error %q, close code %d", failed, code)
	}
}
