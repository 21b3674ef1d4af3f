package desk

import (
	"context"
	"fmt"
	"time"

	"github.com/spazio-in-comune/sportello/ent"
	"github.com/spazio-in-comune/sportello/ent/interval"
	"github.com/spazio-in-comune/sportello/internal/desk/rules"
	"github.com/spazio-in-comune/sportello/internal/store"
	"github.com/spazio-in-comune/sportello/internal/town"
)

// lastInterval is the newest interval of a leg; it is open while the leg lives.
func lastInterval(ctx context.Context, tx *store.Tx, legID string) (*ent.Interval, error) {
	last, err := tx.Interval.Query().Where(interval.LegID(legID)).Order(ent.Desc(interval.FieldOrdinal)).First(ctx)
	if err != nil {
		return nil, fmt.Errorf("read the last interval of leg %s: %w", legID, err)
	}
	return last, nil
}

// beginningOrEnd is the latest moment that the interval knows.
func beginningOrEnd(i *ent.Interval) time.Time {
	if i.To != nil {
		return *i.To
	}
	return i.From
}

// follow closes the last interval and opens that of the new state, at the same
// moment. A terminal state opens none. Between the end of a no-show and its
// reinstatement the gap is an interval of its own: the clocks of a leg leave
// nothing out.
func follow(ctx context.Context, tx *store.Tx, last *ent.Interval, to town.LegState, actor string, at time.Time) error {
	next := last.Ordinal + 1
	if last.To == nil {
		closed, err := tx.Interval.Update().Where(interval.ID(last.ID), interval.ToIsNil()).SetTo(at).Save(ctx)
		if err != nil || closed != 1 {
			return fmt.Errorf("close an interval of leg %s: %d closed: %w", last.LegID, closed, err)
		}
	} else {
		gap := newInterval(tx, last.LegID, next, town.LegNoShow, last.ActorID, *last.To).SetTo(at)
		if err := gap.Exec(ctx); err != nil {
			return fmt.Errorf("fill the gap of leg %s: %w", last.LegID, err)
		}
		next++
	}
	if !rules.Open(to) {
		return nil
	}
	return openInterval(ctx, tx, last.LegID, next, to, actor, at)
}

func openInterval(ctx context.Context, tx *store.Tx, legID string, ordinal int, state town.LegState, actor string, at time.Time) error {
	if err := newInterval(tx, legID, ordinal, state, actor, at).Exec(ctx); err != nil {
		return fmt.Errorf("open an interval of leg %s: %w", legID, err)
	}
	return nil
}

func newInterval(tx *store.Tx, legID string, ordinal int, state town.LegState, actor string, at time.Time) *ent.IntervalCreate {
	return tx.Interval.Create().SetID(town.NewID(town.PrefixInterval, tx.Now)).
		SetLegID(legID).SetOrdinal(ordinal).SetState(state).SetActorID(actor).SetFrom(at)
}
