package main

import (
	"slices"

	"github.com/spazio-in-comune/sportello/internal/town"
)

// The oracle says who may see what in a generated town, from the words of the policy's
// comments, of the README and of the contract: no policy file, no SQL, none of the
// house's own rules. Where a rule here and in the house differ, one of them is wrong.

// gviewer is whoever asks: a person, the holder of a ticket, or the public.
type gviewer struct {
	name    string
	person  *gperson // nil for tickets and the public
	ticket  *gvisit
	actsFor *gmandate // nil on one's own account
	token   string
}

// id is the person's; empty for who is none.
func (v gviewer) id() string {
	if v.person == nil {
		return ""
	}
	return v.person.id
}

// account is the person whose things are asked for: one's own, or the principal's.
func (v gviewer) account() string {
	if v.actsFor != nil {
		return v.actsFor.principal
	}
	return v.id()
}

// stands reports whether the viewer is that person, or acts for them in the service.
func (v gviewer) stands(person, service string) bool {
	return person != "" && person == v.account() && v.covers(service)
}

// covers is true on one's own account; else what the mandate names, or everything.
func (v gviewer) covers(service string) bool {
	return v.actsFor == nil || len(v.actsFor.services) == 0 || slices.Contains(v.actsFor.services, service)
}

// did reports whether the viewer did something for somebody, which they may read back on
// their own account.
func (v gviewer) did(person string) bool { return v.actsFor == nil && person != "" && person == v.id() }

func (v gviewer) public() bool { return v.person == nil && v.ticket == nil }

// oracle answers for one town.
type oracle struct {
	t     *gtown
	index map[string]any // every thing by its id
	of    map[string]any // what a part belongs to
	// moments are the ids of what has none in the contract, by their milliseconds.
	moments map[int64]string
}

func newOracle(t *gtown) *oracle {
	o := &oracle{t: t, index: map[string]any{}, of: map[string]any{}, moments: map[int64]string{}}
	for _, p := range t.people {
		o.index[p.id] = p
		for i := range p.roles {
			o.index[p.roles[i].id] = &p.roles[i]
		}
	}
	for _, v := range t.visits {
		o.index[v.id] = v
		for _, l := range v.legs {
			o.index[l.id], o.of[l.id] = l, v
			for _, i := range l.intervals {
				o.index[i.id], o.of[i.id], o.moments[i.at.UnixMilli()] = i, l, i.id
			}
			for _, c := range l.calls {
				o.index[c.id], o.of[c.id], o.moments[c.at.UnixMilli()] = c, l, c.id
			}
		}
	}
	for _, s := range t.sessions {
		o.index[s.id] = s
	}
	for _, c := range t.cases {
		o.index[c.id] = c
		for _, e := range c.entries {
			o.index[e.id], o.of[e.id] = e, c
		}
		for _, d := range c.documents {
			o.index[d], o.of[d] = d, c
		}
		for _, k := range c.clocks {
			o.index[k.id], o.of[k.id] = k, c
			for _, ground := range k.ledger {
				o.index[ground], o.of[ground] = ground, c
			}
		}
	}
	for _, i := range t.intakes {
		o.index[i.id] = i
	}
	for _, w := range t.words {
		o.index[w.id] = w
	}
	for _, s := range t.steps {
		o.index[s.id] = s
	}
	for _, s := range t.signIns {
		o.index[s.id] = s
	}
	for _, m := range t.mandates {
		o.index[m.id] = m
	}
	for _, a := range t.alerts {
		o.index[a.id] = a
	}
	for _, n := range t.notes {
		o.index[n.id] = n
	}
	return o
}

// holds reports whether the viewer holds one of the roles now, in the office or in all;
// an office of "" asks for anywhere.
func (o *oracle) holds(v gviewer, office string, roles ...town.Role) bool {
	if v.person == nil || v.actsFor != nil { // one's own roles stay aside
		return false
	}
	for _, r := range v.person.roles {
		now := !o.t.now.Before(r.from) && (r.to.IsZero() || o.t.now.Before(r.to))
		if now && slices.Contains(roles, r.role) && (office == "" || r.office == "*" || r.office == office) {
			return true
		}
	}
	return false
}

