package access

import (
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/spazio-in-comune/sportello/internal/town"
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

// TestScopeAgreesWithEnforce compares what a request looks up with what casbin says,
// for any roles held at any time.
func TestScopeAgreesWithEnforce(t *testing.T) {
	enforcer, err := newEnforcer(policies.Model, policies.Policy)
	if err != nil {
		t.Fatal(err)
	}
	policy := shippedPolicy(t)
	offices := []string{"sportello", "stato-civile", town.OfficeHelpPoint, town.OfficeMayor}
	var roles []town.Role
	for _, role := range town.Roles() {
		if !slices.Contains(unassignable, role) {
			roles = append(roles, role)
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		held := rapid.SliceOfN(rapid.Custom(func(t *rapid.T) assignment {
			a := assignment{
				role:   rapid.SampledFrom(roles).Draw(t, "role"),
				office: rapid.SampledFrom(append(offices, everywhere)).Draw(t, "office"),
				from:   someTime.Add(time.Duration(rapid.IntRange(-5, 5).Draw(t, "from")) * time.Hour),
			}
			if rapid.Bool().Draw(t, "ends") {
				a.to = a.from.Add(time.Duration(rapid.IntRange(0, 6).Draw(t, "hours")) * time.Hour)
			}
			return a
		}), 0, 4).Draw(t, "held")
		now := someTime.Add(time.Duration(rapid.IntRange(-6, 12).Draw(t, "now")) * time.Hour)
		s := newSnapshot(1, policy, standing{})
		scope := s.join(held, now)

		for _, act := range Acts() {
			object, verb := act.split()
			ask := func(a assignment, relation Relation) bool {
				ok, err := enforcer.Enforce(string(a.role), string(relation), object, verb)
				if err != nil {
					t.Fatal(err)
				}
				return ok
			}
			party := false
			for _, a := range held {
				party = party || a.holds(now) && ask(a, Party)
			}
			if got := scope.AllowsParty(act); got != party {
				t.Fatalf("%s as a party: scope says %v, casbin %v", act, got, party)
			}
			for _, office := range offices {
				want := false
				for _, a := range held {
					relation := Other
					if a.office == office || a.office == everywhere {
						relation = Own
					}
					want = want || a.holds(now) && ask(a, relation)
				}
				if got := scope.Allows(act, office); got != want {
					t.Fatalf("%s in %s: scope says %v, casbin %v", act, office, got, want)
				}
			}
		}
		// Nothing changes before the scope expires.
		if !scope.Expires.IsZero() {
			if !scope.Expires.After(now) {
				t.Fatalf("a scope made at %v expired at %v", now, scope.Expires)
			}
			later := s.join(held, scope.Expires.Add(-time.Microsecond))
			for _, act := range Acts() {
				for _, office := range offices {
					if scope.Allows(act, office) != later.Allows(act, office) {
						t.Fatalf("%s in %s changed before the scope expired", act, office)
					}
				}
			}
		}
	})
}

func BenchmarkAllows(b *testing.B) {
	scope := scopeFor(shippedPolicy(b), town.RoleHead)
	v := &Viewer{ID: "per_1", Kind: KindPerson, Scope: scope}
	for b.Loop() {
		if !v.Can(CaseDecide, "here") {
			b.Fatal("a head decides")
		}
	}
}
