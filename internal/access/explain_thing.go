package access

import (
	"slices"
	"time"

	"github.com/spazio-in-comune/sportello/internal/town"
)

// thing is an object of the house, as far as who may see it goes: the facts on which the
// rules of visibility stand.
type thing struct {
	id   string
	kind town.Prefix
	// office is where acts on it are judged: of a case or stop its own, of a step the
	// office that holds it, of an office itself; empty for what belongs to none.
	office string
	// origin is, of a step, the office whose answer did not satisfy.
	origin  string
	service string
	// stops are the offices of a visit.
	stops []string
	// former are the offices that handed a case over.
	former []string
	// steps are the offices that hold a step of the ladder about it.
	steps []string
	// secretIn is the office whose confidential grant it needs; empty where none is.
	secretIn string
	// parties are the citizens whom it concerns, by id.
	parties []string
	// doers are those who filed, issued or raised it for somebody.
	doers []string
	// staff and citizen are what a person is; responsibleFor are the applicants of the
	// cases of a responsible officer.
	staff, citizen bool
	responsibleFor []string
}

// public reports whether everybody sees it.
func (t thing) public() bool { return t.kind == town.PrefixOffice || t.kind == town.PrefixSite }

// reading are the acts that to see the thing is.
func (t thing) reading() []Act {
	switch t.kind {
	case town.PrefixVisit, town.PrefixLeg:
		return []Act{VisitRead}
	case town.PrefixCase:
		return []Act{CaseRead}
	case town.PrefixEscalation:
		return []Act{EscalationRead, EscalationReadOrigin}
	case town.PrefixFeedback:
		return []Act{FeedbackRead}
	default:
		return nil
	}
}

// seen are the ways in which the person may see it: the same as the rules of visibility
// that filter queries, in another form; a test compares the two.
func (t thing) seen(who asker, scope *Scope) []way {
	switch {
	case t.public():
		return []way{{standing: StandsPublic}}
	case t.kind == town.PrefixPerson:
		return t.personSeen(who, scope)
	case t.kind == town.PrefixEscalation:
		return t.stepSeen(who)
	case t.kind == town.PrefixFeedback:
		return t.asParty(who, FeedbackRead, []way{{StandsOwn, t.cleared(need{acts: []Act{FeedbackRead}, offices: []string{t.office}})}})
	case t.kind == town.PrefixCase:
		return t.caseSeen(who, scope)
	case t.kind == town.PrefixLeg:
		return append([]way{{StandsOwn, []need{{acts: []Act{VisitRead}, offices: []string{t.office}}}}}, t.visitSeen(who)...)
	default:
		return t.visitSeen(who)
	}
}

func (t thing) visitSeen(who asker) []way {
	offices := t.stops
	if len(offices) == 0 {
		offices = []string{everywhere}
	}
	ways := []way{{StandsOwn, []need{{acts: []Act{VisitRead}, offices: offices}}}}
	return t.asParty(who, VisitRead, append(ways, t.byStep()...))
}

func (t thing) caseSeen(who asker, scope *Scope) []way {
	read := func(offices ...string) []need { return t.cleared(need{acts: []Act{CaseRead}, offices: offices}) }
	ways := []way{{StandsOwn, read(t.office)}}
	if len(t.former) > 0 {
		ways = append(ways, way{StandsFormer, read(t.former...)})
	}
	ways = append(ways, t.byStep()...)
	if scope.OpensCase(t.id) {
		ways = append(ways, way{StandsOpening, t.cleared()})
	}
	return t.asParty(who, CaseRead, ways)
}

func (t thing) stepSeen(who asker) []way {
	held := func(acts ...Act) need { return need{acts: acts, offices: []string{t.office}, service: t.service} }
	return t.asParty(who, EscalationRead, []way{
		{StandsOwn, []need{held(append(slices.Clone(answering), EscalationPolitical)...)}},
		{StandsOwn, t.cleared(held(EscalationRead))},
		{StandsOwn, t.cleared(need{acts: []Act{EscalationReadOrigin}, offices: []string{t.origin}})},
	})
}

func (t thing) personSeen(who asker, scope *Scope) []way {
	var ways []way
	if who.id == t.id {
		ways = append(ways, way{standing: StandsParty})
	}
	if t.staff {
		ways = append(ways, way{StandsOwn, []need{{acts: []Act{StaffRead}}}})
	}
	if t.citizen {
		ways = append(ways, way{StandsOwn, []need{{acts: []Act{PersonRead}}}})
	}
	if scope.OpensPerson(t.id) {
		ways = append(ways, way{standing: StandsOpening})
	}
	if slices.Contains(t.responsibleFor, who.id) {
		ways = append(ways, way{StandsParty, []need{{acts: []Act{CaseRead}, party: true}}})
	}
	return ways
}

// byStep is the way of who answers a step of the ladder about it below level 5.
func (t thing) byStep() []way {
	if len(t.steps) == 0 {
		return nil
	}
	return []way{{StandsStep, t.cleared(need{acts: answering, offices: t.steps})}}
}

// cleared adds the grant for what is confidential.
func (t thing) cleared(needs ...need) []need {
	if t.secretIn == "" {
		return needs
	}
	return append(needs, need{acts: []Act{CaseConfidential}, offices: []string{t.secretIn}})
}

// asParty adds the way of a party, where the person is one.
func (t thing) asParty(who asker, act Act, ways []way) []way {
	if !t.hasParty(who) {
		return ways
	}
	return append(ways, way{StandsParty, []need{{acts: []Act{act}, party: true}}})
}

func (t thing) hasParty(who asker) bool {
	return slices.Contains(t.parties, who.id) || slices.Contains(t.doers, who.id)
}

// done are the ways in which the act is allowed on it, for who sees it.
func (t thing) done(who asker, scope *Scope, act Act) []way {
	if t.kind == town.PrefixPerson && act == PersonRead {
		return t.personRead(who, scope)
	}
	n := need{acts: []Act{act}, service: t.service}
	switch {
	case t.kind == town.PrefixPerson || t.kind == town.PrefixSite:
	case act == EscalationReadOrigin && t.origin != "":
		n.offices = []string{t.origin}
	case t.kind == town.PrefixVisit:
		n.offices = t.stops
	case t.kind == town.PrefixEscalation && slices.Contains([]Act{CaseRead, CaseReadPersonal, CaseConfidential}, act):
		n.offices = []string{t.origin}
	case t.office != "":
		n.offices = []string{t.office}
	}
	ways := []way{{StandsOwn, []need{n}}}
	if slices.Contains(partyActs, act) {
		ways = t.asParty(who, act, ways)
	}
	return ways
}

// personRead are the ways to the personal data of a person: one's own, those that level 5
// has opened, and those of citizens for whoever receives them. Staff have labels.
func (t thing) personRead(who asker, scope *Scope) []way {
	var ways []way
	if who.id == t.id {
		ways = append(ways, way{standing: StandsParty})
	}
	if t.citizen {
		ways = append(ways, way{StandsOwn, []need{{acts: []Act{PersonRead}}}})
	}
	if scope.OpensPerson(t.id) {
		ways = append(ways, way{standing: StandsOpening})
	}
	return ways
}

// mandate is one under which the person may act now for a party to the thing; nil if
// there is none.
func (t thing) mandate(who asker, now time.Time) *Mandate {
	for _, m := range who.stands {
		if m.holds(now) && slices.Contains(t.parties, m.PrincipalID) && m.Covers(t.service) {
			return m
		}
	}
	return nil
}
