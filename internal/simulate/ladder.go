package simulate

import (
	"slices"
	"time"
)

// word is what somebody is asked to say about a leg or a case.
type word struct {
	who           actor
	legID, caseID string
	opinion       opinion
}

// The rungs.
const (
	helpPointStep  = "E1_HELP_POINT"
	sectorHeadStep = "E2_SECTOR_HEAD"
	mayorStep      = "E3_MAYOR"
	stateAnswered  = "ANSWERED"
)

// rate gives a score. A low one is answered by the offer of the Help Point.
func (w *week) rate(said word) {
	input := variables{"idempotencyKey": w.key(), "score": said.opinion.score}
	if said.opinion.score <= 2 {
		input["cause"] = said.opinion.cause
	}
	input["givenBy"] = said.opinion.way(said.legID != "")
	if said.legID != "" {
		input["legId"] = said.legID
	} else {
		input["caseId"] = said.caseID
	}
	var given feedbackPayload
	if !w.must(said.who, giveFeedback, input, &given) {
		return
	}
	expect(w.words, "feedback.given")
	w.tally.score(given.Feedback.Level, said.opinion.score)
	offer := given.Offer
	if offer == nil {
		if said.opinion.score <= 2 {
			w.fault("%s gave %d and was offered nothing", said.who.name, said.opinion.score)
		}
		return
	}
	w.sawSteps(offer)
	w.tally.step(offer.Level, "OFFERED")
	if !said.opinion.accepts {
		var declined stepPayload
		w.must(said.who, declineEscalation, variables{"escalationId": offer.ID, "expectedVersion": offer.Version}, &declined)
		return
	}
	w.after(5*time.Minute, func() { w.goUp(said, offer) })
}

// climb is a way up the ladder.
type climb struct {
	who    actor
	step   *stepAnswer
	target string
	rating int
	silent string // the step that its holder lets lie
}

// goUp accepts the offer.
func (w *week) goUp(said word, offer *stepAnswer) {
	var raised stepPayload
	input := variables{"idempotencyKey": w.key(), "escalationId": offer.ID, "reason": said.opinion.cause, "text": "Non sono soddisfatto: vorrei parlarne con qualcuno."}
	if !w.must(said.who, raiseEscalation, input, &raised) {
		return
	}
	c := &climb{who: said.who, step: raised.Escalation, target: w.target(said.opinion, raised.Escalation), rating: said.opinion.rating, silent: said.opinion.silent}
	if w.accepts == 2 && w.options.Profile == "launch" { // so that in each launch week a step lapses
		c.silent = helpPointStep
	}
	w.held(c)
}

// target is how far somebody goes. In a launch week the first goes to the Mayor,
// so that the whole ladder is climbed in every one.
func (w *week) target(o opinion, s *stepAnswer) string {
	if s.Office == nil || !slices.Contains(w.staffed(), s.Office.Code) {
		return helpPointStep // the information point has no sector head
	}
	w.accepts++
	switch {
	case o.wish < w.profile.ToMayor, w.accepts == 1 && w.options.Profile == "launch":
		return mayorStep
	case o.wish < w.profile.ToMayor+w.profile.ToHead:
		return sectorHeadStep
	default:
		return helpPointStep
	}
}

// held is a step in the hands of its owner.
func (w *week) held(c *climb) {
	w.tally.step(c.step.Level, c.step.Step)
	if c.step.Level == 5 {
		w.tally.toMayor = append(w.tally.toMayor, c.step.ID)
	}
	if c.step.Step == c.silent {
		w.letLapse(c)
		return
	}
	w.atWork(20*time.Minute, func() {
		if w.move(c, w.holder(c), acknowledge, nil) {
			w.atWork(3*time.Hour, func() { w.answer(c) })
		}
	})
}

// letLapse lets a step lie. Its term passes at a midnight, the next one opens by itself, and
// whoever has that finds it among what is open.
func (w *week) letLapse(c *climb) {
	due, err := time.Parse(time.DateOnly, c.step.DueOn)
	if err != nil {
		w.fault("the step %s has no last day: %v", c.step.ID, err)
		return
	}
	w.tally.course("step left to lapse")
	if c.step.Step == mayorStep {
		return
	}
	w.atWork(due.AddDate(0, 0, 2).Sub(w.now), func() {
		var open struct{ Edges []struct{ Node *stepAnswer } }
		if err := w.field(w.person("helppoint"), querySteps, nil, &open); err != nil {
			w.fault("what is open on the ladder: %v", err)
		}
		for _, e := range open.Edges {
			if e.Node.LadderID == c.step.LadderID {
				c.step = e.Node
				c.target = max(c.target, c.step.Step) // no lower than where one is
				w.held(c)
				return
			}
		}
		w.fault("the step %s lapsed, and nobody has the next one", c.step.ID)
	})
}

// sawSteps notes the steps of the ladder that an answer told of.
func (w *week) sawSteps(steps ...*stepAnswer) {
	for _, s := range steps {
		if s != nil {
			w.tally.stepIDs[s.ID] = true
		}
	}
}

// holder answers a step.
func (w *week) holder(c *climb) actor {
	switch c.step.Step {
	case mayorStep:
		return w.person("mayor")
	case sectorHeadStep:
		return w.person("head." + c.step.OwnerOffice.Code)
	default:
		return w.person("helppoint")
	}
}

// move does something with a step.
func (w *week) move(c *climb, who actor, document string, input variables) bool {
	if input == nil {
		input = variables{}
	}
	input["escalationId"], input["expectedVersion"] = c.step.ID, c.step.Version
	var moved stepPayload
	if !w.must(who, document, input, &moved) {
		return false
	}
	w.sawSteps(moved.Escalation, moved.Next)
	c.step = moved.Escalation
	if moved.Next != nil {
		c.step = moved.Next
	}
	return true
}

// answer is the holder's; then the citizen is content, or goes one step up.
func (w *week) answer(c *climb) {
	input := variables{"idempotencyKey": w.key(), "outcome": "EXPLAINED", "answer": "Abbiamo verificato quanto accaduto e ce ne scusiamo."}
	if !w.move(c, w.holder(c), answerEscalation, input) {
		return
	}
	w.atWork(time.Hour, func() {
		switch {
		case c.step.Step == mayorStep:
			w.rateStep(c)
		case c.step.Step == c.target:
			if w.move(c, c.who, acceptEscalation, variables{"rating": c.rating}) {
				expect(w.words, "feedback.given")
				w.tally.score(c.step.Level, c.rating)
			}
		case w.move(c, c.who, passUpEscalation, variables{"idempotencyKey": w.key(), "text": "La risposta non mi soddisfa."}):
			w.held(c)
		}
	})
}

// rateStep rates the last step, which ends with its answer.
func (w *week) rateStep(c *climb) {
	var given feedbackPayload
	input := variables{"idempotencyKey": w.key(), "escalationId": c.step.ID, "score": c.rating}
	if c.rating <= 2 {
		input["cause"] = "OUTCOME"
	}
	if w.must(c.who, giveFeedback, input, &given) {
		expect(w.words, "feedback.given")
		w.tally.score(c.step.Level, c.rating)
	}
}
