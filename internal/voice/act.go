package voice

import (
	"context"
	"fmt"
	"slices"

	"github.com/spazio-in-comune/sportello/ent"
	"github.com/spazio-in-comune/sportello/ent/caseentry"
	"github.com/spazio-in-comune/sportello/ent/escalation"
	"github.com/spazio-in-comune/sportello/internal/access"
	"github.com/spazio-in-comune/sportello/internal/clocks"
	"github.com/spazio-in-comune/sportello/internal/store"
	"github.com/spazio-in-comune/sportello/internal/town"
	"github.com/spazio-in-comune/sportello/internal/voice/ladder"
)

// deed is one action on one step as a person asks for it.
type deed struct {
	mutation string
	action   ladder.Action
	key      string // empty where the version makes a repeat harmless
	input    any
	id       string
	version  int
}

// hand is a step in the hand of whoever acts.
type hand struct {
	tx     *store.Tx
	viewer *access.Viewer
	step   *ent.Escalation
	to     town.EscalationState
}

// act asks the table and lets do make the change, in one transaction. What is
// hidden is NOT_FOUND, a stale version CONFLICT.
func (v *Voice) act(ctx context.Context, d deed, do func(ctx context.Context, h hand) error) (Stepped, error) {
	viewer, err := access.From(ctx)
	if err != nil {
		return Stepped{}, err
	}
	unit := func(ctx context.Context, tx *store.Tx) error {
		e, err := tx.Escalation.Get(ctx, d.id)
		if err != nil {
			return missing(err, "read the step")
		}
		if e.Version != d.version {
			return errStale()
		}
		facts := factsOf(viewer, e)
		to, err := ladder.Try(d.action, facts)
		if err != nil {
			return err
		}
		if slices.Contains(facts.Is, ladder.Holder) {
			viewer.Used(holding(e.Step), e.OwnerOffice)
		}
		return do(ctx, hand{tx: tx, viewer: viewer, step: e, to: to})
	}
	if d.input == nil {
		err = v.store.InTx(ctx, d.mutation, unit)
	} else {
		once := store.Once{Actor: viewer.ID, For: viewer.OnBehalfOf(), Mutation: d.mutation, Key: d.key, Input: d.input}
		_, _, err = v.store.Once(ctx, once, func(ctx context.Context, tx *store.Tx) (string, error) { return d.id, unit(ctx, tx) })
	}
	if err != nil {
		return Stepped{}, err
	}
	return v.steppedAs(ctx, d.id)
}

// AcknowledgeEscalation takes a step: from now on the citizen sees who has it.
func (v *Voice) AcknowledgeEscalation(ctx context.Context, in EscalationInput) (Stepped, error) {
	d := deed{mutation: "acknowledgeEscalation", action: ladder.Acknowledge, id: in.EscalationID, version: in.ExpectedVersion}
	return v.act(ctx, d, func(ctx context.Context, h hand) error {
		if err := stopTerms(ctx, h.tx, h.step.ID, ladder.ToAcknowledge); err != nil {
			return err
		}
		if err := v.substitute(ctx, h); err != nil {
			return err
		}
		update := change(h.tx, h.step).SetState(h.to).SetOwnerID(h.viewer.ID).SetAcknowledgedAt(h.tx.Now)
		return apply(ctx, h.tx, update, h.step.ID, town.EventEscalationTaken, h.viewer.ID)
	})
}

// substitute puts who takes a delay in the place of the head who let the term pass; the
// case may have been concluded since it was asked, and then there is nothing to conclude.
func (v *Voice) substitute(ctx context.Context, h hand) error {
	if h.step.Step != town.StepSubstitute || h.step.CaseID == "" {
		return nil
	}
	c, err := v.contacts.Case(access.System(ctx, "the case of a delay"), h.tx.Client, h.step.CaseID)
	if err != nil {
		return err
	}
	if c.About == nil || !c.About.Open {
		return nil
	}
	return v.cases.Substitute(ctx, h.tx, Substitution{CaseID: h.step.CaseID, HolderID: h.viewer.ID, AskedOn: town.Today(h.step.OpenedAt)})
}

// AnswerEscalation gives the holder's answer. It never decides a case. At level 5 it
// and on the routes of law it ends the step; below, the citizen may accept it or go one
// step up. That a decision was changed or a case concluded can be said only where the
// case has an act of it since the step was opened: PRECONDITION_FAILED.
func (v *Voice) AnswerEscalation(ctx context.Context, in AnswerEscalationInput) (Stepped, error) {
	if err := checkText("answer", in.Answer, maxText); err != nil {
		return Stepped{}, err
	}
	d := deed{mutation: "answerEscalation", action: ladder.Answer, key: in.IdempotencyKey, input: in, id: in.EscalationID, version: in.ExpectedVersion}
	return v.act(ctx, d, func(ctx context.Context, h hand) error {
		if !ladder.MayAnswer(h.step.Step, in.Outcome) {
			return errOutcome()
		}
		act, err := actBehind(ctx, h.tx, h.step, in.Outcome)
		if err != nil {
			return err
		}
		answer, err := v.sealIn(ctx, h.tx, h.step, escalation.FieldAnswer, in.Answer)
		if err != nil {
			return err
		}
		if err := stopTerms(ctx, h.tx, h.step.ID); err != nil {
			return err
		}
		update := change(h.tx, h.step).SetState(h.to).SetOwnerID(h.viewer.ID).
			SetAnswer(answer).SetOutcome(in.Outcome).SetActID(act).SetAnsweredAt(h.tx.Now)
		if h.step.AcknowledgedAt == nil {
			update.SetAcknowledgedAt(h.tx.Now)
		}
		if ladder.ClosesWhenAnswered(h.step.Step) {
			update.SetClosedAt(h.tx.Now).SetOpenKey(h.step.ID).ClearDueAt()
		} else {
			object, err := v.objection(h.step.Step, town.Today(h.tx.Now))
			if err != nil {
				return err
			}
			if err := startTerms(ctx, h.tx, h.step.ID, object); err != nil {
				return err
			}
			update.SetDueAt(clocks.Passed(object.of(ladder.ToObject)))
		}
		return apply(ctx, h.tx, update, h.step.ID, town.EventEscalationAnswer, h.viewer.ID)
	})
}

