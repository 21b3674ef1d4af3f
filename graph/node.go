package graph

import (
	"context"

	"golang.org/x/sync/errgroup"

	"github.com/spazio-in-comune/sportello/graph/model"
	"github.com/spazio-in-comune/sportello/internal/town"
)

// node finds any object by its id, whose prefix says what it is. What is missing,
// hidden or no id at all is nil alike.
func (r *Resolver) node(ctx context.Context, id string) (model.Node, error) {
	set := load(ctx)
	switch town.PrefixOf(id) {
	case town.PrefixSite:
		return found(set.site.Load(ctx, id))
	case town.PrefixCounter:
		return found(set.counter.Load(ctx, id))
	case town.PrefixSession:
		return found(set.session.Load(ctx, id))
	case town.PrefixVisit:
		return found(set.visit.Load(ctx, id))
	case town.PrefixLeg:
		return found(set.leg.Load(ctx, id))
	case town.PrefixPerson:
		return found(set.person.Load(ctx, id))
	case town.PrefixAssignment:
		return found(set.assignment.Load(ctx, id))
	case town.PrefixIntake:
		return found(set.intake.Load(ctx, id))
	case town.PrefixCase:
		return found(set.caseFile.Load(ctx, id))
	case town.PrefixEntry:
		return found(set.entry.Load(ctx, id))
	case town.PrefixDocument:
		return found(set.document.Load(ctx, id))
	case town.PrefixClock:
		return found(set.clock.Load(ctx, id))
	case town.PrefixFeedback:
		return found(set.feedback.Load(ctx, id))
	case town.PrefixEscalation:
		return found(set.escalation.Load(ctx, id))
	case town.PrefixAlert:
		return found(set.alert.Load(ctx, id))
	case town.PrefixMandate:
		return found(set.mandate.Load(ctx, id))
	default:
		return nil, nil
	}
}

// found turns a typed nil into nil.
func found[T any](object *T, err error) (model.Node, error) {
	if err != nil || object == nil {
		return nil, err
	}
	return object, nil
}

func (r *Resolver) nodes(ctx context.Context, ids []string) ([]model.Node, error) {
	if len(ids) > town.MaxPageSize {
		return nil, town.Errorf(town.BadUserInput, "Ask for at most 100 nodes at once.", "Chiedere al massimo 100 oggetti per volta.")
	}
	list := make([]model.Node, len(ids))
	all, ctx := errgroup.WithContext(ctx)
	for i, id := range ids {
		all.Go(func() (err error) {
			list[i], err = r.node(ctx, id)
			return err
		})
	}
	return list, all.Wait()
}
