package simulate

import "time"

// presence is somebody in the town hall.
type presence struct {
	visit *visit
	id    string
	code  string // on the ticket
	label string
	day   string
	// leg is the stop of the visit as last seen.
	leg      legAnswer
	returned bool
	moved    bool // sent on to another office
	outcomes []*outcome
}

// holder is who holds the ticket.
func (p *presence) holder() actor { return actor{"ticket " + p.label, p.code} }

// waiting reports whether the person waits to be called.
func (p *presence) waiting() bool { return p.leg.State == "WAITING" }

type ticketPayload struct {
	UserErrors refusals
	Code       string
	Visit      *visitAnswer
}

// arrive takes a number: at the kiosk, or at the information point for whoever is
// booked or urgent.
func (w *week) arrive(v *visit) {
	w.tally.arrived++
	p := &presence{visit: v}
	input := variables{"idempotencyKey": w.key(), "siteId": w.site.ID, "priority": v.priority, "language": v.language}
	if len(v.stops) == 0 {
		input["officeCode"] = infoPoint
	} else {
		first := v.stops[0].practice
		input["serviceCode"], input["practiceCode"] = first.Service, first.Code
		for _, s := range v.stops {
			p.outcomes = append(p.outcomes, w.tally.expectOutcome(s.practice))
		}
	}
	who := w.person("kiosk")
	if v.priority == "P0" || v.priority == "P2" {
		who = w.person("info")
	}
	var issued ticketPayload
	if !w.must(who, issueTicket, input, &issued) {
		return
	}
	p.id, p.code, p.label, p.day = issued.Visit.ID, issued.Code, issued.Visit.Label, issued.Visit.Day
	leg := issued.Visit.Legs[0]
	p.leg = legAnswer{ID: leg.ID, State: leg.State, Version: leg.Version, Office: leg.Office, QueuedAt: issued.Visit.ArrivedAt}
	office := leg.Office.Code
	w.present[p.id] = p
	w.tally.numbers = append(w.tally.numbers, number{p.day, p.label})
	w.tally.present = append(w.tally.present, p)
	expect(w.queues[office], "leg.queued")
	w.followTicket(p)
	w.wake(office)
	if v.leaves > 0 {
		w.after(v.leaves, func() { w.leave(p) })
	}
}

// followTicket has some people follow their own visit with the code on the ticket.
func (w *week) followTicket(p *presence) {
	every := max(len(w.plan.visits)/max(w.profile.FollowedVisits, 1), 1)
	if w.tally.arrived%every != 0 || w.tally.followedVisits >= w.profile.FollowedVisits {
		return
	}
	w.tally.followedVisits++
	pair, err := w.streams.follow(w.ctx, followed{
		name: "visit " + p.day + " " + p.label, token: p.code, document: followVisit,
	})
	if err != nil {
		w.fault("%v", err)
		return
	}
	w.after(90*time.Second, pair.live.cut)
	w.after(6*time.Minute, pair.live.cut)
}

// leave walks out, if not called yet.
func (w *week) leave(p *presence) {
	if !p.waiting() {
		return
	}
	var seen visitAnswer
	if err := w.field(p.holder(), queryVisit, variables{"id": p.id}, &seen); err != nil {
		w.fault("%s looks at the own visit: %v", p.label, err)
		return
	}
	var left visitPayload
	if w.must(p.holder(), leaveVisit, variables{"visitId": p.id, "expectedVersion": seen.Version}, &left) {
		p.leg.State = "LEFT"
		expect(w.queues[p.leg.Office.Code], "leg.left")
		w.tally.leg(w, p, "LEFT")
		p.end("LEFT")
	}
}

type visitPayload struct {
	UserErrors refusals
	Visit      *visitAnswer
}

func (p *visitPayload) refused() refusals { return p.UserErrors }

// called is what follows on a call: the person comes, or does not.
func (w *week) called(d *desk, p *presence, leg *legAnswer) {
	p.leg = *leg
	if !p.visit.noShow || p.returned || p.moved {
		w.after(walking, func() { w.serve(d, p) })
		return
	}
	w.after(recallGap, func() { w.recall(d, p) })
	w.after(2*recallGap, func() { w.recall(d, p) })
	w.after(3*recallGap, func() { w.giveUp(d, p) })
}

