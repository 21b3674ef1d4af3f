package access

import (
	"fmt"
	"slices"
	"time"

	"github.com/spazio-in-comune/sportello/internal/town"
)

// ObstacleCode names a reason why something that is held does not do.
type ObstacleCode string

// The reasons.
const (
	ObstacleDisabled     ObstacleCode = "DISABLED"
	ObstacleEnded        ObstacleCode = "ENDED"
	ObstacleNotBegun     ObstacleCode = "NOT_BEGUN"
	ObstacleOffice       ObstacleCode = "WRONG_OFFICE"
	ObstacleSubject      ObstacleCode = "SUBJECT_NOT_DELEGATED"
	ObstacleConfidential ObstacleCode = "CONFIDENTIAL_GRANT_MISSING"
	ObstacleRole         ObstacleCode = "ROLE_LACKS_ACT"
	ObstacleMandate      ObstacleCode = "ONLY_UNDER_MANDATE"
)

// Obstacle is why something that the person holds, held or will hold does not do.
type Obstacle struct {
	Code ObstacleCode
	// EN and IT say it in a sentence, with ids and codes only.
	EN, IT string
	// Held is the assignment meant; nil where it is about none.
	Held *HeldRole
}

// obstacles are the reasons for the ways that are not met, each once.
func obstacles(p *Policy, who asker, t thing, open []way, now time.Time) []Obstacle {
	var list []Obstacle
	add := func(o Obstacle) {
		if !slices.ContainsFunc(list, func(known Obstacle) bool { return known.Code == o.Code && known.EN == o.EN }) {
			list = append(list, o)
		}
	}
	if who.disabled {
		add(Obstacle{Code: ObstacleDisabled, EN: "The person is disabled: nothing is allowed.", IT: "La persona è disabilitata: nulla è consentito."})
	}
	for _, n := range needsOf(open) {
		for _, a := range who.held {
			if o, ok := a.fails(p, n, now); ok {
				add(o)
			}
		}
		if n.isClearance() && !heldNow(p, who, n, now) {
			add(Obstacle{
				Code: ObstacleConfidential,
				EN:   fmt.Sprintf("It is confidential: the separate grant of the office %s is missing.", n.offices[0]),
				IT:   fmt.Sprintf("È riservata: manca l'abilitazione separata dell'ufficio %s.", n.offices[0]),
			})
		}
	}
	if m := t.mandate(who, now); m != nil {
		add(Obstacle{
			Code: ObstacleMandate,
			EN:   fmt.Sprintf("The person may act for a party to it, by the mandate %s: only while acting for them.", m.ID),
			IT:   fmt.Sprintf("La persona può agire per un interessato, con la delega %s: solo quando agisce per suo conto.", m.ID),
		})
	}
	if len(list) == 0 {
		add(Obstacle{
			Code: ObstacleRole,
			EN:   "No role that the person holds, held or will hold allows it.",
			IT:   "Nessun ruolo che la persona ha, ha avuto o avrà lo consente.",
		})
	}
	return list
}

func needsOf(ways []way) []need {
	var needs []need
	for _, w := range ways {
		needs = append(needs, w.needs...)
	}
	return needs
}

// isClearance reports whether the need is the separate grant for what is confidential.
func (n need) isClearance() bool {
	return len(n.offices) > 0 && slices.Equal(n.acts, []Act{CaseConfidential})
}

func heldNow(p *Policy, who asker, n need, now time.Time) bool {
	_, ok := carrier(p, who.held, n, now)
	return ok
}

