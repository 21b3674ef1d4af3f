package voice

import (
	"context"
	"slices"

	"github.com/spazio-in-comune/sportello/ent"
	"github.com/spazio-in-comune/sportello/ent/casefile"
	"github.com/spazio-in-comune/sportello/ent/escalation"
	"github.com/spazio-in-comune/sportello/internal/access"
	"github.com/spazio-in-comune/sportello/internal/clocks"
	"github.com/spazio-in-comune/sportello/internal/store"
	"github.com/spazio-in-comune/sportello/internal/town"
	"github.com/spazio-in-comune/sportello/internal/voice/ladder"
)

// kinds is the closed list of what one may not be satisfied with.
func kinds() []town.EscalationKind {
	return []town.EscalationKind{town.KindDissatisfaction, town.KindDelay, town.KindMerits, town.KindAccess}
}

// RaiseEscalation asks for the Help Point: the citizen for themselves, or staff on
// their behalf. An offer that stands is taken up. There is one open step per
// subject and kind; another is PRECONDITION_FAILED. A delay goes to the holder of the
// substitute power once the term has passed, who may open it of own motion too, and a
// refused access to the officer for transparency: see [ladder.MayOpen].
func (v *Voice) RaiseEscalation(ctx context.Context, in RaiseEscalationInput) (Stepped, error) {
	viewer, err := access.From(ctx)
	if err != nil {
		return Stepped{}, err
	}
	if err := checkRaise(in); err != nil {
		return Stepped{}, err
	}
	once := store.Once{Actor: viewer.ID, For: viewer.OnBehalfOf(), Mutation: "raiseEscalation", Key: in.IdempotencyKey, Input: in}
	id, _, err := v.store.Once(ctx, once, func(ctx context.Context, tx *store.Tx) (string, error) {
		if in.EscalationID != nil {
			return v.takeUpOffer(ctx, tx, viewer, in)
		}
		return v.raise(ctx, tx, viewer, in)
	})
	if ent.IsConstraintError(err) { // somebody opened one in between
		return Stepped{}, errAlreadyOpen()
	}
	if err != nil {
		return Stepped{}, err
	}
	return v.steppedAs(ctx, id)
}

func checkRaise(in RaiseEscalationInput) error {
	switch {
	case count(in.EscalationID, in.CaseID, in.CaseProtocol, in.LegID) != 1:
		return errOneOf("escalationId", "caseId", "caseProtocol", "legId")
	case in.Kind != nil && !slices.Contains(kinds(), *in.Kind):
		return errNoSuch("kind")
	case in.Reason != nil && !slices.Contains(causes(1), *in.Reason):
		return errNoSuch("reason")
	case in.EscalationID != nil: // the words were said with the score
		return checkLength("text", in.Text, maxText)
	}
	return checkText("text", in.Text, maxText)
}

func (v *Voice) takeUpOffer(ctx context.Context, tx *store.Tx, viewer *access.Viewer, in RaiseEscalationInput) (string, error) {
	e, err := tx.Escalation.Get(ctx, *in.EscalationID)
	if err != nil {
		return "", missing(err, "read the offer")
	}
	if in.Kind != nil && *in.Kind != e.Kind {
		return "", town.Errorf(town.Invalid, "The offer is of another kind.", "La proposta è di altro tipo.").At("input", "kind")
	}
	return e.ID, v.takeUp(ctx, tx, viewer, e, in)
}

// takeUp turns an offer into an open step; its terms run from now.
func (v *Voice) takeUp(ctx context.Context, tx *store.Tx, viewer *access.Viewer, e *ent.Escalation, in RaiseEscalationInput) error {
	to, err := ladder.Try(ladder.TakeUp, factsOf(viewer, e))
	if err != nil {
		return err
	}
	terms, err := v.termsOf(opening{step: e.Step, state: to}, town.Today(tx.Now))
	if err != nil {
		return err
	}
	if err := stopTerms(ctx, tx, e.ID); err != nil {
		return err
	}
	if err := startTerms(ctx, tx, e.ID, terms); err != nil {
		return err
	}
	update := change(tx, e).SetState(to).SetOpenedBy(viewer.ID).SetOpenedAt(tx.Now).
		SetAcknowledgeBy(terms.acknowledgeBy()).SetDueOn(terms.dueOn()).SetDueAt(clocks.Passed(terms.dueOn()))
	if in.Text != "" {
		text, err := v.sealIn(ctx, tx, e, escalation.FieldText, in.Text)
		if err != nil {
			return err
		}
		update.SetText(text)
	}
	if in.Reason != nil {
		update.SetReason(*in.Reason)
	}
	return apply(ctx, tx, update, e.ID, town.EventEscalationRaised, viewer.ID)
}

func (v *Voice) raise(ctx context.Context, tx *store.Tx, viewer *access.Viewer, in RaiseEscalationInput) (string, error) {
	kind := town.KindDissatisfaction
	if in.Kind != nil {
		kind = *in.Kind
	}
	c, err := v.subject(ctx, tx, viewer, kind, in)
	if err != nil {
		return "", err
	}
	if err := viewer.Require(access.EscalationRaise, c.OfficeID); err != nil {
		return "", err
	}
	open, err := openStep(ctx, tx, c, kind)
	if err != nil {
		return "", err
	}
	if open != nil && open.State == town.EscalationOffered && isCitizen(viewer, open) {
		return open.ID, v.takeUp(ctx, tx, viewer, open, in)
	}
	if open != nil {
		return "", errAlreadyOpen()
	}
	if err := ladder.MayOpen(kind, c.About.asOf(tx.Now)); err != nil {
		return "", err
	}
	citizen := ""
	if len(c.Parties) > 0 {
		citizen = c.Parties[0]
	}
	e, err := v.open(ctx, tx, opening{
		step: ladder.Raised(kind, citizen != "" || holdsTicket(viewer, c.VisitID)), state: town.EscalationOpen, kind: kind, contact: c,
		citizen: citizen, actor: viewer.ID, reason: given(in.Reason), text: in.Text,
	})
	if err != nil {
		return "", err
	}
	return e.ID, nil
}

// subject is what the step is to be about, as the viewer sees it. Whoever holds the
// substitute power finds any case for it, of own motion: they are told of terms that
// passed, and see the case once they hold the step.
func (v *Voice) subject(ctx context.Context, tx *store.Tx, viewer *access.Viewer, kind town.EscalationKind, in RaiseEscalationInput) (Contact, error) {
	if in.LegID != nil {
		return v.contacts.Leg(ctx, tx.Client, *in.LegID)
	}
	if kind == town.KindDelay && viewer.Can(access.EscalationSubstitute, town.OfficeSecretary) {
		ctx = access.System(ctx, "a delay, of own motion")
	}
	id := given(in.CaseID)
	if in.CaseProtocol != nil {
		var err error
		if id, err = tx.CaseFile.Query().Where(casefile.Protocol(*in.CaseProtocol)).OnlyID(ctx); err != nil {
			return Contact{}, missing(err, "look for the case")
		}
	}
	return v.contacts.Case(ctx, tx.Client, id)
}
