package main

import (
	"fmt"
	"slices"
	"time"

	"github.com/spazio-in-comune/sportello/internal/town"
)

// What happens in a generated town.

func (t *gtown) addVisit(number int) {
	v := &gvisit{id: t.id(town.PrefixVisit), code: fmt.Sprintf("gcode%026d", number), at: t.moment(), issuer: t.whoWorks()}
	if t.chance(60) {
		v.person = t.somebody()
	}
	switch {
	case v.person != "" && t.chance(30):
		v.issuer = v.person
	case t.chance(30):
		v.issuer = t.named("gkiosk").id
	}
	ends := []town.LegState{town.LegWaiting, town.LegWaiting, town.LegParked, town.LegServing, town.LegCompleted, town.LegCancelled}
	if t.chance(20) { // yesterday, which is closed
		v.at, ends = v.at.AddDate(0, 0, -1), []town.LegState{town.LegCompleted, town.LegNoShow}
	}
	stops := 1 + t.rng.IntN(3)
	for i := range stops {
		l := &gleg{id: t.id(town.PrefixLeg), visit: v.id, office: pick(t, append(goffices(), town.OfficeHelpPoint)), state: town.LegTransferred}
		if i == stops-1 {
			l.state = pick(t, ends)
		}
		if t.chance(50) {
			l.service = t.service
		}
		for range 1 + t.rng.IntN(2) {
			l.intervals = append(l.intervals, t.gmoment(town.PrefixInterval))
		}
		for range t.rng.IntN(3) {
			l.calls = append(l.calls, t.gmoment(town.PrefixCall))
		}
		v.legs = append(v.legs, l)
	}
	t.visits = append(t.visits, v)
}

func (t *gtown) gmoment(prefix town.Prefix) gmoment { return gmoment{id: t.id(prefix), at: t.moment()} }

// openSessions opens a shift for a leg that is served, where the counter is free, and
// some where nobody is.
func (t *gtown) openSessions() {
	live := map[string]bool{}
	add := func(office string, state town.SessionState) string {
		s := &gsession{id: t.id(town.PrefixSession), office: office, operator: t.whoWorks(), state: state}
		t.sessions = append(t.sessions, s)
		live[office] = live[office] || state != town.SessionClosed
		return s.id
	}
	for _, v := range t.visits {
		for _, l := range v.legs {
			if l.state == town.LegServing && live[l.office] {
				l.state = town.LegParked
			} else if l.state == town.LegServing {
				l.session = add(l.office, town.SessionOpen)
			}
		}
	}
	for _, office := range goffices() {
		if !live[office] {
			add(office, pick(t, []town.SessionState{town.SessionOpen, town.SessionPaused}))
		}
		add(office, town.SessionClosed)
	}
}

func (t *gtown) addCase(number int) {
	phases := []town.Phase{town.PhaseTriage, town.PhaseInProgress, town.PhaseDecidedRefused, town.PhaseFulfilled}
	c := &gcase{
		id: t.id(town.PrefixCase), protocol: fmt.Sprintf("2026/%06d", number+1), office: pick(t, goffices()),
		applicant: t.somebody(), confidential: t.chance(35), phase: pick(t, phases),
	}
	c.filer = c.applicant
	switch {
	case t.chance(30): // by an operator, or an officer
		c.filer = t.whoWorks()
	case t.chance(25): // by a delegate
		c.filer = t.somebody()
	}
	for _, office := range goffices() {
		if office != c.office && t.chance(15) {
			c.former = append(c.former, office)
		}
	}
	if t.chance(60) {
		c.responsible = t.whoWorks()
	}
	if t.chance(50) {
		v := pick(t, t.visits)
		c.visit, c.leg = v.id, v.legs[0].id
	}
	if len(t.cases) > 0 && t.chance(30) {
		c.linked = pick(t, t.cases).id
	}
	t.fillCase(c)
	t.cases = append(t.cases, c)
	t.intakes = append(t.intakes, &gintake{
		id: t.id(town.PrefixIntake), actor: c.filer, applicant: c.applicant, file: c.id, office: c.office, status: town.IntakeAccepted,
	})
	if t.chance(25) {
		t.intakes = append(t.intakes, &gintake{
			id: t.id(town.PrefixIntake), actor: t.whoWorks(), applicant: t.somebody(), office: c.office, status: town.IntakeBlocked,
		})
	}
}

func (t *gtown) fillCase(c *gcase) {
	for range 2 + t.rng.IntN(3) {
		c.entries = append(c.entries, &gentry{id: t.id(town.PrefixEntry), actor: pick(t, t.people).id, internal: t.chance(40)})
	}
	for range 1 + t.rng.IntN(2) {
		c.documents = append(c.documents, t.id(town.PrefixDocument))
	}
	for range 1 + t.rng.IntN(2) {
		k := &gclock{id: t.id(town.PrefixClock)}
		k.ledger = append(k.ledger, mark("CLE", k.id))
		c.clocks = append(c.clocks, k)
	}
}

