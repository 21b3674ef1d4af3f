package simulate

import (
	"errors"
	"slices"
	"time"
)

// dossier is a case on its way through an office.
type dossier struct {
	id, office string
	version    int
	stop       *stop
	clerk      clerk
	outcome    *outcome
	warned     bool // that it will be refused
}

// stateFulfilled is a case whose request was met.
const stateFulfilled = "FULFILLED"

// reasons of every decision.
const reasons = "Verificati i requisiti e la documentazione agli atti."

func (d *dossier) officer() string { return "officer." + d.office }
func (d *dossier) head() string    { return "head." + d.office }

// begin takes note of a new case. What can be done on the spot is done by whoever
// filed it; the rest goes to the office.
func (w *week) begin(c clerk, s *stop, file *caseAnswer) {
	d := &dossier{id: file.ID, office: file.Office.Code, version: file.Version, stop: s, clerk: c, outcome: c.outcome}
	w.tally.opened(d, c.who.name)
	c.outcome.is("IN_PROGRESS")
	expect(w.bureaus[d.office], "case.registered")
	w.followCase(d)
	if !slices.Contains(w.staffed(), d.office) {
		c.outcome.is("SENT_ELSEWHERE")
		return
	}
	if file.may("FULFIL") && !s.incomplete && !c.citizen {
		w.fulfil(d, c.who)
		return
	}
	if s.course.lies {
		w.lie(d, file)
		return
	}
	w.atWork(time.Duration(30+w.rng.IntN(8*60))*time.Minute, func() { w.examine(d) })
}

// beginLinked takes note of a second case that a rule opened.
func (w *week) beginLinked(id, office string, c clerk, s *stop) {
	d := &dossier{id: id, office: office, stop: s, clerk: c, outcome: &outcome{}}
	w.tally.opened(d, c.who.name)
	w.tally.linked++
	expect(w.bureaus[office], "case.registered")
	if slices.Contains(w.staffed(), office) {
		w.atWork(time.Duration(2+w.rng.IntN(20))*time.Hour, func() { w.examine(d) })
	}
}

// atWork does something some time from now, in opening hours; what would be after all
// days is left undone.
func (w *week) atWork(d time.Duration, do func()) {
	if at := workTime(w.working, w.now.Add(d)); !at.IsZero() {
		w.at(at, do)
	}
}

// act does something with a case as somebody; the case as it then is, nil if it
// failed. Where the house has changed the case in between, because a term passed,
// it is read again, as the answer says.
func (w *week) act(d *dossier, login, document string, input variables) *caseAnswer {
	who := w.person(login)
	input["caseId"], input["expectedVersion"] = d.id, d.version
	var done casePayload
	err := w.mutate(who, document, input, &done)
	if isConflict(err) {
		var file *caseAnswer
		if file = w.look(d, who); file == nil {
			return nil
		}
		input["expectedVersion"] = file.Version
		if _, keyed := input["idempotencyKey"]; keyed {
			input["idempotencyKey"] = w.key()
		}
		done = casePayload{}
		err = w.mutate(who, document, input, &done)
	}
	if err != nil {
		w.fault("%s as %s: %v", operationName(document), login, err)
		return nil
	}
	d.version = done.Case.Version
	return done.Case
}

// look reads a case, nil if that failed.
func (w *week) look(d *dossier, who actor) *caseAnswer {
	var file *caseAnswer
	if err := w.field(who, queryCase, variables{"id": d.id}, &file); err != nil || file == nil {
		w.fault("%s does not see case %s: %v", who.name, d.id, err)
		return nil
	}
	d.version = file.Version
	return file
}

func isConflict(err error) bool {
	var refused refusals
	return errors.As(err, &refused) && refused[0].Code == "CONFLICT"
}

