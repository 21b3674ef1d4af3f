package access

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/casbin/casbin/v2"
	"github.com/casbin/casbin/v2/model"
	"pgregory.net/rapid"

	"github.com/spazio-in-comune/sportello/internal/town"
	"github.com/spazio-in-comune/sportello/policies"
)

var (
	someOffices  = []string{"sportello", "stato-civile", town.OfficeHelpPoint, town.OfficeMayor}
	someServices = []string{"anagrafe", "tributi", "scuola"}
)

// bareCasbin is casbin itself on the lines of a policy, with none of our code between.
func bareCasbin(t rapid.TB, policy string) *casbin.Enforcer {
	m, err := model.NewModelFromString(policies.Model)
	if err != nil {
		t.Fatal(err)
	}
	enforcer, err := casbin.NewEnforcer(m)
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(policy) {
		fields := strings.Split(strings.TrimSpace(line), ",")
		for i := range fields {
			fields[i] = strings.TrimSpace(fields[i])
		}
		switch fields[0] {
		case "p":
			_, err = enforcer.AddPolicy(fields[1:])
		case "g":
			_, err = enforcer.AddGroupingPolicy(fields[1:])
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	return enforcer
}

// assignable are the roles that somebody may be given.
func assignable() []town.Role {
	return slices.DeleteFunc(town.Roles(), func(r town.Role) bool { return slices.Contains(unassignable, r) })
}

// somePolicy draws rules that the files could hold: any role, relation and act that may
// stand together, and roles that have what others have.
func somePolicy(t *rapid.T) string {
	lines := map[string]bool{}
	for range rapid.IntRange(0, 12).Draw(t, "rules") {
		role := rapid.SampledFrom(town.Roles()).Draw(t, "role")
		relation := rapid.SampledFrom([]Relation{Own, Any, Party}).Draw(t, "relation")
		act := rapid.SampledFrom(Acts()).Draw(t, "act")
		switch {
		case relation == Party:
			act = rapid.SampledFrom(partyActs).Draw(t, "reading")
		case slices.Contains(everybodys, role):
			relation = Any
		}
		if slices.Contains(management, act) { // art. 107 TUEL, also through a head
			act = CaseRead
		}
		object, verb := act.Split()
		lines[fmt.Sprintf("p, %s, %s, %s, %s", role, relation, object, verb)] = true
	}
	for range rapid.IntRange(0, 2).Draw(t, "inheritances") {
		heir := rapid.SampledFrom(assignable()).Draw(t, "heir")
		of := rapid.SampledFrom(assignable()).Draw(t, "of")
		if heir != of && !slices.Contains(everybodys, heir) && !slices.Contains(everybodys, of) {
			lines[fmt.Sprintf("g, %s, %s", heir, of)] = true
		}
	}
	var text []string
	for line := range lines {
		text = append(text, line)
	}
	slices.Sort(text)
	return strings.Join(text, "\n") + "\n"
}

// someAssignments draws roles held at any time, anywhere, of an Assessore with subjects.
func someAssignments(t *rapid.T) []assignment {
	return rapid.SliceOfN(rapid.Custom(func(t *rapid.T) assignment {
		a := assignment{
			role:   rapid.SampledFrom(assignable()).Draw(t, "role"),
			office: rapid.SampledFrom(append(someOffices, everywhere)).Draw(t, "office"),
			from:   someTime.Add(time.Duration(rapid.IntRange(-5, 5).Draw(t, "from")) * time.Hour),
		}
		if rapid.Bool().Draw(t, "ends") {
			a.to = a.from.Add(time.Duration(rapid.IntRange(0, 6).Draw(t, "hours")) * time.Hour)
		}
		if a.role == town.RoleAssessore {
			a.services = rapid.SliceOfDistinct(rapid.SampledFrom(append(someServices, everywhere)), rapid.ID[string]).Draw(t, "services")
		}
		return a
	}), 0, 4).Draw(t, "held")
}

// TestScopeAgreesWithEnforce compares what a request looks up with what casbin says, for
// the shipped policy and for any other, for any roles held at any time.
func TestScopeAgreesWithEnforce(t *testing.T) {
	shipped, enforcer := shippedPolicy(t), bareCasbin(t, policies.Policy)
	t.Run("the shipped policy", func(t *testing.T) {
		rapid.Check(t, func(t *rapid.T) { checkScope(t, shipped, enforcer) })
	})
	t.Run("any policy", func(t *testing.T) {
		rapid.Check(t, func(t *rapid.T) {
			text := somePolicy(t)
			policy, err := NewPolicy(policies.Model, text)
			if err != nil {
				t.Fatalf("%v in\n%s", err, text)
			}
			checkScope(t, policy, bareCasbin(t, text))
		})
	})
}

func checkScope(t *rapid.T, policy *Policy, enforcer *casbin.Enforcer) {
	held := someAssignments(t)
	now := someTime.Add(time.Duration(rapid.IntRange(-6, 12).Draw(t, "now")) * time.Hour)
	s := newSnapshot(1, policy, standing{})
	scope := s.join(held, now)

	// allowed is what casbin says of all that is held now: only what is delegated to an
	// Assessore counts on the ladder and among alerts, and a thing of no particular service is not.
	allowed := func(act Act, relation func(assignment) Relation, service string) bool {
		object, verb, _ := strings.Cut(string(act), ":")
		for _, a := range held {
			if now.Before(a.from) || !a.to.IsZero() && !now.Before(a.to) {
				continue
			}
			ok, err := enforcer.Enforce(string(a.role), string(relation(a)), object, verb)
			if err != nil {
				t.Fatal(err)
			}
			subject := a.role != town.RoleAssessore || object != "escalation" && object != "alert" || relation(a) == Party ||
				slices.Contains(a.services, "*") || slices.Contains(a.services, service)
			if ok && subject {
				return true
			}
		}
		return false
	}
	for _, act := range Acts() {
		party := allowed(act, func(assignment) Relation { return Party }, "")
		if got := scope.AllowsParty(act); got != party {
			t.Fatalf("%s as a party: scope says %v, casbin %v", act, got, party)
		}
		for _, office := range someOffices {
			standing := func(a assignment) Relation {
				if a.office == office || a.office == "*" {
					return Own
				}
				return Other
			}
			want := allowed(act, standing, "")
			if got := scope.Allows(act, office); got != want {
				t.Fatalf("%s in %s: scope says %v, casbin %v", act, office, got, want)
			}
			if got := scope.Offices(act).Has(office); got != want {
				t.Fatalf("the offices of %s have %s: %v, casbin says %v", act, office, got, want)
			}
			for _, service := range someServices {
				if got, want := scope.AllowsFor(act, office, service), allowed(act, standing, service); got != want {
					t.Fatalf("%s in %s on %s: scope says %v, casbin %v", act, office, service, got, want)
				}
			}
		}
	}
	checkExpiry(t, s, scope, held, now)
}

// checkExpiry: nothing changes before the scope expires.
func checkExpiry(t *rapid.T, s *snapshot, scope *Scope, held []assignment, now time.Time) {
	if scope.Expires.IsZero() {
		return
	}
	if !scope.Expires.After(now) {
		t.Fatalf("a scope made at %v expired at %v", now, scope.Expires)
	}
	later := s.join(held, scope.Expires.Add(-time.Microsecond))
	for _, act := range Acts() {
		for _, office := range someOffices {
			if scope.Allows(act, office) != later.Allows(act, office) {
				t.Fatalf("%s in %s changed before the scope expired", act, office)
			}
		}
	}
}

// BenchmarkAllows is one question to the policy, as requests ask it: of somebody with
// one role, and of somebody with a role in each of forty offices.
func BenchmarkAllows(b *testing.B) {
	policy := shippedPolicy(b)
	one := scopeFor(policy, town.RoleHead)
	var many []assignment
	for i := range 40 {
		many = append(many, assignment{role: town.RoleHead, office: fmt.Sprintf("ufficio-%02d", i)})
	}
	wide := newSnapshot(1, policy, standing{}).join(many, someTime)
	for _, c := range []struct {
		name, office string
		scope        *Scope
		want         bool
	}{
		{"one", "here", one, true}, {"forty", "ufficio-37", wide, true}, {"denied", "elsewhere", wide, false},
	} {
		v := &Viewer{ID: "per_1", Kind: KindPerson, Scope: c.scope}
		b.Run(c.name, func(b *testing.B) {
			for b.Loop() {
				if v.Can(CaseDecide, c.office) != c.want {
					b.Fatal("the scope is wrong")
				}
			}
		})
	}
	b.Run("party", func(b *testing.B) {
		v := &Viewer{ID: "per_1", Kind: KindPerson, Scope: one}
		for b.Loop() {
			if !v.CanAsParty(EscalationRead) {
				b.Fatal("the scope is wrong")
			}
		}
	})
}