// step does something with the leg of a person at a desk.
func (w *week) step(d *desk, p *presence, document, event string, input variables) bool {
	if input == nil {
		input = variables{}
	}
	input["legId"], input["expectedVersion"] = p.leg.ID, p.leg.Version
	var moved legPayload
	if !w.must(d.who, document, input, &moved) {
		w.free(d, changeover)
		return false
	}
	p.leg = *moved.Leg
	expect(w.queues[d.office], event)
	return true
}

func (w *week) recall(d *desk, p *presence) {
	if p.leg.State == "CALLED" {
		w.step(d, p, recallLeg, "leg.recalled", nil)
	}
}

// giveUp marks that nobody came.
func (w *week) giveUp(d *desk, p *presence) {
	if p.leg.State != "CALLED" || !w.step(d, p, noShowLeg, "leg.no_show", nil) {
		return
	}
	w.free(d, 5*time.Second)
	if !p.visit.returns || !w.isOpen() {
		w.tally.leg(w, p, "NO_SHOW")
		p.end("NO_SHOW")
		return
	}
	w.after(comingBack, func() {
		var back legPayload
		if w.must(d.who, reinstateLeg, variables{"legId": p.leg.ID, "expectedVersion": p.leg.Version}, &back) {
			p.leg, p.returned = *back.Leg, true
			expect(w.queues[d.office], "leg.reinstated")
			w.wake(d.office)
		}
	})
}

// serve begins the service.
func (w *week) serve(d *desk, p *presence) {
	if !w.step(d, p, startLeg, "leg.serving_started", nil) {
		return
	}
	w.tally.wait(w, p)
	v := p.visit
	switch {
	case len(v.stops) == 0:
		w.after(v.lasts, func() { w.complete(d, p, "INFO_ONLY") })
	case v.transferTo != "" && !p.moved && w.staffedNow(v.transferTo):
		w.after(3*time.Minute, func() { w.sendOn(d, p) })
	default:
		w.attend(d, p, 0)
	}
}

// attend serves the practices of a visit one after the other.
func (w *week) attend(d *desk, p *presence, i int) {
	if i == len(p.visit.stops) {
		w.complete(d, p, w.outcomeOf(p))
		return
	}
	s := &p.visit.stops[i]
	desk := clerk{who: d.who, legID: p.leg.ID, outcome: p.outcomes[i]}
	if s.faulty {
		w.after(s.lasts/2, func() { w.fileFaulty(desk, s) })
	}
	w.after(s.lasts, func() {
		w.fileRight(desk, s)
		w.attend(d, p, i+1)
	})
}

// outcomeOf is how a stop ends, from what became of its practices.
func (w *week) outcomeOf(p *presence) string {
	filed := false
	for i := range p.visit.stops {
		switch {
		case p.outcomes[i].isCase && p.visit.stops[i].incomplete:
			return "INCOMPLETE_DOCS"
		case p.outcomes[i].isCase:
			filed = true
		}
	}
	if filed {
		return "SERVED"
	}
	return "NOT_COMPETENT"
}

// complete ends the service, and the person may say what they think of it.
func (w *week) complete(d *desk, p *presence, outcome string) {
	if !w.step(d, p, completeLeg, "leg.completed", variables{"outcome": outcome}) {
		return
	}
	w.tally.leg(w, p, outcome)
	w.free(d, changeover)
	if p.visit.opinion.given {
		said := word{who: p.holder(), legID: p.leg.ID, opinion: p.visit.opinion}
		w.after(2*time.Minute, func() { w.rate(said) })
	}
}

// sendOn sends the person to another office, where the new leg waits.
func (w *week) sendOn(d *desk, p *presence) {
	to := p.visit.transferTo
	input := variables{"idempotencyKey": w.key(), "officeCode": to, "note": "Serve l'ufficio specialistico."}
	if !w.step(d, p, transferLeg, "leg.transferred", input) {
		return
	}
	w.tally.leg(w, p, "TRANSFERRED")
	w.free(d, changeover)
	p.moved = true
	expect(w.queues[to], "leg.queued")
	p.leg = legAnswer{State: "WAITING", Office: coded{to}, QueuedAt: w.now}
	w.wake(to)
}

// end settles the practices of somebody who was not served.
func (p *presence) end(how string) {
	for _, o := range p.outcomes {
		o.is(how)
	}
}