// AcceptEscalation ends an answered step with the citizen's consent, and may rate
// it from 1 to 5.
func (v *Voice) AcceptEscalation(ctx context.Context, in AcceptEscalationInput) (Stepped, error) {
	if in.Rating != nil && (*in.Rating < 1 || *in.Rating > 5) {
		return Stepped{}, errScale("rating")
	}
	d := deed{mutation: "acceptEscalation", action: ladder.Accept, id: in.EscalationID, version: in.ExpectedVersion}
	return v.act(ctx, d, func(ctx context.Context, h hand) error {
		if in.Rating != nil && h.step.Rating != 0 {
			return errRatedStep()
		}
		update := end(h.tx, h.step, h.to)
		if in.Rating != nil {
			update.SetRating(*in.Rating)
		}
		if err := stopTerms(ctx, h.tx, h.step.ID); err != nil {
			return err
		}
		if err := apply(ctx, h.tx, update, h.step.ID, town.EventEscalationClosed, h.viewer.ID); err != nil || in.Rating == nil {
			return err
		}
		return v.rateStep(ctx, h, *in.Rating)
	})
}

// DeclineEscalation ends an offer that the citizen does not want.
func (v *Voice) DeclineEscalation(ctx context.Context, in EscalationInput) (Stepped, error) {
	d := deed{mutation: "declineEscalation", action: ladder.Decline, id: in.EscalationID, version: in.ExpectedVersion}
	return v.act(ctx, d, func(ctx context.Context, h hand) error {
		if err := stopTerms(ctx, h.tx, h.step.ID); err != nil {
			return err
		}
		return apply(ctx, h.tx, end(h.tx, h.step, h.to), h.step.ID, town.EventEscalationClosed, h.viewer.ID)
	})
}

// RateEscalation is the citizen's word on how a step went, from 1 to 5, once.
func (v *Voice) RateEscalation(ctx context.Context, in RateEscalationInput) (Stepped, error) {
	if in.Rating < 1 || in.Rating > 5 {
		return Stepped{}, errScale("rating")
	}
	d := deed{mutation: "rateEscalation", action: ladder.Rate, id: in.EscalationID, version: in.ExpectedVersion}
	return v.act(ctx, d, func(ctx context.Context, h hand) error {
		if h.step.Rating != 0 {
			return errRatedStep()
		}
		err := apply(ctx, h.tx, change(h.tx, h.step).SetRating(in.Rating), h.step.ID, town.EventEscalationRated, h.viewer.ID)
		if err != nil {
			return err
		}
		return v.rateStep(ctx, h, in.Rating)
	})
}

// actBehind is the line of the case's timeline by which a decision was taken or taken back
// since the step was opened, for an outcome that says so; empty for any other.
func actBehind(ctx context.Context, tx *store.Tx, e *ent.Escalation, o town.EscalationOutcome) (string, error) {
	if !ladder.NeedsAct(o) {
		return "", nil
	}
	row, err := tx.CaseEntry.Query().
		Where(caseentry.CaseID(e.CaseID), caseentry.KindIn(deciding...), caseentry.AtGTE(e.OpenedAt)).
		Order(ent.Desc(caseentry.FieldOrdinal)).First(access.System(ctx, "the act behind an outcome"))
	if ent.IsNotFound(err) {
		return "", errNoAct()
	}
	if err != nil {
		return "", fmt.Errorf("look for the act behind an outcome: %w", err)
	}
	return row.ID, nil
}

// deciding are the lines of a case's timeline that decide it, or open it again.
var deciding = []string{"decided", "reopened", "fulfilled"}

// change is an update of the step as it was read; apply notices if it is not so any
// more.
func change(tx *store.Tx, e *ent.Escalation) *ent.EscalationUpdate {
	return tx.Escalation.Update().Where(escalation.ID(e.ID), escalation.Version(e.Version)).AddVersion(1)
}

// end is a change that ends the step, with its outcome and date, and frees its
// subject for another.
func end(tx *store.Tx, e *ent.Escalation, to town.EscalationState) *ent.EscalationUpdate {
	update := change(tx, e).SetState(to).SetOutcome(ladder.Outcome(to, e.Outcome)).SetOpenKey(e.ID).ClearDueAt()
	if e.ClosedAt == nil {
		update.SetClosedAt(tx.Now)
	}
	return update
}

// apply makes the change and emits the event of it.
func apply(ctx context.Context, tx *store.Tx, update *ent.EscalationUpdate, id string, fact town.EventType, actor string) error {
	return applyWith(ctx, tx, update, id, fact, actor, nil)
}

// applyWith is [apply] of an event that says more than how the step stands.
func applyWith(ctx context.Context, tx *store.Tx, update *ent.EscalationUpdate, id string, fact town.EventType, actor string, more map[string]string) error {
	n, err := update.Save(ctx)
	if err != nil {
		return fmt.Errorf("change the step: %w", err)
	}
	if n == 0 {
		return errStale()
	}
	e, err := tx.Escalation.Get(access.System(ctx, "the step as changed"), id)
	if err != nil {
		return fmt.Errorf("read the step as changed: %w", err)
	}
	tx.Emit(stepEvent(fact, e, actor, more))
	return nil
}
