package main

import (
	"slices"

	"github.com/spazio-in-comune/sportello/internal/demo"
	"github.com/spazio-in-comune/sportello/internal/town"
)

// edge is a field by which one thing leads to others.
type edge struct {
	// to is what stands at the end, whoever asks.
	to func(o *oracle, id string) []string
	// sees is who is shown the end; nil is whoever sees that thing by its own.
	sees func(o *oracle, v gviewer, from, to string) bool
}

// edges are all of them. The few with a rule of their own, beside those of the things at
// their ends, are the legitimate other views:
//
//   - the applicant of a case, a name that needs the right to personal data besides;
//   - the last line of a case's history: of those that are seen;
//   - the steps before a step: whoever sees a step sees what came before, though others
//     held it, because each step up carries its history. From there it goes no further.
func edges() map[string]edge {
	visit := func(get func(o *oracle, v *gvisit) []string) edge {
		return edge{to: func(o *oracle, id string) []string { return get(o, o.index[id].(*gvisit)) }}
	}
	leg := func(get func(o *oracle, l *gleg) []string) edge {
		return edge{to: func(o *oracle, id string) []string { return get(o, o.index[id].(*gleg)) }}
	}
	file := func(get func(o *oracle, c *gcase) []string) edge {
		return edge{to: func(o *oracle, id string) []string { return get(o, o.index[id].(*gcase)) }}
	}
	session := func(get func(o *oracle, s *gsession) []string) edge {
		return edge{to: func(o *oracle, id string) []string { return get(o, o.index[id].(*gsession)) }}
	}
	step := func(get func(o *oracle, s *gstep) []string) edge {
		return edge{to: func(o *oracle, id string) []string { return get(o, o.index[id].(*gstep)) }}
	}
	applicant := file(func(_ *oracle, c *gcase) []string { return []string{c.applicant} })
	applicant.sees = func(o *oracle, v gviewer, from, to string) bool {
		return o.personalOf(v, o.index[from].(*gcase)) && o.sees(v, "Person", to)
	}
	last := file(func(_ *oracle, c *gcase) []string { return ids(c.entries, func(e *gentry) string { return e.id }) })
	last.sees = func(o *oracle, v gviewer, from, to string) bool {
		seen := idsIf(o.index[from].(*gcase).entries, func(e *gentry) (string, bool) { return e.id, o.sees(v, "CaseEntry", e.id) })
		return len(seen) > 0 && seen[len(seen)-1] == to
	}
	history := step(func(o *oracle, s *gstep) []string { return o.before(s) })
	history.sees = func(o *oracle, v gviewer, from, _ string) bool { return o.sees(v, "Escalation", from) }
	return map[string]edge{
		"Site.counters": {to: func(o *oracle, _ string) []string {
			return ids(o.t.counters, func(c gcounter) string { return c.id })
		}},
		"Counter.session": {to: func(o *oracle, id string) []string {
			return idsIf(o.t.sessions, func(s *gsession) (string, bool) { return s.id, s.counter == id && s.state != town.SessionClosed })
		}},
		"CounterSession.counter":  session(func(_ *oracle, s *gsession) []string { return []string{s.counter} }),
		"CounterSession.operator": session(func(_ *oracle, s *gsession) []string { return []string{s.operator} }),
		"CounterSession.current": session(func(o *oracle, s *gsession) []string {
			return o.legs(func(l *gleg) bool { return l.session == s.id })
		}),
		"Visit.site":    {to: func(*oracle, string) []string { return []string{demo.SiteID} }},
		"Visit.legs":    visit(func(_ *oracle, v *gvisit) []string { return ids(v.legs, func(l *gleg) string { return l.id }) }),
		"Leg.visit":     leg(func(_ *oracle, l *gleg) []string { return []string{l.visit} }),
		"Leg.counter":   leg(func(*oracle, *gleg) []string { return nil }), // none was called to one here
		"Leg.intervals": leg(func(_ *oracle, l *gleg) []string { return ids(l.intervals, func(m gmoment) string { return m.id }) }),
		"Leg.calls":     leg(func(_ *oracle, l *gleg) []string { return ids(l.calls, func(m gmoment) string { return m.id }) }),
		"Call.counter": {to: func(o *oracle, id string) []string {
			office := o.of[id].(*gleg).office
			all := idsIf(o.t.counters, func(c gcounter) (string, bool) { return c.id, c.office == office })
			return all[len(all)-1:]
		}},
		"Queue.waiting": queueOf(town.LegWaiting), "Queue.parked": queueOf(town.LegParked),
		"Queue.active": queueOf(town.LegCalled, town.LegServing),

		"Case.applicant":    applicant,
		"Case.lastMessage":  last,
		"Case.responsible":  file(func(_ *oracle, c *gcase) []string { return []string{c.responsible} }),
		"Case.documents":    file(func(_ *oracle, c *gcase) []string { return c.documents }),
		"Case.acts":         file(func(*oracle, *gcase) []string { return nil }), // none was made in one here
		"CaseAct.author":    {to: func(*oracle, string) []string { return nil }},
		"ClockEntry.author": {to: func(*oracle, string) []string { return nil }}, // the house wrote them
		"Case.clocks":       file(func(_ *oracle, c *gcase) []string { return ids(c.clocks, func(k *gclock) string { return k.id }) }),
		"Case.timeline":     file(func(_ *oracle, c *gcase) []string { return ids(c.entries, func(e *gentry) string { return e.id }) }),
		"Case.escalations": file(func(o *oracle, c *gcase) []string {
			return idsIf(o.t.steps, func(s *gstep) (string, bool) { return s.id, s.file == c.id })
		}),
		"Case.visit":      file(func(_ *oracle, c *gcase) []string { return []string{c.visit} }),
		"Case.linkedCase": file(func(_ *oracle, c *gcase) []string { return []string{c.linked} }),
		"CaseEntry.actor": {to: func(o *oracle, id string) []string { return []string{o.index[id].(*gentry).actor} }},
		"Clock.ledger":    {to: func(o *oracle, id string) []string { return o.index[id].(*gclock).ledger }},
		"Intake.case":     {to: func(o *oracle, id string) []string { return []string{o.index[id].(*gintake).file} }},

		"Mandate.principal":        mandate(func(m *gmandate) []string { return []string{m.principal} }),
		"Mandate.delegate":         mandate(func(m *gmandate) []string { return []string{m.delegate} }),
		"Mandate.grantedBy":        mandate(func(*gmandate) []string { return nil }), // the house entered them
		"Credential.member":        {to: func(o *oracle, _ string) []string { return []string{o.t.named("gkiosk").id} }},
		"Credential.site":          {to: func(*oracle, string) []string { return []string{demo.SiteID} }},
		"Credential.madeBy":        {to: func(*oracle, string) []string { return nil }},
		"Case.submittedBy":         file(func(_ *oracle, c *gcase) []string { return []string{c.filer} }),
		"Case.mandate":             file(func(*oracle, *gcase) []string { return nil }), // none was filed under one here
		"CaseEntry.onBehalfOf":     {to: func(*oracle, string) []string { return nil }},
		"RoleAssignment.person":    role(func(r *grole) string { return r.person }),
		"RoleAssignment.grantedBy": role(func(r *grole) string { return r.grantedBy }),
		"RoleAssignment.endedBy":   role(func(r *grole) string { return r.endedBy }),

		"Alert.escalation":     alert(func(a *galert) string { return a.step }),
		"Alert.acknowledgedBy": alert(func(a *galert) string { return a.taken }),
		"Alert.handedOverTo":   alert(func(a *galert) string { return a.given }),

		"Escalation.citizen":       step(func(_ *oracle, s *gstep) []string { return []string{s.behalf} }),
		"Escalation.owner":         step(func(_ *oracle, s *gstep) []string { return []string{s.holder} }),
		"Escalation.case":          step(func(_ *oracle, s *gstep) []string { return []string{s.file} }),
		"Escalation.history":       history,
		"Escalation.previousOwner": step(func(*oracle, *gstep) []string { return nil }), // the town remembers none
		"Escalation.reports": step(func(o *oracle, s *gstep) []string {
			return idsIf(o.t.notes, func(n *gnote) (string, bool) { return n.id, !n.guidance && n.step == s.id })
		}),
		"Escalation.guidance": step(func(o *oracle, s *gstep) []string {
			return idsIf(o.t.notes, func(n *gnote) (string, bool) { return n.id, n.guidance && n.step == s.id })
		}),

		"ReportRequest.escalation": noted(func(n *gnote) string { return n.step }),
		"ReportRequest.askedBy":    noted(func(n *gnote) string { return n.asker }),
		"ReportRequest.answeredBy": noted(func(n *gnote) string { return n.reporter }),
		"GuidanceNote.author":      noted(func(n *gnote) string { return n.asker }),
	}
}

