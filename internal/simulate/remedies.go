package simulate

import "time"

// The remedies of law.
const (
	substituteStep   = "S_SUBSTITUTE"
	accessReviewStep = "R_ACCESS_REVIEW"
	substituteHolder = "segretario"
	transparency     = "rpct"
)

// askSubstitute is the citizen's remedy when the term has passed: the holder of the
// substitute power concludes the case, and says so.
func (w *week) askSubstitute(d *dossier) {
	c := w.remedy(d, "DELAY", substituteStep)
	if c == nil {
		return
	}
	w.atWork(20*time.Minute, func() { // half of a term may be a day
		if w.move(c, w.person(substituteHolder), acknowledge, nil) {
			w.atWork(time.Hour, func() { w.substitute(d, c) })
		}
	})
}

// substitute decides in the place of the office. What lacks papers is not admissible.
func (w *week) substitute(d *dossier, c *climb) {
	file := w.look(d, w.person(substituteHolder))
	if file == nil {
		return
	}
	decision := "INADMISSIBLE"
	if len(file.missing()) == 0 {
		decision = "GRANTED"
	}
	if w.act(d, substituteHolder, decideCase, variables{"idempotencyKey": w.key(), "outcome": decision, "reasons": reasons}) == nil {
		return
	}
	expect(w.bureaus[d.office], "case.decided")
	d.outcome.is(decision)
	// A decision on the case is noted on the step.
	if err := w.field(w.person(substituteHolder), queryStep, variables{"id": c.step.ID}, &c.step); err != nil {
		w.fault("read the step %s: %v", c.step.ID, err)
	}
	input := variables{"idempotencyKey": w.key(), "outcome": "CONCLUDED", "answer": "La pratica è stata conclusa in sostituzione dell'ufficio."}
	if w.move(c, w.person(substituteHolder), answerEscalation, input) {
		w.tally.course("concluded in substitution")
	}
}

// askReview is the citizen's remedy against a refused civic access.
func (w *week) askReview(d *dossier) {
	c := w.remedy(d, "ACCESS", accessReviewStep)
	if c == nil {
		return
	}
	w.later(5, func() {
		input := variables{"idempotencyKey": w.key(), "outcome": "UPHELD", "answer": "I dati vanno dati: l'ufficio provvede entro dieci giorni."}
		if w.move(c, w.person(transparency), answerEscalation, input) {
			w.tally.course("reviewed by the officer for transparency")
		}
	})
}

// remedy opens a remedy of law about a case; nil if that failed.
func (w *week) remedy(d *dossier, kind, step string) *climb {
	var raised stepPayload
	input := variables{"idempotencyKey": w.key(), "caseId": d.id, "kind": kind, "text": "Chiedo il rimedio di legge."}
	if !w.must(d.clerk.who, raiseEscalation, input, &raised) {
		return nil
	}
	w.sawSteps(raised.Escalation)
	if raised.Escalation.Step != step {
		w.fault("%s about case %s opened %s", kind, d.id, raised.Escalation.Step)
	}
	w.tally.step(raised.Escalation.Level, raised.Escalation.Step)
	return &climb{who: d.clerk.who, step: raised.Escalation}
}
