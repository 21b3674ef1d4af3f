package voice

import (
	"context"
	"fmt"
	"slices"

	"github.com/spazio-in-comune/sportello/ent"
	"github.com/spazio-in-comune/sportello/ent/escalation"
	"github.com/spazio-in-comune/sportello/ent/feedback"
	"github.com/spazio-in-comune/sportello/internal/access"
	"github.com/spazio-in-comune/sportello/internal/store"
	"github.com/spazio-in-comune/sportello/internal/town"
	"github.com/spazio-in-comune/sportello/internal/voice/ladder"
)

// causes is the closed list of reasons for a score: what was bad for a low one, what was
// good for a high one, either for the one in the middle.
func causes(score int) []town.FeedbackCause {
	bad := []town.FeedbackCause{town.CauseWaiting, town.CauseClarity, town.CauseDocuments, town.CauseCourtesy, town.CauseOutcome}
	good := []town.FeedbackCause{town.CauseQuick, town.CauseClear, town.CauseHelpful, town.CauseResolved}
	switch {
	case score <= ladder.LowScore:
		return append(bad, town.CauseOther)
	case score == middleScore:
		return append(append(bad, good...), town.CauseOther)
	default:
		return append(good, town.CauseOther)
	}
}

// middleScore is neither low nor high.
const middleScore = 3

// GiveFeedback takes a citizen's word on a contact of their own: a leg that ended,
// a case, or an answered step of the ladder; one word per contact. A low score
// opens an offer of the Help Point, unless a step about it is open already.
//
// Refusals: REQUIRED for a missing cause of a low score, INVALID, NOT_ALLOWED for
// somebody else's contact, PRECONDITION_FAILED for one that was rated or is not over.
func (v *Voice) GiveFeedback(ctx context.Context, in GiveFeedbackInput) (Given, error) {
	viewer, err := access.From(ctx)
	if err != nil {
		return Given{}, err
	}
	if err := checkFeedback(in); err != nil {
		return Given{}, err
	}
	once := store.Once{Actor: viewer.ID, For: viewer.OnBehalfOf(), Mutation: "giveFeedback", Key: in.IdempotencyKey, Input: in}
	id, _, err := v.store.Once(ctx, once, func(ctx context.Context, tx *store.Tx) (string, error) {
		return v.giveFeedback(ctx, tx, viewer, in)
	})
	if ent.IsConstraintError(err) { // somebody rated the contact, or opened a step, in between
		return Given{}, errRated()
	}
	if err != nil {
		return Given{}, err
	}
	return v.givenAs(ctx, id)
}

func checkFeedback(in GiveFeedbackInput) error {
	switch {
	case count(in.LegID, in.CaseID, in.EscalationID) != 1:
		return errOneOf("legId", "caseId", "escalationId")
	case in.Score < 1 || in.Score > 5:
		return errScale("score")
	case in.Cause == nil && in.Score <= ladder.LowScore:
		return errRequired("cause", "Please say why.", "Indicare il motivo.")
	case in.Cause != nil && !slices.Contains(causes(in.Score), *in.Cause):
		return errNoSuch("cause")
	case in.GivenBy != nil && !slices.Contains(town.FeedbackWays(), *in.GivenBy):
		return errNoSuch("givenBy")
	}
	return checkLength("comment", given(in.Comment), maxComment)
}

func (v *Voice) giveFeedback(ctx context.Context, tx *store.Tx, viewer *access.Viewer, in GiveFeedbackInput) (string, error) {
	c, err := v.ratedContact(ctx, tx, in)
	if err != nil {
		return "", err
	}
	return v.rate(ctx, tx, viewer, c, in)
}

// rate keeps a word on a contact, tells it, and opens what its score asks for.
func (v *Voice) rate(ctx context.Context, tx *store.Tx, viewer *access.Viewer, c Contact, in GiveFeedbackInput) (string, error) {
	if err := mayRate(ctx, tx, viewer, c); err != nil {
		return "", err
	}
	f, err := v.storeFeedback(ctx, tx, viewer, c, in)
	if err != nil {
		return "", err
	}
	tx.Emit(feedbackEvent(f, c, viewer.ID, wayOf(viewer, in)))
	return f.ID, v.afterScore(ctx, tx, viewer, c, f, given(in.Comment))
}

// ratedContact finds what is rated, through the viewer's scope.
func (v *Voice) ratedContact(ctx context.Context, tx *store.Tx, in GiveFeedbackInput) (Contact, error) {
	switch {
	case in.LegID != nil:
		return v.contacts.Leg(ctx, tx.Client, *in.LegID)
	case in.CaseID != nil:
		return v.contacts.Case(ctx, tx.Client, *in.CaseID)
	default:
		e, err := tx.Escalation.Get(ctx, *in.EscalationID)
		if err != nil {
			return Contact{}, missing(err, "read the step")
		}
		return v.stepContact(ctx, tx, e)
	}
}

