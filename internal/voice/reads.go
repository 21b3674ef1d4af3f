package voice

import (
	"context"
	"fmt"

	"github.com/spazio-in-comune/sportello/ent"
	"github.com/spazio-in-comune/sportello/ent/escalation"
	"github.com/spazio-in-comune/sportello/ent/feedback"
	"github.com/spazio-in-comune/sportello/internal/access"
	"github.com/spazio-in-comune/sportello/internal/town"
	"github.com/spazio-in-comune/sportello/internal/voice/ladder"
)

// Escalation is a step that the viewer may see; NOT_FOUND otherwise.
func (v *Voice) Escalation(ctx context.Context, id string) (*ent.Escalation, error) {
	e, err := v.store.Reader().Escalation.Get(ctx, id)
	if err != nil {
		return nil, missing(err, "read the step")
	}
	return e, nil
}

// FeedbackByID is a word that the viewer may see; NOT_FOUND otherwise.
func (v *Voice) FeedbackByID(ctx context.Context, id string) (*ent.Feedback, error) {
	f, err := v.store.Reader().Feedback.Get(ctx, id)
	if err != nil {
		return nil, missing(err, "read the word")
	}
	return f, nil
}

// Escalations are the steps that the viewer may see, newest first.
func (v *Voice) Escalations(ctx context.Context, args town.PageArgs, filter EscalationFilter) (town.Page[*ent.Escalation], error) {
	spec, err := args.Spec(town.PrefixEscalation)
	if err != nil {
		return town.Page[*ent.Escalation]{}, err
	}
	query := v.store.Reader().Escalation.Query()
	if filter.Level != nil {
		query.Where(escalation.LevelEQ(*filter.Level))
	}
	if filter.CaseID != nil {
		query.Where(escalation.CaseID(*filter.CaseID))
	}
	if filter.Open != nil {
		query.Where(isOpen(*filter.Open))
	}
	if filter.Kind != nil {
		query.Where(escalation.KindEQ(*filter.Kind))
	}
	if filter.Step != nil {
		query.Where(escalation.StepEQ(*filter.Step))
	}
	if filter.Breached != nil {
		query.Where(isBreached(*filter.Breached, town.Today(v.store.Clock().Now())))
	}
	if spec.Below != "" {
		query.Where(escalation.IDLT(spec.Below))
	}
	if spec.Above != "" {
		query.Where(escalation.IDGT(spec.Above))
	}
	rows, err := query.Order(byID(spec)).Limit(spec.Size + 1).All(ctx)
	if err != nil {
		return town.Page[*ent.Escalation]{}, fmt.Errorf("list steps of the ladder: %w", err)
	}
	return town.CutPage(spec, rows), nil
}

// FeedbackList are the words that the viewer may see, newest first.
func (v *Voice) FeedbackList(ctx context.Context, args town.PageArgs, filter FeedbackFilter) (town.Page[*ent.Feedback], error) {
	spec, err := args.Spec(town.PrefixFeedback)
	if err != nil {
		return town.Page[*ent.Feedback]{}, err
	}
	query := v.store.Reader().Feedback.Query()
	if filter.OfficeCode != nil {
		query.Where(feedback.OfficeID(*filter.OfficeCode))
	}
	if filter.Level != nil {
		query.Where(feedback.LevelEQ(*filter.Level))
	}
	if spec.Below != "" {
		query.Where(feedback.IDLT(spec.Below))
	}
	if spec.Above != "" {
		query.Where(feedback.IDGT(spec.Above))
	}
	rows, err := query.Order(byID(spec)).Limit(spec.Size + 1).All(ctx)
	if err != nil {
		return town.Page[*ent.Feedback]{}, fmt.Errorf("list feedback: %w", err)
	}
	return town.CutPage(spec, rows), nil
}

// OpenAtLevel are the open steps at a level, or with 0 at all, that the viewer may see,
// newest first, at most n. Offers that nobody took up are not among them.
func (v *Voice) OpenAtLevel(ctx context.Context, level town.Level, n int) ([]*ent.Escalation, error) {
	query := v.store.Reader().Escalation.Query().Where(isOpen(true), escalation.StateNEQ(town.EscalationOffered))
	if level != 0 {
		query.Where(escalation.LevelEQ(level))
	}
	rows, err := query.Order(ent.Desc(escalation.FieldID)).Limit(n).All(ctx)
	if err != nil {
		return nil, fmt.Errorf("list the open steps: %w", err)
	}
	return rows, nil
}

// RecentFeedback are the newest words that the viewer may see, at a level or, with
// nil, at all, at most n.
func (v *Voice) RecentFeedback(ctx context.Context, level *town.Level, n int) ([]*ent.Feedback, error) {
	query := v.store.Reader().Feedback.Query()
	if level != nil {
		query.Where(feedback.LevelEQ(*level))
	}
	rows, err := query.Order(ent.Desc(feedback.FieldID)).Limit(n).All(ctx)
	if err != nil {
		return nil, fmt.Errorf("list the newest feedback: %w", err)
	}
	return rows, nil
}

// AvailableActions are the actions on a step, each with whether the viewer may take
// it now, and why not.
func (v *Voice) AvailableActions(ctx context.Context, e *ent.Escalation) ([]ladder.Available, error) {
	viewer, err := access.From(ctx)
	if err != nil {
		return nil, err
	}
	return ladder.AvailableActions(factsOf(viewer, e)), nil
}

// steppedAs reads a step and the next one through the viewer's scope.
func (v *Voice) steppedAs(ctx context.Context, id string) (Stepped, error) {
	rows, err := v.store.Reader().Escalation.Query().
		Where(escalation.Or(escalation.ID(id), escalation.PreviousID(id))).All(ctx)
	if err != nil {
		return Stepped{}, fmt.Errorf("read the step: %w", err)
	}
	var s Stepped
	for _, row := range rows {
		if row.ID == id {
			s.Escalation = row
		} else {
			s.Next = row
		}
	}
	return s, nil
}
