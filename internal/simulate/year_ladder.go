package simulate

import (
	"context"
	"slices"

	"github.com/spazio-in-comune/sportello/ent"
	"github.com/spazio-in-comune/sportello/internal/town"
	"github.com/spazio-in-comune/sportello/internal/voice"
)

// silentShare is how many steps of the ladder nobody answers: their terms pass, and the next step opens by itself.
const silentShare = 0.15

// yearWord is what somebody is asked to say.
type yearWord struct {
	as            context.Context
	legID, caseID *string
	opinion       opinion
}

// rate gives a score; a low one is answered by the offer of the Help Point.
func (y *year) rate(said yearWord) {
	input := voice.GiveFeedbackInput{IdempotencyKey: y.key(), LegID: said.legID, CaseID: said.caseID, Score: said.opinion.score}
	cause := town.FeedbackCause(said.opinion.cause)
	if said.opinion.score <= 2 {
		input.Cause = &cause
	}
	given, err := y.rooms.Voice.GiveFeedback(said.as, input)
	if err != nil {
		y.fault("a score: %v", err)
		return
	}
	y.report.Scores++
	if given.Offer == nil || !said.opinion.accepts {
		return
	}
	raised, err := y.rooms.Voice.RaiseEscalation(said.as, voice.RaiseEscalationInput{
		IdempotencyKey: y.key(), EscalationID: &given.Offer.ID, Reason: &cause, Text: "Non sono soddisfatto: vorrei parlarne con qualcuno.",
	})
	if err != nil {
		y.fault("the offer of the Help Point is taken up: %v", err)
		return
	}
	y.climb(said, raised.Escalation)
}

// climb is a step in the hands of its owner, who answers it or lets it lie.
func (y *year) climb(said yearWord, step *ent.Escalation) {
	y.report.Steps[string(step.Step)]++
	if y.chance(silentShare) {
		return
	}
	login := y.holder(step)
	y.atWork(y.hours(30), func() {
		step := y.move(step, login, func(ctx context.Context, at voice.EscalationInput) (voice.Stepped, error) {
			return y.rooms.Voice.AcknowledgeEscalation(ctx, at)
		})
		if step != nil {
			y.atWork(y.hours(4*24), func() { y.answer(said, step, login) })
		}
	})
}

func (y *year) holder(step *ent.Escalation) string {
	switch step.Step {
	case town.StepMayor:
		return "mayor"
	case town.StepSectorHead:
		return "head." + step.OwnerOffice
	default:
		return "helppoint"
	}
}

// move does something with a step as it is now; nil if its term passed before.
func (y *year) move(step *ent.Escalation, login string, do func(context.Context, voice.EscalationInput) (voice.Stepped, error)) *ent.Escalation {
	ctx := y.as(login)
	return y.moveAs(ctx, login, step, do)
}

func (y *year) moveAs(ctx context.Context, who string, step *ent.Escalation, do func(context.Context, voice.EscalationInput) (voice.Stepped, error)) *ent.Escalation {
	seen, err := y.rooms.Voice.Escalation(ctx, step.ID)
	if err == nil && slices.Contains([]town.EscalationState{town.EscalationLapsed, town.EscalationAccepted, town.EscalationDeclined}, seen.State) {
		return nil
	}
	var moved voice.Stepped
	if err == nil {
		moved, err = do(ctx, voice.EscalationInput{EscalationID: seen.ID, ExpectedVersion: seen.Version})
	}
	if err != nil {
		y.fault("%s with step %s: %v", who, step.ID, err)
		return nil
	}
	if moved.Next != nil {
		return moved.Next
	}
	return moved.Escalation
}

// answer is the holder's; then the citizen is content, goes up, or says nothing more.
func (y *year) answer(said yearWord, step *ent.Escalation, login string) {
	answered := y.move(step, login, func(ctx context.Context, at voice.EscalationInput) (voice.Stepped, error) {
		return y.rooms.Voice.AnswerEscalation(ctx, voice.AnswerEscalationInput{
			IdempotencyKey: y.key(), EscalationID: at.EscalationID, ExpectedVersion: at.ExpectedVersion,
			Outcome: town.OutcomeExplained, Answer: "Abbiamo verificato quanto accaduto e ce ne scusiamo.",
		})
	})
	if answered == nil || answered.Step == town.StepMayor || !y.chance(0.7) {
		return
	}
	y.after(y.hours(40), func() {
		if said.opinion.wish < y.profile.ToMayor+y.profile.ToHead {
			next := y.moveAs(said.as, "the citizen", answered, func(ctx context.Context, at voice.EscalationInput) (voice.Stepped, error) {
				return y.rooms.Voice.PassUpEscalation(ctx, voice.PassUpEscalationInput{
					IdempotencyKey: y.key(), EscalationID: at.EscalationID, ExpectedVersion: at.ExpectedVersion, Text: "La risposta non mi soddisfa.",
				})
			})
			if next != nil {
				y.climb(said, next)
			}
			return
		}
		accepted := y.moveAs(said.as, "the citizen", answered, func(ctx context.Context, at voice.EscalationInput) (voice.Stepped, error) {
			return y.rooms.Voice.AcceptEscalation(ctx, voice.AcceptEscalationInput{
				EscalationID: at.EscalationID, ExpectedVersion: at.ExpectedVersion, Rating: &said.opinion.rating,
			})
		})
		if accepted != nil { // a rating given with one's consent is the word on the step
			y.report.Scores++
		}
	})
}
