package access_test

import (
	"context"
	"testing"

	"github.com/spazio-in-comune/sportello/internal/access"
	"github.com/spazio-in-comune/sportello/internal/town"
)

// A fact of whoever acts for another names both; one of somebody else, or of the house,
// names nobody; and nobody tells facts unseen.
func TestSign(t *testing.T) {
	acting := access.With(t.Context(), &access.Viewer{Kind: access.KindPerson, ID: "bianchi", ActsFor: &access.Mandate{ID: "mnd_1", PrincipalID: "rossi"}})
	own := access.With(t.Context(), &access.Viewer{Kind: access.KindPerson, ID: "bianchi"})
	for name, test := range map[string]struct {
		ctx   context.Context
		event town.Event
		want  string
		code  town.Code
	}{
		"for another":             {ctx: acting, event: town.Event{Actor: "bianchi"}, want: "rossi"},
		"the house, for both":     {ctx: access.System(acting, "test"), event: town.Event{Actor: "bianchi"}, want: "rossi"},
		"by somebody else":        {ctx: acting, event: town.Event{Actor: "verdi"}},
		"told already":            {ctx: acting, event: town.Event{Actor: "bianchi", OnBehalfOf: "neri"}, want: "neri"},
		"on one's own account":    {ctx: own, event: town.Event{Actor: "bianchi"}},
		"of the house's own":      {ctx: access.System(t.Context(), "test"), event: town.Event{Actor: "test"}},
		"by nobody in particular": {ctx: t.Context(), event: town.Event{Actor: "bianchi"}, code: town.Unauthenticated},
	} {
		t.Run(name, func(t *testing.T) {
			err := access.Sign(test.ctx, &test.event)
			if test.code == "" && err != nil || test.code != "" && town.CodeOf(err) != test.code || test.event.OnBehalfOf != test.want {
				t.Errorf("for %q, %v; want %q, %s", test.event.OnBehalfOf, err, test.want, test.code)
			}
		})
	}
}
