package access

import (
	"encoding/csv"
	"fmt"
	"strings"
	"testing"

	"github.com/spazio-in-comune/sportello/internal/town"
	"github.com/spazio-in-comune/sportello/policies"
)

// question is a cell of the truth table.
type question struct {
	role     town.Role
	relation Relation
	act      Act
}

// readMatrix gives the truth table: what each line expects.
func readMatrix(t *testing.T) map[question]bool {
	t.Helper()
	reader := csv.NewReader(strings.NewReader(policies.Matrix))
	reader.Comment = '#'
	lines, err := reader.ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	table := map[question]bool{}
	for _, line := range lines[1:] {
		q := question{town.Role(line[0]), Relation(line[1]), Act(line[2] + ":" + line[3])}
		if _, twice := table[q]; twice {
			t.Errorf("%v stands twice in the matrix", q)
		}
		if line[4] != "allow" && line[4] != "deny" {
			t.Errorf("%v: want allow or deny, not %q", q, line[4])
		}
		table[q] = line[4] == "allow"
	}
	return table
}

func shippedPolicy(t testing.TB) *Policy {
	t.Helper()
	p, err := NewPolicy(policies.Model, policies.Policy)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// TestMatrix runs every line of the truth table against the scopes that a person in
// that role really gets.
func TestMatrix(t *testing.T) {
	policy := shippedPolicy(t)
	for q, want := range readMatrix(t) {
		t.Run(fmt.Sprintf("%s/%s/%s", q.role, q.relation, q.act), func(t *testing.T) {
			scope := scopeFor(policy, q.role)
			if got := askScope(scope, q); got != want {
				t.Errorf("allowed = %v, want %v", got, want)
			}
		})
	}
}

// TestMatrixIsComplete: whatever has no line is denied, and every name is known.
func TestMatrixIsComplete(t *testing.T) {
	policy := shippedPolicy(t)
	table := readMatrix(t)
	asked := 0
	for _, role := range town.Roles() {
		scope := scopeFor(policy, role)
		for _, relation := range []Relation{Own, Other, Party} {
			for _, act := range Acts() {
				q := question{role, relation, act}
				if _, known := table[q]; known {
					asked++
				}
				if askScope(scope, q) && !table[q] {
					t.Errorf("%v is allowed, but not by the matrix", q)
				}
			}
		}
	}
	if asked != len(table) {
		t.Errorf("the matrix has %d lines, of which only %d name a known role, relation and act", len(table), asked)
	}
}

// scopeFor is what somebody gets who holds the role in the office "here", or in all
// where the role is not tied to an office.
func scopeFor(policy *Policy, role town.Role) *Scope {
	s := newSnapshot(1, policy, standing{})
	switch role {
	case town.RoleCitizen:
		return s.citizen
	case town.RoleTicket:
		return s.ticket
	default:
		return s.join([]assignment{{role: role, office: "here", services: []string{everywhere}}}, someTime)
	}
}

func askScope(scope *Scope, q question) bool {
	switch q.relation {
	case Own:
		return scope.Allows(q.act, "here")
	case Other:
		return scope.Allows(q.act, "elsewhere")
	default:
		return scope.AllowsParty(q.act)
	}
}