// examine is the officer's first work: take in charge, see to the papers, propose.
func (w *week) examine(d *dossier) {
	file := w.look(d, w.person(d.officer()))
	if file == nil {
		return
	}
	if file.may("FULFIL") && !d.stop.incomplete {
		w.fulfil(d, w.person(d.officer()))
		return
	}
	if file.may("TAKE_IN_CHARGE") {
		if file = w.act(d, d.officer(), takeInCharge, variables{}); file == nil {
			return
		}
	}
	missing := file.missing()
	if d.stop.incomplete && len(missing) > 0 {
		input := variables{"idempotencyKey": w.key(), "documents": missing[:1], "ground": "Documento non allegato alla domanda."}
		if w.act(d, d.officer(), requestDocuments, input) != nil {
			w.atWork(time.Duration(4+w.rng.IntN(40))*time.Hour, func() { w.propose(d, missing) })
		}
		return
	}
	w.extend(d)
	if !w.acquire(d, file, missing) {
		w.propose(d, missing)
	}
}

// propose receives the papers and puts the decision before the head; a practice
// done on the spot ends with its papers.
func (w *week) propose(d *dossier, missing []string) {
	var file *caseAnswer
	for _, paper := range missing {
		if file = w.act(d, d.officer(), receiveDocument, variables{"idempotencyKey": w.key(), "document": paper}); file == nil {
			return
		}
	}
	if file != nil && file.may("FULFIL") {
		w.fulfil(d, w.person(d.officer()))
		return
	}
	input := variables{"idempotencyKey": w.key(), "outcome": d.stop.decision, "reasons": reasons}
	if w.act(d, d.officer(), proposeDecision, input) != nil {
		w.atWork(time.Duration(1+w.rng.IntN(30))*time.Hour, func() { w.decide(d) })
	}
}

// decide is the head's.
func (w *week) decide(d *dossier) {
	if w.forewarn(d) {
		return
	}
	input := variables{"idempotencyKey": w.key(), "outcome": d.stop.decision, "reasons": reasons}
	if d.warned && d.stop.course.observed {
		input["observationsAnswer"] = "Le osservazioni non superano i motivi."
	}
	file := w.act(d, d.head(), decideCase, input)
	if file == nil {
		return
	}
	expect(w.bureaus[d.office], "case.decided")
	d.outcome.is(d.stop.decision)
	if d.stop.decision == refusedDecision {
		w.ended(d)
		if d.clerk.citizen && file.Practice.Code == civicAccess {
			w.later(2, func() { w.askReview(d) })
		}
		return
	}
	w.atWork(time.Hour, func() { w.fulfil(d, w.person(d.officer())) })
}

// fulfil hands over what was asked for.
func (w *week) fulfil(d *dossier, who actor) {
	if w.act(d, who.name, fulfilCase, variables{"idempotencyKey": w.key(), "note": "Consegnato all'interessato."}) == nil {
		return
	}
	expect(w.bureaus[d.office], "case.fulfilled")
	d.outcome.is(stateFulfilled)
	w.ended(d)
}

// ended asks a citizen who filed from home for their word.
func (w *week) ended(d *dossier) {
	if d.clerk.citizen && d.clerk.opinion.given {
		said := word{who: d.clerk.who, caseID: d.id, opinion: d.clerk.opinion}
		w.after(10*time.Minute, func() { w.rate(said) })
	}
}

// followCase has some citizens follow their cases live.
func (w *week) followCase(d *dossier) {
	if !d.clerk.citizen || w.tally.followedCases >= w.profile.FollowedCases {
		return
	}
	w.tally.followedCases++
	pair, err := w.streams.follow(w.ctx, followed{
		name: "case of " + d.clerk.who.name, token: d.clerk.who.token, document: followCase, vars: variables{"caseId": d.id},
	})
	if err != nil {
		w.fault("%v", err)
		return
	}
	for hours := 3; hours < 48; hours += 9 {
		w.after(time.Duration(hours)*time.Hour, pair.live.cut)
	}
}
