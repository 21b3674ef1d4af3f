package limits_test

import (
	"context"
	"strings"
	"testing"

	"github.com/spazio-in-comune/sportello/graph/transport"
)

// Tools ask for the schema with as many levels of type as they please; below an
// introspection field it is validation that limits them, also in fragments.
func TestToolsMayReadTheSchema(t *testing.T) {
	for name, levels := range map[string]int{"seven levels of type": 7, "nine levels of type": 9} {
		t.Run(name, func(t *testing.T) {
			srv, executed := newTown(func(c *transport.Config) {
				c.Introspection = func(context.Context) bool { return true }
			})
			query := `query IntrospectionQuery { __schema { types { ...FullType } } }
				fragment FullType on __Type { name fields(includeDeprecated: true) { args { type { ...TypeRef } } } }
				fragment TypeRef on __Type { kind name ` + strings.Repeat("ofType { kind name ", levels) + strings.Repeat("}", levels) + ` }`
			if got := ask(t, srv, query, nil); len(got.Errors) > 0 || executed.Load() != 1 {
				t.Errorf("refused: %+v", got.Errors)
			}
		})
	}
}

func TestAFragmentOfDataIsStillMeasured(t *testing.T) {
	srv, executed := newTown(nil)
	query := "{ me { id } } fragment F on Person {" + nested(13, " friend {", " id", "}") + "}"
	if got := ask(t, srv, query, nil); len(got.Errors) == 0 || executed.Load() != 0 {
		t.Errorf("executed %d times: %+v", executed.Load(), got.Errors)
	}
}
