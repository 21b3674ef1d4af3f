package access

import (
	"slices"
	"time"

	"github.com/spazio-in-comune/sportello/internal/town"
)

// Standing is how somebody stands to a thing, finer than the [Relation] of the policy.
type Standing string

// The standings.
const (
	StandsOwn     Standing = "OWN"           // it belongs to an office in which the role is held
	StandsOther   Standing = "OTHER"         // to another office, and the role reaches there
	StandsParty   Standing = "PARTY"         // it is one's own, or one filed, issued or raised it
	StandsFormer  Standing = "FORMER_OFFICE" // one's office handed the case over
	StandsStep    Standing = "STEP_HELD"     // one's office answers a step of the ladder about it
	StandsOpening Standing = "OPENING"       // level 5 has opened the personal data behind a step
	StandsMandate Standing = "MANDATE"       // a person whom one may act for is a party to it
	StandsPublic  Standing = "PUBLIC"        // everybody sees it
	StandsNone    Standing = "NONE"
)

// Explanation says why somebody may do an act on a thing, or why not.
type Explanation struct {
	PersonID string
	Act      Act
	ObjectID string
	// Allowed is whether the act is allowed on the thing as far as rights go; Visible is
	// whether the person sees it at all. What is hidden is never allowed.
	Allowed, Visible bool
	// Standing is how the person stands to it: what allows the act, else what shows the
	// thing, else none.
	Standing Standing
	// Grounds are the rules and roles that carry the answer: those that show the thing,
	// then those that allow the act. Empty where there are none.
	Grounds []Ground
	// Obstacles are why what the person holds, held or will hold does not do. Empty where
	// the act is allowed.
	Obstacles []Obstacle
	// Nearest are what would allow it, fewest new grants first. Empty where it is allowed,
	// and where no grant would.
	Nearest []Remedy
}

// Ground is one permission in use: the line of the policy and the role that has it.
type Ground struct {
	Standing Standing
	Act      Act
	// Office is where the act is judged; empty for acts that concern no office.
	Office string
	Rule   *Rule
	// Held is the assignment that carries it.
	Held HeldRole
}

// Remedy are roles that together would allow it.
type Remedy struct{ Grants []Grant }

// Grant is a role that could be given. Office is "*" where any office would do.
type Grant struct {
	Role     town.Role
	Office   string
	Services []string
	// Rules are the lines of the policy by which it would help.
	Rules []*Rule
}

// asker is a person as the reasoning needs them.
type asker struct {
	id       string
	kind     ViewerKind
	disabled bool
	held     []assignment // past, present and future
	opened   []Opened
	// stands are the persons on whose behalf the person may act now, in the services.
	stands []*Mandate
}

// need is something that must be allowed: one of the acts, in one of the offices.
type need struct {
	acts []Act
	// offices are where it may be allowed; none asks for acts that concern no office.
	offices []string
	service string
	// party asks for what one is a party to, instead of an office.
	party bool
}

// way is one way to be allowed something: all its needs must be met.
type way struct {
	standing Standing
	needs    []need
}

// explain reasons from the policy, what the person holds and the facts of the thing. It
// reads nothing and asks casbin nothing.
func explain(p *Policy, who asker, t thing, act Act, now time.Time) *Explanation {
	e := &Explanation{PersonID: who.id, Act: act, ObjectID: t.id, Standing: StandsNone}
	s := newSnapshot(0, p, standing{})
	scope := s.join(who.held, now)
	scope.open(who.opened, now)

	see, do := t.seen(who, scope), t.done(who, scope, act)
	if isReading(t, act) {
		do = see
	}
	shown, carried := firstMet(see, scope), firstMet(do, scope)
	e.Visible = shown != nil && !who.disabled
	e.Allowed = e.Visible && carried != nil
	if e.Visible {
		e.Standing, e.Grounds = carriedBy(p, who, *shown, now)
	}
	if e.Allowed && !isReading(t, act) {
		standing, more := carriedBy(p, who, *carried, now)
		e.Standing, e.Grounds = standing, append(e.Grounds, more...)
	}
	if e.Allowed {
		return e
	}
	if !e.Visible && t.mandate(who, now) != nil {
		e.Standing = StandsMandate
	}
	e.Obstacles = obstacles(p, who, t, missing(see, do, scope, e.Visible, carried != nil), now)
	if !who.disabled {
		e.Nearest = nearest(s, who, see, do, now)
	}
	return e
}

