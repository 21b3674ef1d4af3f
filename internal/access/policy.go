package access

import (
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/casbin/casbin/v2"
	"github.com/casbin/casbin/v2/model"

	"github.com/spazio-in-comune/sportello/internal/town"
)

// Relation is how somebody stands to a thing.
type Relation string

// The relations of a request, and Any, which only a rule may name.
const (
	// Own is to a thing of an office in which the role is held.
	Own Relation = "own"
	// Other is to a thing of another office.
	Other Relation = "other"
	// Party is to a thing of one's own: one's visit, case or word, or what one filed
	// or issued for somebody.
	Party Relation = "party"
	// Any in a rule is Own and Other.
	Any Relation = "any"
)

// Policy is what the files say, worked out for every role. It is immutable.
type Policy struct {
	grants map[town.Role]grants
}

// grants are the acts of a role by relation.
type grants struct{ own, other, party []Act }

// everybodys are the roles that are not tied to an office: their rules must not
// say "own", which would mean every office where the role is held in all.
var everybodys = []town.Role{town.RoleCitizen, town.RoleTicket, town.RoleKiosk, town.RoleDisplay}

// partyActs are what the party to a thing may be allowed: reading it. Whoever may
// change a thing of their own is told by the room that keeps it.
var partyActs = []Act{VisitRead, CaseRead, CaseReadPersonal, FeedbackRead, EscalationRead}

// political are the roles of level 5, which never decide.
var political = []town.Role{town.RoleMayor, town.RoleAssessore}

// NewPolicy reads the model and the rules, refuses what cannot be meant, and asks
// casbin once for every role, relation and act.
func NewPolicy(modelText, policyText string) (*Policy, error) {
	enforcer, err := newEnforcer(modelText, policyText)
	if err != nil {
		return nil, err
	}
	p := &Policy{grants: map[town.Role]grants{}}
	for _, role := range town.Roles() {
		g, err := ask(enforcer, role)
		if err != nil {
			return nil, err
		}
		if slices.Contains(political, role) && (slices.Contains(g.own, CaseDecide) || slices.Contains(g.other, CaseDecide)) {
			return nil, fmt.Errorf("policy: %s may %s: the Mayor and the Assessori never decide a case (art. 107 TUEL)", role, CaseDecide)
		}
		p.grants[role] = g
	}
	return p, nil
}

// Allows reports whether the role may do the act in that relation.
func (p *Policy) Allows(role town.Role, relation Relation, act Act) bool {
	g := p.grants[role]
	switch relation {
	case Own:
		return slices.Contains(g.own, act)
	case Other:
		return slices.Contains(g.other, act)
	case Party:
		return slices.Contains(g.party, act)
	default:
		return false
	}
}

func newEnforcer(modelText, policyText string) (*casbin.Enforcer, error) {
	m, err := model.NewModelFromString(modelText)
	if err != nil {
		return nil, fmt.Errorf("policy model: %w", err)
	}
	enforcer, err := casbin.NewEnforcer(m)
	if err != nil {
		return nil, fmt.Errorf("policy model: %w", err)
	}
	rules, err := readRules(policyText)
	if err != nil {
		return nil, err
	}
	for _, r := range rules {
		added, err := r.addTo(enforcer)
		if err != nil {
			return nil, fmt.Errorf("policy line %d: %w", r.line, err)
		}
		if !added {
			return nil, fmt.Errorf("policy line %d: the same rule stands above", r.line)
		}
	}
	return enforcer, nil
}

func ask(enforcer *casbin.Enforcer, role town.Role) (grants, error) {
	var g grants
	for _, act := range Acts() {
		object, verb := act.split()
		for relation, list := range map[Relation]*[]Act{Own: &g.own, Other: &g.other, Party: &g.party} {
			ok, err := enforcer.Enforce(string(role), string(relation), object, verb)
			if err != nil {
				return grants{}, fmt.Errorf("policy: ask for %s %s %s: %w", role, relation, act, err)
			}
			if ok {
				*list = append(*list, act)
			}
		}
	}
	return g, nil
}

// rule is a line of the policy file.
type rule struct {
	line   int
	kind   string // p or g
	fields []string
}

func (r rule) addTo(enforcer *casbin.Enforcer) (bool, error) {
	if r.kind == "g" {
		return enforcer.AddGroupingPolicy(r.fields)
	}
	return enforcer.AddPolicy(r.fields)
}

// readRules reads the lines and refuses names that nobody knows.
func readRules(text string) ([]rule, error) {
	reader := csv.NewReader(strings.NewReader(text))
	reader.Comment = '#'
	reader.TrimLeadingSpace = true
	reader.FieldsPerRecord = -1
	var rules []rule
	for {
		record, err := reader.Read()
		if errors.Is(err, io.EOF) {
			return rules, nil
		}
		if err != nil {
			return nil, fmt.Errorf("policy: %w", err)
		}
		line, _ := reader.FieldPos(0)
		for i := range record {
			record[i] = strings.TrimSpace(record[i])
		}
		r := rule{line: line, kind: record[0], fields: record[1:]}
		if err := r.check(); err != nil {
			return nil, fmt.Errorf("policy line %d: %w", line, err)
		}
		rules = append(rules, r)
	}
}

func (r rule) check() error {
	switch {
	case r.kind == "g" && len(r.fields) == 2:
		return errors.Join(knownRole(r.fields[0]), knownRole(r.fields[1]))
	case r.kind == "p" && len(r.fields) == 4:
		return r.checkPermission()
	default:
		return errors.New("want p, role, relation, object, act or g, role, role")
	}
}

func (r rule) checkPermission() error {
	role, relation, act := town.Role(r.fields[0]), Relation(r.fields[1]), Act(r.fields[2]+":"+r.fields[3])
	switch {
	case knownRole(r.fields[0]) != nil:
		return knownRole(r.fields[0])
	case !slices.Contains(Acts(), act):
		return fmt.Errorf("unknown act %s", act)
	case relation != Own && relation != Any && relation != Party:
		return fmt.Errorf("unknown relation %q: want own, any or party", relation)
	case relation == Own && slices.Contains(everybodys, role):
		return fmt.Errorf("%s has no office of its own: want any or party", role)
	case relation == Party && !slices.Contains(partyActs, act):
		return fmt.Errorf("party is about reading only, not %s", act)
	}
	return nil
}

func knownRole(name string) error {
	if slices.Contains(town.Roles(), town.Role(name)) {
		return nil
	}
	return fmt.Errorf("unknown role %q", name)
}

// split gives the object and the verb of the policy files.
func (a Act) split() (object, verb string) {
	object, verb, _ = strings.Cut(string(a), ":")
	return object, verb
}
