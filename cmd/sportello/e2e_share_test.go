package main

import (
	"encoding/json"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/vektah/gqlparser/v2"
	"github.com/vektah/gqlparser/v2/ast"

	"github.com/spazio-in-comune/sportello/ent"
	"github.com/spazio-in-comune/sportello/ent/person"
	"github.com/spazio-in-comune/sportello/internal/access"
	"github.com/spazio-in-comune/sportello/internal/store/dbtest"
)

// sharedSelection is everything below a type that the contract marks as the same for everybody.
func sharedSelection(schema *ast.Schema, def *ast.Definition) string {
	var all strings.Builder
	for _, f := range def.Fields {
		if def.Directives.ForName("shared") == nil && f.Directives.ForName("shared") == nil || strings.HasPrefix(f.Name, "__") {
			continue
		}
		all.WriteString(" " + f.Name)
		if of := schema.Types[f.Type.Name()]; len(of.Fields) > 0 {
			all.WriteString(" {" + sharedSelection(schema, of) + " }")
		}
	}
	return all.String()
}

// TestE2ESharedIsTheSameForEverybody: whatever the contract marks as shared, every person of the town, every device, the
// holder of a ticket and the public read byte for byte the same, each asking for themselves; and that is what the one
// execution tells all of them.
func TestE2ESharedIsTheSameForEverybody(t *testing.T) {
	text, err := os.ReadFile("../../schema.graphql")
	must(t, err)
	schema := gqlparser.MustLoadSchema(&ast.Source{Name: "schema.graphql", Input: string(text)})
	dbtest.Each(t, func(t *testing.T, db dbtest.DB) {
		h := newLiveHall(t, db)
		h.officer(officeFrom, officeTo)
		for _, field := range schema.Subscription.Fields {
			if field.Directives.ForName("shared") == nil {
				continue
			}
			if field.Name != "boardChanged" {
				t.Errorf("%s is shared, and nothing here tells that it is the same for everybody", field.Name)
				continue
			}
			testShared(t, h, sharedSelection(schema, schema.Types[field.Type.Name()]), sharedSelection(schema, schema.Types["Board"]))
		}
	})
}

func testShared(t *testing.T, h *liveHall, update, board string) {
	follow := `subscription S($site: ID!) { update: boardChanged(siteId: $site) {` + update + ` } }`
	read := `query Q($site: ID!) { board(siteId: $site) {` + board + ` } }`
	if !strings.Contains(board, "series") || !strings.Contains(board, "title") || strings.Contains(board, "counters {") {
		t.Fatalf("shared is %s", board)
	}
	vars := variables{"site": site}
	text := func(u tree) string {
		raw, err := json.MarshalIndent(u.v, "", " ")
		must(t, err)
		return string(raw)
	}
	public := h.with("")
	want := text(public.ask(read, vars).at("board"))
	before := h.app.stream.Stats().Followers.Load()
	all, err := public.tryFollow(follow, vars, "")
	must(t, err)
	shared := all.snapshot()
	if diff := cmp.Diff(want, text(shared.at("board"))); diff != "" {
		t.Errorf("asked for oneself (-), told to all (+):\n%s", diff)
	}
	people, err := h.app.store.Reader().Person.Query().Where(person.LoginNEQ(""), person.Disabled(false)).Order(ent.Asc(person.FieldID)).
		All(access.System(t.Context(), "test"))
	must(t, err)
	if len(people) < 10 {
		t.Fatalf("only %d people", len(people))
	}
	for _, p := range people {
		c := h.with(h.token(p.Login, time.Hour))
		if diff := cmp.Diff(want, text(c.ask(read, vars).at("board"))); diff != "" {
			t.Errorf("%s reads, unlike the public:\n%s", p.Login, diff)
		}
		l, err := c.tryFollow(follow, vars, "")
		must(t, err)
		if diff := cmp.Diff(text(shared), text(l.snapshot())); diff != "" {
			t.Errorf("%s is told, unlike the public:\n%s", p.Login, diff)
		}
		l.cut()
	}
	if executions := h.app.stream.Stats().Followers.Load() - before; executions != 1 {
		t.Errorf("%d executions for one board", executions)
	}
	all.cut()
}
