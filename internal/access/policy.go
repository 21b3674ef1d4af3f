package access

import (
	"cmp"
	"fmt"
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
	// rules are the lines that allow what is allowed.
	rules map[cell]*Rule
	// levels say how surely citizens must be known.
	levels *Levels
}

// cell is a question that casbin has answered: one of the truth table.
type cell struct {
	role     town.Role
	relation Relation
	act      Act
}

// grants are the acts of a role by relation.
type grants struct{ own, other, party []Act }

// everybodys are the roles that are not tied to an office: their rules must not
// say "own", which would mean every office where the role is held in all.
var everybodys = []town.Role{town.RoleCitizen, town.RoleTicket, town.RoleKiosk, town.RoleDisplay}

// partyActs are what the party to a thing may be allowed: reading it. Whoever may
// change a thing of their own is told by the room that keeps it.
var partyActs = []Act{VisitRead, CaseRead, CaseReadPersonal, FeedbackRead, FeedbackText, EscalationRead}

// political are the roles of level 5, which never decide.
var political = []town.Role{town.RoleMayor, town.RoleAssessore}

// management are the acts that belong to the managers (art. 107 TUEL): no rule gives one
// to level 5.
var management = []Act{
	CaseDecide, CaseHandle, CaseAssign, CaseTransfer, CaseOverride, EscalationReview, EscalationSubstitute, EscalationAccess,
}

// NewPolicy reads the model and the rules, refuses what cannot be meant, and asks
// casbin once for every role, relation and act.
func NewPolicy(modelText, policyText string) (*Policy, error) {
	enforcer, lines, err := newEnforcer(modelText, policyText)
	if err != nil {
		return nil, err
	}
	p := &Policy{grants: map[town.Role]grants{}, rules: map[cell]*Rule{}}
	for _, role := range town.Roles() {
		g, err := p.ask(enforcer, lines, role)
		if err != nil {
			return nil, err
		}
		p.grants[role] = g
	}
	if err := p.checkPolitical(); err != nil {
		return nil, err
	}
	return p, nil
}

// checkPolitical refuses acts of management at level 5.
func (p *Policy) checkPolitical() error {
	for _, role := range political {
		for _, act := range management {
			if r := cmp.Or(p.RuleOf(role, Own, act), p.RuleOf(role, Other, act)); r != nil {
				return fmt.Errorf("policy.csv:%d: %s may %s: the Mayor and the Assessori never decide a case (art. 107 TUEL)", r.Line, role, act)
			}
		}
	}
	return nil
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

// RuleOf is the line of the policy by which the role may do the act in that relation;
// nil if it may not.
func (p *Policy) RuleOf(role town.Role, relation Relation, act Act) *Rule {
	return p.rules[cell{role, relation, act}]
}

// newEnforcer gives casbin the rules, and the rules by their fields.
func newEnforcer(modelText, policyText string) (*casbin.Enforcer, ruleBook, error) {
	m, err := model.NewModelFromString(modelText)
	if err != nil {
		return nil, nil, fmt.Errorf("model.conf: %w", err)
	}
	enforcer, err := casbin.NewEnforcer(m)
	if err != nil {
		return nil, nil, fmt.Errorf("model.conf: %w", err)
	}
	rules, err := readRules(policyText)
	if err != nil {
		return nil, nil, err
	}
	book := ruleBook{}
	for _, r := range rules {
		added, err := r.addTo(enforcer)
		if err != nil {
			return nil, nil, fmt.Errorf("policy.csv:%d: %w", r.line, err)
		}
		if !added {
			return nil, nil, fmt.Errorf("policy.csv:%d: the same rule stands above", r.line)
		}
		book[r.text()] = r
	}
	return enforcer, book, nil
}

// ask asks casbin for everything that the role may do, and by which line.
func (p *Policy) ask(enforcer *casbin.Enforcer, book ruleBook, role town.Role) (grants, error) {
	var g grants
	for _, act := range Acts() {
		object, verb := act.Split()
		for relation, list := range map[Relation]*[]Act{Own: &g.own, Other: &g.other, Party: &g.party} {
			ok, matched, err := enforcer.EnforceEx(string(role), string(relation), object, verb)
			if err != nil {
				return grants{}, fmt.Errorf("policy: ask for %s %s %s: %w", role, relation, act, err)
			}
			if ok {
				*list = append(*list, act)
				p.rules[cell{role, relation, act}] = book.rule(role, matched)
			}
		}
	}
	return g, nil
}

// Split gives the object and the verb of the policy files.
func (a Act) Split() (object, verb string) {
	object, verb, _ = strings.Cut(string(a), ":")
	return object, verb
}
