package graph_test

import (
	"slices"
	"strings"
	"testing"

	graphql "github.com/vektah/gqlparser/v2/ast"

	"github.com/spazio-in-comune/sportello/ent/dailyfigure"
	"github.com/spazio-in-comune/sportello/ent/feedback"
)

// From a citizen's word no way leads to whoever served them: not over the API, by whatever
// fields and however far, and neither the stored word nor a count has a place for a name.
func TestNoWayFromAWordToTheOperator(t *testing.T) {
	t.Parallel()
	s := contract(t)
	from := map[string]string{"Feedback": "Feedback", "Results": "Results", "PublicResults": "PublicResults"}
	for next := []string{"Feedback", "Results", "PublicResults"}; len(next) > 0; next = next[1:] {
		for _, f := range s.Types[next[0]].Fields {
			to := f.Type.Name()
			if kind := s.Types[to].Kind; (kind == graphql.Object || kind == graphql.Interface) && from[to] == "" {
				from[to] = from[next[0]] + "." + f.Name
				next = append(next, to)
			}
		}
	}
	for _, forbidden := range []string{"Person", "Member", "CounterSession", "Counter", "Leg", "Visit", "Interval", "Call", "Case", "CaseEntry", "Escalation", "Node", "EventInfo"} {
		if way, found := from[forbidden]; found {
			t.Errorf("%s leads to %s", way, forbidden)
		}
	}
	for _, column := range slices.Concat(feedback.Columns, dailyfigure.Columns) {
		for _, word := range []string{"operator", "session", "counter", "actor", "holder", "owner", "responsible"} {
			if strings.Contains(column, word) {
				t.Errorf("there is a column %s", column)
			}
		}
	}
}