// addWord says how a leg, a case or nothing in particular went, with a name or without.
func (t *gtown) addWord(int) {
	w := &gword{id: t.id(town.PrefixFeedback), office: pick(t, goffices()), level: town.LevelCounter}
	if t.chance(50) {
		c := pick(t, t.cases)
		w.file, w.office, w.level, w.service = c.id, c.office, town.LevelOffice, t.service
		if t.chance(60) {
			w.author = c.applicant
		}
	} else {
		v := pick(t, t.visits)
		w.visit, w.office, w.service = v.id, v.legs[0].office, v.legs[0].service
		if t.chance(50) {
			w.author = v.person
		}
	}
	t.words = append(t.words, w)
}

// addLadder writes a story of one to three steps about a visit or a case.
func (t *gtown) addLadder() {
	first := gstep{behalf: t.somebody()}
	if t.chance(65) {
		c := pick(t, t.cases)
		first.file, first.origin, first.confidential, first.behalf, first.service = c.id, c.office, c.confidential, c.applicant, t.service
	} else {
		v := pick(t, t.visits)
		first.visit, first.origin, first.behalf, first.service = v.id, v.legs[0].office, v.person, v.legs[0].service
	}
	first.opener = first.behalf
	if t.chance(25) {
		first.opener = t.whoWorks()
	}
	rungs := []town.EscalationStep{town.StepHelpPoint, town.StepSectorHead, town.StepMayor}
	if first.file != "" && t.chance(30) { // a remedy of law, and the Mayor after it
		rungs = []town.EscalationStep{pick(t, []town.EscalationStep{town.StepSubstitute, town.StepAccessReview}), town.StepMayor}
	}
	height := 1 + t.rng.IntN(len(rungs))
	var before string
	for i, rung := range rungs[:height] {
		s := first
		s.id, s.step, s.previous = t.id(town.PrefixEscalation), rung, before
		if first.ladder == "" {
			first.ladder, s.ladder = s.id, s.id
		}
		s.owner = map[town.EscalationStep]string{
			town.StepHelpPoint: town.OfficeHelpPoint, town.StepSectorHead: first.origin, town.StepMayor: town.OfficeMayor,
			town.StepSubstitute: town.OfficeSecretary, town.StepAccessReview: town.OfficeRPCT,
		}[rung]
		s.state = town.EscalationPassedUp
		if i == height-1 {
			s.state = pick(t, []town.EscalationState{
				town.EscalationOffered, town.EscalationOpen, town.EscalationAcknowledged, town.EscalationAnswered, town.EscalationAccepted,
			})
		}
		if s.state != town.EscalationOffered && t.chance(60) {
			s.holder = t.whoWorks()
		}
		before = s.id
		t.steps = append(t.steps, &s)
	}
}

// askReports asks offices about some of the steps; Mayor and Assessori say what they wish
// instead.
func (t *gtown) askReports() {
	for _, s := range t.steps {
		if t.chance(50) {
			n := &gnote{id: t.id(town.PrefixStepNote), step: s.id, office: pick(t, goffices()), asker: t.whoWorks()}
			n.guidance = s.step == town.StepMayor && t.chance(50)
			if !n.guidance && t.chance(50) {
				n.reporter = t.whoWorks()
			}
			t.notes = append(t.notes, n)
		}
	}
}

// addAlert writes an alert on a step, or on a term or a wait at an office.
func (t *gtown) addAlert() {
	a := &galert{id: t.id(town.PrefixAlert), office: pick(t, goffices()), level: town.LevelOffice, resolved: t.chance(25)}
	if t.chance(60) {
		s := pick(t, t.steps)
		a.step, a.office, a.holder, a.service, a.level, a.confidential = s.id, s.origin, s.owner, s.service, s.step.Level(), s.confidential
	} else if t.chance(60) {
		a.service, a.confidential = t.service, t.chance(30)
	}
	if t.chance(40) {
		a.taken = t.whoWorks()
	}
	if t.chance(40) {
		a.given = t.whoWorks()
	}
	t.alerts = append(t.alerts, a)
}

// ended reports whether nothing is owed on the step any more.
func (s *gstep) ended() bool {
	return slices.Contains([]town.EscalationState{town.EscalationPassedUp, town.EscalationAccepted}, s.state)
}

func (t *gtown) mandate(principal, delegate string, services ...string) {
	t.mandates = append(t.mandates, &gmandate{
		id: t.id(town.PrefixMandate), principal: t.named(principal).id, delegate: t.named(delegate).id, services: services,
	})
}

// openPersonalData lets level 5 look behind some of the steps that reached it; one look
// is over.
func (t *gtown) openPersonalData() {
	logins := []string{"gmayor", "gassessore.subject", "gassessore.cleared", "gassessore.other"}
	for i, s := range t.steps {
		if s.step != town.StepMayor || s.ended() || s.confidential && i%2 == 0 {
			continue
		}
		o := &gopening{id: t.id(town.PrefixOpening), person: t.named(logins[i%len(logins)]).id, step: s.id, until: t.now.Add(time.Hour)}
		if s.confidential { // only who has that grant could
			o.person = t.named("gassessore.cleared").id
		}
		if t.chance(20) {
			o.until = t.now.Add(-time.Minute)
		}
		t.openings = append(t.openings, o)
	}
}