func mandate(get func(m *gmandate) []string) edge {
	return edge{to: func(o *oracle, id string) []string { return get(o.index[id].(*gmandate)) }}
}

func alert(get func(a *galert) string) edge {
	return edge{to: func(o *oracle, id string) []string { return []string{get(o.index[id].(*galert))} }}
}

func noted(get func(n *gnote) string) edge {
	return edge{to: func(o *oracle, id string) []string { return []string{get(o.index[id].(*gnote))} }}
}

func role(who func(r *grole) string) edge {
	return edge{to: func(o *oracle, id string) []string { return []string{who(o.index[id].(*grole))} }}
}

// legs are those of the town of which it holds.
func (o *oracle) legs(which func(*gleg) bool) []string {
	var all []string
	for _, v := range o.t.visits {
		all = append(all, idsIf(v.legs, func(l *gleg) (string, bool) { return l.id, which(l) })...)
	}
	return all
}

func queueOf(states ...town.LegState) edge {
	return edge{to: func(o *oracle, office string) []string {
		return o.legs(func(l *gleg) bool { return l.office == office && slices.Contains(states, l.state) })
	}}
}

// before are the steps of the story before a step.
func (o *oracle) before(s *gstep) []string {
	return idsIf(o.t.steps, func(e *gstep) (string, bool) { return e.id, e.ladder == s.ladder && e.id < s.id })
}