// citizen: every signed-in person of the public. Nobody gives this role.
func (o *oracle) citizen(v gviewer) bool {
	return v.person != nil && v.person.kind == town.PersonCitizen
}

// receives are the roles that receive people in an office.
func receives() []town.Role {
	return []town.Role{town.RoleOperator, town.RoleOfficer, town.RoleHead, town.RoleHelpPoint}
}

// staff work in the house.
func (o *oracle) staff(v gviewer) bool {
	return o.holds(v, "", append(receives(), town.RoleInfoPoint, town.RoleSubstitute, town.RoleRPCT, town.RoleAssessore, town.RoleMayor, town.RoleAdmin, town.RoleAuditor)...)
}

// hall reports whether the viewer sees the visits of an office: who receives people
// there; the information point and the auditor see all.
func (o *oracle) hall(v gviewer, office string) bool {
	return o.holds(v, office, receives()...) || o.holds(v, "", town.RoleInfoPoint, town.RoleAuditor)
}

// answers reports whether the viewer answers the steps that the office holds, below
// level 5: the Help Point, the sector heads, and who holds a remedy of law.
func (o *oracle) answers(v gviewer, office string) bool {
	return o.holds(v, office, town.RoleHelpPoint, town.RoleHead, town.RoleSubstitute, town.RoleRPCT)
}

// visit: seen by the offices of its stops, by whoever answers a step about it, by the
// citizen, by whoever issued its number, and by the holder of its ticket.
func (o *oracle) visit(v gviewer, x *gvisit) bool {
	if v.ticket == x {
		return true
	}
	mine := o.citizen(v) || o.holds(v, "", append(receives(), town.RoleKiosk)...)
	covered := v.actsFor == nil || len(v.actsFor.services) == 0 || slices.ContainsFunc(x.legs, func(l *gleg) bool { return v.covers(l.service) })
	if mine && (x.person != "" && x.person == v.account() && covered || v.did(x.issuer)) {
		return true
	}
	return slices.ContainsFunc(x.legs, func(l *gleg) bool { return o.hall(v, l.office) }) ||
		slices.ContainsFunc(o.t.steps, func(s *gstep) bool { return s.visit == x.id && o.answers(v, s.owner) })
}

// cleared reports whether the viewer has the grant for the confidential cases of the
// office: its head, and whoever holds it beside another role.
func (o *oracle) cleared(v gviewer, office string) bool {
	return o.holds(v, office, town.RoleHead, town.RoleConfidential)
}

// deals are the roles that are a party to what they filed.
func deals() []town.Role { return []town.Role{town.RoleOperator, town.RoleOfficer, town.RoleHead} }

// partyOf: the applicant, and whoever filed it.
func (o *oracle) partyOf(v gviewer, c *gcase) bool {
	return (o.citizen(v) || o.holds(v, "", deals()...)) && (v.stands(c.applicant, o.t.service) || v.did(c.filer))
}

func (o *oracle) reads(v gviewer, office string) bool {
	return o.holds(v, office, deals()...) || o.holds(v, "", town.RoleAuditor)
}

// houseSees: the case's office, offices that handed it over, whoever answers a step
// about it; confidential ones with the grant of its office besides.
func (o *oracle) houseSees(v gviewer, c *gcase) bool {
	if c.confidential && !o.cleared(v, c.office) {
		return false
	}
	return o.reads(v, c.office) ||
		slices.ContainsFunc(c.former, func(office string) bool { return o.reads(v, office) }) ||
		slices.ContainsFunc(o.t.steps, func(s *gstep) bool { return s.file == c.id && o.answers(v, s.owner) })
}

func (o *oracle) file(v gviewer, c *gcase) bool {
	return o.partyOf(v, c) || o.houseSees(v, c) || o.opened(v, c)
}

// content: what was decided and why is not for level 5, which sees status, clocks and the
// open timeline of a case that it has opened.
func (o *oracle) content(v gviewer, c *gcase) bool { return o.partyOf(v, c) || o.houseSees(v, c) }

// opened: level 5 sees the case behind a step whose personal data it has open; a
// confidential one with the grant besides.
func (o *oracle) opened(v gviewer, c *gcase) bool {
	return (!c.confidential || o.cleared(v, c.office)) && o.hasOpen(v, func(s *gstep) bool { return s.file == c.id })
}