// stepContact is a step of the ladder as a contact, over the channel of what it is
// about, which the viewer need not see.
func (v *Voice) stepContact(ctx context.Context, tx *store.Tx, e *ent.Escalation) (Contact, error) {
	house := access.System(ctx, "channel of a step")
	about, err := Contact{}, error(nil)
	if e.CaseID != "" {
		about, err = v.contacts.Case(house, tx.Client, e.CaseID)
	} else {
		about, err = v.contacts.Leg(house, tx.Client, e.LegID)
	}
	return contactOf(e, about.Channel), err
}

func mayRate(ctx context.Context, tx *store.Tx, viewer *access.Viewer, c Contact) error {
	if !viewer.Allow(access.FeedbackGive, c.OfficeID) || !ratesHere(viewer, c) {
		return errNotOwn()
	}
	if !c.Over {
		return errNotOver()
	}
	rated, err := tx.Feedback.Query().Where(feedback.ContactKey(c.Key)).Exist(access.System(ctx, "one word per contact"))
	if err != nil {
		return fmt.Errorf("look for an earlier word: %w", err)
	}
	if rated {
		return errRated()
	}
	return nil
}

// rateStep keeps the rating that came with the consent to an answer as the citizen's word
// on that step: the one that every contact may have.
func (v *Voice) rateStep(ctx context.Context, h hand, score int) error {
	c, err := v.stepContact(ctx, h.tx, h.step)
	if err != nil {
		return err
	}
	_, err = v.rate(ctx, h.tx, h.viewer, c, GiveFeedbackInput{EscalationID: &h.step.ID, Score: score})
	if ent.IsConstraintError(err) { // they rated it at the same time
		return errRated()
	}
	return err
}

// wayOf is how a word comes in: as the front end says, else by what the viewer holds.
func wayOf(viewer *access.Viewer, in GiveFeedbackInput) town.FeedbackWay {
	switch {
	case in.GivenBy != nil:
		return *in.GivenBy
	case viewer.Kind == access.KindPerson:
		return town.WayOnline
	default:
		return town.WayPhoneLink
	}
}

// ratesHere reports whether the contact is the viewer's to rate: their own, or at
// the device in front of which it took place.
func ratesHere(viewer *access.Viewer, c Contact) bool {
	return concerns(viewer, c) || viewer.Kind == access.KindDevice && c.LegID == c.Key
}

func (v *Voice) storeFeedback(ctx context.Context, tx *store.Tx, viewer *access.Viewer, c Contact, in GiveFeedbackInput) (*ent.Feedback, error) {
	author := ""
	if in.Anonymous != nil && !*in.Anonymous && viewer.Kind == access.KindPerson {
		author = viewer.Account()
	}
	id := town.NewID(town.PrefixFeedback, tx.Now)
	comment, err := v.vault.SealText(ctx, tx, author, commentAt(id), given(in.Comment))
	if err != nil {
		return nil, err
	}
	f, err := tx.Feedback.Create().SetID(id).SetContactKey(c.Key).
		SetVisitID(c.VisitID).SetLegID(c.LegID).SetCaseID(c.CaseID).SetEscalationID(c.EscalationID).
		SetLevel(c.Level).SetOfficeID(c.OfficeID).SetServiceID(c.ServiceID).SetChannel(c.Channel).
		SetScore(in.Score).SetCause(given(in.Cause)).SetComment(comment).SetWaitSeconds(c.WaitSeconds).
		SetAuthorID(author).SetAt(tx.Now).Save(ctx)
	if err != nil {
		return nil, fmt.Errorf("store the word: %w", err)
	}
	return f, nil
}

// afterScore opens what the score asks for, unless the subject has an open step.
func (v *Voice) afterScore(ctx context.Context, tx *store.Tx, viewer *access.Viewer, c Contact, f *ent.Feedback, comment string) error {
	opened := ladder.AfterScore(f.Score, c.EscalationID != "", viewer.Kind != access.KindDevice)
	if opened.Step == "" {
		return nil
	}
	open, err := openStep(ctx, tx, c, town.KindDissatisfaction)
	if err != nil || open != nil {
		return err
	}
	o := opening{
		step: opened.Step, state: opened.State, kind: town.KindDissatisfaction, contact: c,
		actor: unnamed, feedback: f.ID, reason: f.Cause, text: comment,
	}
	if concerns(viewer, c) && viewer.Kind == access.KindPerson {
		o.citizen, o.actor = viewer.Account(), viewer.ID
	}
	if opened.Step == town.StepSignal {
		o.actor = viewer.ID
	}
	_, err = v.open(ctx, tx, o)
	return err
}

// givenAs reads a word and its offer through the viewer's scope.
func (v *Voice) givenAs(ctx context.Context, id string) (Given, error) {
	f, err := v.store.Reader().Feedback.Get(ctx, id)
	if err != nil && !ent.IsNotFound(err) {
		return Given{}, fmt.Errorf("read the word: %w", err)
	}
	offer, err := v.store.Reader().Escalation.Query().
		Where(escalation.FeedbackID(id), escalation.PreviousID(""), escalation.StepEQ(town.StepHelpPoint)).First(ctx)
	if err != nil && !ent.IsNotFound(err) {
		return Given{}, fmt.Errorf("read the offer: %w", err)
	}
	return Given{Feedback: f, Offer: offer}, nil
}