// mayName reports whether the id of a thing may come out at all: it is seen, or belongs
// to the history of what is seen.
func (o *oracle) mayName(v gviewer, kind, id string) bool {
	if o.sees(v, kind, id) {
		return true
	}
	s, ok := o.index[id].(*gstep)
	return ok && slices.ContainsFunc(o.t.steps, func(e *gstep) bool { return e.ladder == s.ladder && s.id < e.id && o.step(v, e) })
}

// mayRead reports whether a text of the town may come out to the viewer.
func (o *oracle) mayRead(v gviewer, what, of string) bool {
	c, _ := o.index[of].(*gcase)
	switch what {
	case "LAB":
		return o.personRow(v, o.t.named(of))
	case "PER":
		// A mandate names its two people to each other.
		return o.personData(v, o.index[of].(*gperson)) || slices.ContainsFunc(o.t.mandates, func(m *gmandate) bool {
			return v.id() != "" && (m.principal == v.id() && m.delegate == of || m.delegate == v.id() && m.principal == of)
		})
	case "ANS", "DEC":
		return o.personalOf(v, c)
	case "REA":
		return o.content(v, c)
	case "ENT":
		return o.sees(v, "CaseEntry", of)
	case "DOC":
		return o.sees(v, "CaseDocument", of)
	case "CLE":
		return o.sees(v, "Clock", of)
	case "LEG":
		return o.staff(v) && o.sees(v, "Leg", of)
	case "CND":
		return o.sees(v, "Call", of)
	case "FDB":
		return o.comment(v, o.index[of].(*gword))
	case "QST", "RPT":
		return o.reportWords(v, o.index[of].(*gnote))
	case "TXT":
		return o.mayName(v, "Escalation", of) && o.wordsOf(v, o.index[of].(*gstep))
	case "ANW":
		return o.mayName(v, "Escalation", of) && o.answerOf(v, o.index[of].(*gstep))
	}
	return false // what no field shows, such as OVR
}

func ids[T any](all []T, id func(T) string) []string {
	list := make([]string, len(all))
	for i, x := range all {
		list[i] = id(x)
	}
	return list
}

func idsIf[T any](all []T, id func(T) (string, bool)) []string {
	var list []string
	for _, x := range all {
		if text, ok := id(x); ok {
			list = append(list, text)
		}
	}
	return list
}
