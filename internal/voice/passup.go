package voice

import (
	"context"

	"github.com/spazio-in-comune/sportello/ent"
	"github.com/spazio-in-comune/sportello/ent/escalation"
	"github.com/spazio-in-comune/sportello/internal/store"
	"github.com/spazio-in-comune/sportello/internal/town"
	"github.com/spazio-in-comune/sportello/internal/voice/ladder"
)

// PassUpEscalation goes one step up: the holder who cannot solve it, or the citizen
// whom the answer does not satisfy. The step ends, and the next one opens with its
// own term. It bears the citizen's words; why the holder could not solve it is the
// answer of the step that ended. Above level 5 there is none: PRECONDITION_FAILED.
func (v *Voice) PassUpEscalation(ctx context.Context, in PassUpEscalationInput) (Stepped, error) {
	if err := checkText("text", in.Text, maxText); err != nil {
		return Stepped{}, err
	}
	d := deed{mutation: "passUpEscalation", action: ladder.PassUp, key: in.IdempotencyKey, input: in, id: in.EscalationID, version: in.ExpectedVersion}
	return v.act(ctx, d, func(ctx context.Context, h hand) error {
		update, said := end(h.tx, h.step, h.to), in.Text
		if h.step.AnsweredAt == nil {
			why, err := v.sealIn(ctx, h.tx, h.step, escalation.FieldAnswer, in.Text)
			if err != nil {
				return err
			}
			update.SetOwnerID(h.viewer.ID).SetAnswer(why)
			if said, err = v.saidIn(ctx, h.tx, h.step); err != nil {
				return err
			}
		}
		if err := stopTerms(ctx, h.tx, h.step.ID); err != nil {
			return err
		}
		if err := apply(ctx, h.tx, update, h.step.ID, town.EventEscalationPassed, h.viewer.ID); err != nil {
			return err
		}
		next, ok := ladder.Next(h.step.Step)
		if !ok {
			return nil
		}
		return v.openNext(ctx, h.tx, h.step, next, h.viewer.ID, said)
	})
}

// openNext opens the next step of a story whose last one has ended. It counts the terms
// of the story that passed.
func (v *Voice) openNext(ctx context.Context, tx *store.Tx, e *ent.Escalation, next town.EscalationStep, actor, text string) error {
	lapses := e.Lapses
	if actor == lapsing {
		lapses++
	}
	c := Contact{
		VisitID: e.VisitID, LegID: e.LegID, CaseID: e.CaseID, OfficeID: e.OfficeID, ServiceID: e.ServiceID, Confidential: e.Confidential,
	}
	if e.ClosedAt != nil { // it had freed its subject before
		open, err := openStep(ctx, tx, c, e.Kind)
		if err != nil {
			return err
		}
		if open != nil {
			return errAlreadyOpen()
		}
	}
	_, err := v.open(ctx, tx, opening{
		step: next, state: town.EscalationOpen, kind: e.Kind, contact: c, citizen: e.OnBehalfOf, actor: actor,
		feedback: e.FeedbackID, previous: e, lapses: lapses, reason: e.Reason, text: text,
	})
	return err
}
