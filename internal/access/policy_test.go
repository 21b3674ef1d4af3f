package access

import (
	"strings"
	"testing"
	"time"

	"github.com/spazio-in-comune/sportello/policies"
)

var someTime = time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)

func TestPolicyRefusesWhatCannotBeMeant(t *testing.T) {
	tests := map[string]struct{ line, want string }{
		"unknown role":           {"p, janitor, own, case, read", `unknown role "janitor"`},
		"unknown act":            {"p, officer, own, case, shred", "unknown act case:shred"},
		"unknown relation":       {"p, officer, friend, case, read", `unknown relation "friend"`},
		"unknown parent":         {"g, officer, king", `unknown role "king"`},
		"too few fields":         {"p, officer, own, case", "want p, role"},
		"unknown kind":           {"q, officer, own, case, read", "want p, role"},
		"said twice":             {"p, officer, own, case, read", "the same rule stands above"},
		"citizen with an office": {"p, citizen, own, case, read", "has no office of its own"},
		"party that acts":        {"p, citizen, party, case, decide", "reading only"},
		"mayor decides":          {"p, mayor, own, case, decide", "art. 107"},
		"mayor decides as a head": {
			"g, mayor, head", "art. 107",
		},
		"assessore decides anywhere": {"p, assessore, any, case, decide", "art. 107"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			_, err := NewPolicy(policies.Model, policies.Policy+"\n"+test.line+"\n")
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("error = %v, want one with %q", err, test.want)
			}
		})
	}
}

// No act of management can be given to level 5, whatever the relation (art. 107 TUEL).
func TestLevel5HoldsNoActOfManagement(t *testing.T) {
	for _, role := range political {
		for _, act := range management {
			for _, relation := range []Relation{Own, Any} {
				object, verb := act.Split()
				line := strings.Join([]string{"p", string(role), string(relation), object, verb}, ", ")
				if _, err := NewPolicy(policies.Model, policies.Policy+"\n"+line+"\n"); err == nil || !strings.Contains(err.Error(), "art. 107") {
					t.Errorf("%s: %v", line, err)
				}
			}
		}
	}
}