// hasOpen reports whether the viewer has open now the personal data behind a step of
// which it holds, and still answers it.
func (o *oracle) hasOpen(v gviewer, which func(s *gstep) bool) bool {
	return slices.ContainsFunc(o.t.openings, func(x *gopening) bool {
		s := o.index[x.step].(*gstep)
		return v.actsFor == nil && x.person == v.id() && o.t.now.Before(x.until) && o.political(v, s) && which(s)
	})
}

// political reports whether the viewer answers the step as level 5: the Mayor in every
// service, an Assessore in those that were delegated.
func (o *oracle) political(v gviewer, s *gstep) bool { return o.politicalAt(v, s.owner, s.service) }

func (o *oracle) politicalAt(v gviewer, office, service string) bool {
	if o.holds(v, office, town.RoleMayor) {
		return true
	}
	if !o.holds(v, office, town.RoleAssessore) {
		return false
	}
	for _, r := range v.person.roles {
		one := gviewer{person: &gperson{roles: []grole{r}}}
		if o.holds(one, office, town.RoleAssessore) && (slices.Contains(r.services, "*") || slices.Contains(r.services, service)) {
			return true
		}
	}
	return false
}

// fileID is file for an id, which may be none.
func (o *oracle) fileID(v gviewer, id string) bool {
	c, ok := o.index[id].(*gcase)
	return ok && o.file(v, c)
}

// personalOf: who the applicant is and what they filled in.
func (o *oracle) personalOf(v gviewer, c *gcase) bool {
	return o.file(v, c) && (o.partyOf(v, c) || o.holds(v, c.office, deals()...) || o.holds(v, "", town.RoleHelpPoint, town.RoleSubstitute, town.RoleRPCT))
}

func (o *oracle) intake(v gviewer, i *gintake) bool {
	mine := (o.citizen(v) || o.holds(v, "", deals()...)) && (v.did(i.actor) || v.stands(i.applicant, o.t.service) ||
		v.actsFor != nil && i.applicant == "" && v.stands(i.actor, o.t.service))
	return mine || o.reads(v, i.office) && o.fileID(v, i.file)
}

// ofMine reports whether something is about the viewer's own visit or case.
func (o *oracle) ofMine(v gviewer, visit, file, service string) bool {
	if v.ticket != nil && v.ticket.id == visit {
		return true
	}
	x, _ := o.index[visit].(*gvisit)
	c, _ := o.index[file].(*gcase)
	return v.account() != "" && v.covers(service) && (x != nil && x.person == v.account() || c != nil && c.applicant == v.account())
}

// word: the head of the office, the Help Point, level 5 and the auditor watch over the
// citizens' word; whoever the contact was with sees it, unnamed words included.
func (o *oracle) word(v gviewer, w *gword) bool {
	if o.ownWord(v, w) {
		return true
	}
	if c, ok := o.index[w.file].(*gcase); ok && c.confidential && !o.cleared(v, c.office) {
		return false
	}
	return o.holds(v, w.office, town.RoleHead) ||
		o.holds(v, "", town.RoleHelpPoint, town.RoleAssessore, town.RoleMayor, town.RoleAuditor)
}

// ownWord reports whether a word is of or about the viewer's own contact.
func (o *oracle) ownWord(v gviewer, w *gword) bool {
	return (o.citizen(v) || v.ticket != nil) && (v.stands(w.author, w.service) || o.ofMine(v, w.visit, w.file, w.service))
}

// comment: what the citizen wrote is for the head and the Help Point, who answer for it,
// and for whoever the contact was with; level 5 and the auditor see scores and causes.
func (o *oracle) comment(v gviewer, w *gword) bool {
	return o.word(v, w) && (o.ownWord(v, w) || o.holds(v, w.office, town.RoleHead) || o.holds(v, "", town.RoleHelpPoint))
}