// isReading reports whether to see the thing is to be allowed the act.
func isReading(t thing, act Act) bool { return slices.Contains(t.reading(), act) }

// firstMet is the first way whose needs are all met.
func firstMet(ways []way, s *Scope) *way {
	for i := range ways {
		if ways[i].met(s) {
			return &ways[i]
		}
	}
	return nil
}

func (w way) met(s *Scope) bool {
	for _, n := range w.needs {
		if !n.met(s) {
			return false
		}
	}
	return true
}

func (n need) met(s *Scope) bool {
	for _, act := range n.acts {
		if n.party && s.AllowsParty(act) {
			return true
		}
		if n.party {
			continue
		}
		if len(n.offices) == 0 && s.Allows(act, "") {
			return true
		}
		for _, office := range n.offices {
			if s.AllowsFor(act, office, n.service) {
				return true
			}
		}
	}
	return false
}

// missing are the ways that are not met: to see the thing where it is hidden, to do the
// act where that is not allowed.
func missing(see, do []way, s *Scope, visible, allowed bool) []way {
	var open []way
	if !visible {
		open = append(open, see...)
	}
	if !allowed {
		open = append(open, do...)
	}
	return slices.DeleteFunc(open, func(w way) bool { return w.met(s) })
}

// carriedBy is how the person stands by a way that is met, and what carries it.
func carriedBy(p *Policy, who asker, w way, now time.Time) (Standing, []Ground) {
	var list []Ground
	for _, n := range w.needs {
		if g, ok := carrier(p, who.held, n, now); ok {
			if w.standing != StandsOwn {
				g.Standing = w.standing
			}
			list = append(list, g)
		}
	}
	if len(list) > 0 {
		return list[0].Standing, list
	}
	return w.standing, nil
}

// carrier is the assignment, and the rule, by which the need is met: one in the office
// itself before one that reaches there from another.
func carrier(p *Policy, held []assignment, n need, now time.Time) (Ground, bool) {
	for _, relation := range n.relations() {
		for _, act := range n.acts {
			for _, a := range held {
				if !a.holds(now) {
					continue
				}
				if office, ok := a.meets(p, n, act, relation); ok {
					g := Ground{Standing: StandsOwn, Act: act, Office: office, Rule: p.RuleOf(a.role, relation, act), Held: a.shown()}
					if relation == Other {
						g.Standing = StandsOther
					}
					return g, true
				}
			}
		}
	}
	return Ground{}, false
}

func (n need) relations() []Relation {
	if n.party {
		return []Relation{Party}
	}
	return []Relation{Own, Other}
}

// meets reports whether the assignment, whenever it holds, allows the act as the need
// asks for, and in which office.
func (a assignment) meets(p *Policy, n need, act Act, relation Relation) (office string, ok bool) {
	if !p.Allows(a.role, relation, act) || relation == Other && !p.Allows(a.role, Own, act) {
		return "", false
	}
	if relation == Party {
		return "", true
	}
	if a.limited() && limits(act) && !slices.Contains(a.services, n.service) && (len(n.offices) > 0 || len(a.services) == 0) {
		return "", false
	}
	if len(n.offices) == 0 {
		return "", relation == Own
	}
	for _, office := range n.offices {
		here := a.office == everywhere || a.office == office
		if here == (relation == Own) {
			return office, true
		}
	}
	return "", false
}

// shown is the assignment as it is told.
func (a assignment) shown() HeldRole {
	return HeldRole{Role: a.role, Office: a.office, From: a.from, To: a.to, GrantedBy: a.grantedBy, Services: a.services}
}
