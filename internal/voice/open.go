package voice

import (
	"context"
	"fmt"

	"github.com/spazio-in-comune/sportello/ent"
	"github.com/spazio-in-comune/sportello/ent/escalation"
	"github.com/spazio-in-comune/sportello/internal/access"
	"github.com/spazio-in-comune/sportello/internal/clocks"
	"github.com/spazio-in-comune/sportello/internal/store"
	"github.com/spazio-in-comune/sportello/internal/town"
	"github.com/spazio-in-comune/sportello/internal/voice/ladder"
)

// opening is a step about to be opened.
type opening struct {
	town.Private

	step     town.EscalationStep
	state    town.EscalationState
	kind     town.EscalationKind
	contact  Contact
	citizen  string // id of the person whom it is for, where known
	actor    string
	feedback string
	previous *ent.Escalation // the step below, nil for the first
	lapses   int             // terms of the story that have passed
	reason   town.FeedbackCause
	text     string
}

// open stores a step and emits its first event. The caller has made sure that the
// subject has no open step of the kind.
func (v *Voice) open(ctx context.Context, tx *store.Tx, o opening) (*ent.Escalation, error) {
	id := town.NewID(town.PrefixEscalation, tx.Now)
	terms, err := v.termsOf(o, town.Today(tx.Now))
	if err != nil {
		return nil, err
	}
	text, err := v.vault.SealText(ctx, tx, o.citizen, stepAt(escalation.FieldText, id), o.text)
	if err != nil {
		return nil, err
	}
	create := tx.Escalation.Create().SetID(id).SetLadderID(id).
		SetStep(o.step).SetLevel(o.step.Level()).SetKind(o.kind).SetState(o.state).SetOpenKey(openKey(o.contact, o.kind)).
		SetVisitID(o.contact.VisitID).SetLegID(o.contact.LegID).SetCaseID(o.contact.CaseID).SetFeedbackID(o.feedback).
		SetOfficeID(o.contact.OfficeID).SetServiceID(o.contact.ServiceID).
		SetOwnerOffice(ladder.Owner(o.step, o.contact.OfficeID)).
		SetOpenedBy(o.actor).SetOnBehalfOf(o.citizen).SetConfidential(o.contact.Confidential).
		SetReason(o.reason).SetText(text).SetOpenedAt(tx.Now).
		SetAcknowledgeBy(terms.acknowledgeBy()).SetDueOn(terms.dueOn()).SetDueAt(clocks.Passed(terms.dueOn())).SetLapses(o.lapses)
	if o.previous != nil {
		create.SetLadderID(o.previous.LadderID).SetPreviousID(o.previous.ID).
			SetPreviousOffice(o.previous.OwnerOffice).SetPreviousOwner(o.previous.OwnerID)
	}
	if o.step == town.StepMayor {
		delegate, err := delegateFor(ctx, tx, o.contact.ServiceID)
		if err != nil {
			return nil, err
		}
		create.SetOwnerID(delegate)
	}
	e, err := create.Save(ctx)
	if err != nil {
		return nil, fmt.Errorf("open a step of the ladder: %w", err)
	}
	if err := startTerms(ctx, tx, e.ID, terms); err != nil {
		return nil, err
	}
	fact := town.EventEscalationRaised
	if o.state == town.EscalationOffered {
		fact = town.EventEscalationOffer
	}
	tx.Emit(stepEvent(fact, e, o.actor, nil))
	return e, nil
}

// openKey is taken while a step about the subject is open: one per kind.
func openKey(c Contact, kind town.EscalationKind) string {
	subject := c.CaseID
	if subject == "" {
		subject = c.LegID
	}
	return subject + ":" + string(kind)
}

// openStep is the open step about the subject, whoever may see it; nil if none.
func openStep(ctx context.Context, tx *store.Tx, c Contact, kind town.EscalationKind) (*ent.Escalation, error) {
	e, err := tx.Escalation.Query().Where(escalation.OpenKey(openKey(c, kind))).Only(access.System(ctx, "one open step per subject"))
	if ent.IsNotFound(err) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("look for an open step: %w", err)
	}
	return e, nil
}