// fails says why an assignment does not meet a need that a role like it could meet; false
// where it meets it, or no role like it could.
func (a assignment) fails(p *Policy, n need, now time.Time) (Obstacle, bool) {
	held := a.shown()
	for _, relation := range n.relations() {
		for _, act := range n.acts {
			if !p.Allows(a.role, relation, act) {
				continue
			}
			_, fits := a.meets(p, n, act, relation)
			switch {
			case fits && a.holds(now):
				return Obstacle{}, false
			case fits && now.Before(a.from):
				return Obstacle{
					ObstacleNotBegun, fmt.Sprintf("The role %s in %s begins on %s.", a.role, a.office, day(a.from)),
					fmt.Sprintf("Il ruolo %s in %s decorre dal %s.", a.role, a.office, day(a.from)), &held,
				}, true
			case fits:
				return Obstacle{
					ObstacleEnded, fmt.Sprintf("The role %s in %s ended on %s.", a.role, a.office, day(a.to)),
					fmt.Sprintf("Il ruolo %s in %s è cessato il %s.", a.role, a.office, day(a.to)), &held,
				}, true
			case !a.holds(now):
				// Neither in time nor in place: of no help to know.
			case a.inPlace(n) && a.limited():
				return Obstacle{
					ObstacleSubject, fmt.Sprintf("The service %s is not delegated to the %s.", n.service, a.role),
					fmt.Sprintf("Il servizio %s non è delegato all'%s.", n.service, a.role), &held,
				}, true
			case relation == Own && !a.inPlace(n):
				return Obstacle{
					ObstacleOffice, fmt.Sprintf("The role %s is held in %s, and this is of %s.", a.role, a.office, n.offices[0]),
					fmt.Sprintf("Il ruolo %s è in %s, e questo è di %s.", a.role, a.office, n.offices[0]), &held,
				}, true
			}
		}
	}
	return Obstacle{}, false
}

// inPlace reports whether the assignment is held in an office of the need.
func (a assignment) inPlace(n need) bool {
	return len(n.offices) == 0 || a.office == everywhere || slices.Contains(n.offices, a.office)
}

func day(t time.Time) string { return town.Today(t).String() }

// maxNearest bounds how many ways out are told.
const maxNearest = 5

// nearest are the fewest new grants with which the act would be allowed: one, or two
// together, in the order of the roles; none where no two would do.
func nearest(s *snapshot, who asker, see, do []way, now time.Time) []Remedy {
	candidates := candidatesFor(s.policy, append(needsOf(see), needsOf(do)...))
	works := func(more ...Grant) bool {
		held := slices.Clone(who.held)
		for _, g := range more {
			held = append(held, assignment{role: g.Role, office: g.Office, services: g.Services})
		}
		scope := s.join(held, now)
		scope.open(who.opened, now)
		return firstMet(see, scope) != nil && firstMet(do, scope) != nil
	}
	var found []Remedy
	for _, one := range candidates {
		if works(one) {
			found = append(found, Remedy{[]Grant{one}})
		}
	}
	if len(found) == 0 {
		for i, one := range candidates {
			for _, two := range candidates[i+1:] {
				if len(found) < maxNearest && works(one, two) {
					found = append(found, Remedy{[]Grant{one, two}})
				}
			}
		}
	}
	return found[:min(len(found), maxNearest)]
}

// candidatesFor are the roles, and where, that meet one of the needs.
func candidatesFor(p *Policy, needs []need) []Grant {
	var list []Grant
	for _, role := range town.Roles() {
		if slices.Contains(unassignable, role) || slices.Contains(everybodys, role) {
			continue
		}
		for _, n := range needs {
			for _, act := range n.acts {
				list = addCandidates(list, p, role, n, act)
			}
		}
	}
	return list
}

func addCandidates(list []Grant, p *Policy, role town.Role, n need, act Act) []Grant {
	rule, offices := p.RuleOf(role, Own, act), n.offices
	if n.party || rule == nil { // nobody is given a role to be a party
		return list
	}
	if len(offices) == 0 {
		offices = []string{everywhere}
	}
	for _, office := range offices {
		g := Grant{Role: role, Office: office, Rules: []*Rule{rule}}
		if role == town.RoleAssessore {
			g.Services = []string{everywhere}
			if n.service != "" {
				g.Services = []string{n.service}
			}
		}
		i := slices.IndexFunc(list, func(known Grant) bool {
			return known.Role == g.Role && known.Office == g.Office && slices.Equal(known.Services, g.Services)
		})
		switch {
		case i < 0:
			list = append(list, g)
		case !slices.Contains(list[i].Rules, rule):
			list[i].Rules = append(list[i].Rules, rule)
		}
	}
	return list
}