// step: whoever answers it, though it is confidential; the Help Point, its office and the
// office whose answer did not satisfy, with the grant if it is; the citizen and whoever asked.
func (o *oracle) step(v gviewer, s *gstep) bool {
	if o.answers(v, s.owner) || o.political(v, s) {
		return true
	}
	mine := o.citizen(v) || v.ticket != nil || o.holds(v, "", append(receives(), town.RoleInfoPoint)...)
	if mine && (v.did(s.opener) || v.stands(s.behalf, s.service) || o.ofMine(v, s.visit, s.file, s.service)) {
		return true
	}
	reader := o.holds(v, s.origin, town.RoleOfficer, town.RoleHead) || o.holds(v, "", town.RoleHelpPoint, town.RoleAuditor) ||
		o.holds(v, s.owner, town.RoleSubstitute, town.RoleRPCT)
	return reader && (!s.confidential || o.cleared(v, s.origin))
}

// alert: whoever answers the step that it is about, though it is confidential; the Mayor,
// and an Assessore in the delegated services; the head of the office concerned, the Help
// Point where it is the one; the auditor. What is confidential needs the grant. The holders
// of the remedies of law are told of their steps by mail, and of no alerts.
func (o *oracle) alert(v gviewer, a *galert) bool {
	if !o.toldOfAlerts(v) {
		return false
	}
	if a.holder != "" && (o.answers(v, a.holder) || o.politicalAt(v, a.holder, a.service)) {
		return true
	}
	reader := o.politicalAt(v, town.OfficeMayor, a.service) || o.holds(v, "", town.RoleAuditor) ||
		o.holds(v, a.office, town.RoleHead, town.RoleHelpPoint, town.RoleMayor) || o.politicalAt(v, a.office, "*")
	return reader && (!a.confidential || o.cleared(v, a.office))
}

// report: what an office is asked is seen by those who report there, with the grant where it
// is confidential, and by whoever sees the step.
func (o *oracle) report(v gviewer, n *gnote) bool {
	s := o.index[n.step].(*gstep)
	return o.reports(v, n.office) && (!s.confidential || o.cleared(v, n.office)) || o.step(v, s)
}

// reports are the roles that report for an office.
func (o *oracle) reports(v gviewer, office string) bool {
	return o.holds(v, office, town.RoleOfficer, town.RoleHead)
}

// reportWords: what was asked and reported is between the house's own people; level 5
// reads it where it holds the step, or has opened the personal data.
func (o *oracle) reportWords(v gviewer, n *gnote) bool {
	s := o.index[n.step].(*gstep)
	citizen := v.ticket != nil && s.visit == v.ticket.id || v.stands(s.behalf, s.service)
	return o.report(v, n) && (o.reports(v, n.office) || s.step == town.StepMayor && o.political(v, s) || !citizen && o.wordsOf(v, s))
}

// wordsOf: the citizen's own words on a step, for the citizen, for whoever answers it
// below level 5, for who reads personal data in the office concerned, and for level 5
// once it has opened them.
func (o *oracle) wordsOf(v gviewer, s *gstep) bool {
	if v.ticket != nil && s.visit == v.ticket.id || v.stands(s.behalf, s.service) {
		return true
	}
	if o.hasOpen(v, func(opened *gstep) bool { return opened.ladder == s.ladder }) {
		return true
	}
	switch s.step {
	case town.StepSectorHead:
		if o.holds(v, s.owner, town.RoleHead) {
			return true
		}
	case town.StepSubstitute:
		if o.holds(v, s.owner, town.RoleSubstitute) {
			return true
		}
	case town.StepAccessReview:
		if o.holds(v, s.owner, town.RoleRPCT) {
			return true
		}
	case town.StepMayor:
	default:
		if o.holds(v, s.owner, town.RoleHelpPoint) {
			return true
		}
	}
	return o.holds(v, s.origin, deals()...) || o.holds(v, "", town.RoleHelpPoint, town.RoleSubstitute, town.RoleRPCT)
}

// answerOf: the answer of a step goes with the step; level 5 reads what others wrote to
// the citizen below only once it has opened the personal data.
func (o *oracle) answerOf(v gviewer, s *gstep) bool {
	return s.step == town.StepMayor || !o.politicalAt(v, town.OfficeMayor, s.service) || o.wordsOf(v, s)
}

// personRow: oneself; colleagues and devices for staff; citizens for whoever receives
// them; the officer responsible for a case of one's own; the principal for whom one acts in
// everything; the citizen whose data level 5 has open.
func (o *oracle) personRow(v gviewer, p *gperson) bool {
	if v.person == nil {
		return false
	}
	if p == v.person || o.staff(v) && p.kind != town.PersonCitizen || o.personData(v, p) {
		return true
	}
	if !o.citizen(v) && !o.holds(v, "", deals()...) {
		return false
	}
	return slices.ContainsFunc(o.t.cases, func(c *gcase) bool { return v.stands(c.applicant, o.t.service) && c.responsible == p.id })
}

// personData: the names and numbers of a citizen; of the principal for whom one acts in
// everything, too.
func (o *oracle) personData(v gviewer, p *gperson) bool {
	if v.actsFor != nil && len(v.actsFor.services) == 0 && v.actsFor.principal == p.id {
		return true
	}
	return p.kind == town.PersonCitizen && (p == v.person || o.holds(v, "", receives()...) || o.hasOpen(v, func(s *gstep) bool { return s.behalf == p.id }))
}

// session: who sits at which counter is for the staff who see its queue.
func (o *oracle) session(v gviewer, s *gsession) bool {
	return o.hall(v, s.office) || s.operator == v.id() && o.holds(v, "", append(receives(), town.RoleInfoPoint)...)
}

// sees answers for a thing of the town by its type and its id, or what stands for it.
func (o *oracle) sees(v gviewer, kind, id string) bool {
	switch kind {
	case "Plugin":
		return o.holds(v, "", town.RoleAdmin, town.RoleAuditor)
	case "Queue":
		return o.hall(v, id)
	case "Site", "Counter":
		return true
	case "Member":
		p, ok := o.index[id].(*gperson)
		return ok && p.kind != town.PersonCitizen && o.staff(v)
	case "Credential":
		return o.holds(v, "", town.RoleAdmin)
	}
	switch x := o.index[id].(type) {
	case *gperson:
		return o.personRow(v, x)
	case *gvisit:
		return o.visit(v, x)
	case *gleg:
		return o.hall(v, x.office) || v.covers(x.service) && o.visit(v, o.of[id].(*gvisit))
	case gmoment:
		if kind == "Call" { // it names others who waited: for the staff of the office
			return o.hall(v, o.of[id].(*gleg).office)
		}
		l := o.of[id].(*gleg)
		return o.sees(v, "Leg", l.id)
	case *gsession:
		return o.session(v, x)
	case *gcase:
		return o.file(v, x)
	case *gentry: // internal lines are for the house
		c := o.of[id].(*gcase)
		return o.houseSees(v, c) || (o.partyOf(v, c) || o.opened(v, c)) && !x.internal
	case string, *gclock: // papers, clocks and ledgers are seen with their case; level 5 opens no papers
		c := o.of[id].(*gcase)
		return o.file(v, c) && (kind != "CaseDocument" || o.partyOf(v, c) || o.houseSees(v, c))
	case *gintake:
		return o.intake(v, x)
	case *gword:
		return o.word(v, x)
	case *gstep:
		return o.step(v, x)
	case *grole: // one's own; all for who gives them, and for the auditor
		return v.person != nil && x.person == v.id() || o.holds(v, "", town.RoleAdmin, town.RoleAuditor)
	case *gmandate: // both of its people, and whoever receives citizens
		return v.id() != "" && (x.principal == v.id() || x.delegate == v.id()) || o.holds(v, "", receives()...)
	case *galert:
		return o.alert(v, x)
	case *gnote: // guidance is for whoever reads its words
		return o.report(v, x) && (!x.guidance || o.reportWords(v, x))
	case *gsignIn: // oneself
		return x.person == v.id()
	}
	return false
}

// kindOf is the type of what an id names, or what it stands for.
func (o *oracle) kindOf(id string) string {
	kinds := map[town.Prefix]string{
		town.PrefixPlugin: "Plugin", town.PrefixCall: "Call", town.PrefixInterval: "Interval", town.PrefixDocument: "CaseDocument",
		town.PrefixCredential: "Credential",
	}
	return kinds[town.PrefixOf(id)]
}
