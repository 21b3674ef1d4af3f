package voice

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/spazio-in-comune/sportello/ent"
	"github.com/spazio-in-comune/sportello/ent/escalation"
	"github.com/spazio-in-comune/sportello/internal/access"
	"github.com/spazio-in-comune/sportello/internal/clocks/due"
	"github.com/spazio-in-comune/sportello/internal/store"
	"github.com/spazio-in-comune/sportello/internal/town"
	"github.com/spazio-in-comune/sportello/internal/voice/ladder"
)

// lapseBatch is how many passed terms are looked up at once.
const lapseBatch = 100

// lapsing is who lets terms pass.
const lapsing = "system:ladder"

// LapseDue handles every step whose term has passed, oldest first, each in a
// transaction of its own and exactly once, however many replicas look: a step
// without an answer goes one up, an offer is declined, an answer is accepted. It
// says how many it handled. A step that fails does not keep the others waiting.
func (v *Voice) LapseDue(ctx context.Context) (int, error) {
	ctx = access.System(ctx, "ladder")
	handled := 0
	for {
		n, err := v.lapseSome(ctx)
		handled += n
		if n == 0 || err != nil {
			return handled, err
		}
	}
}

func (v *Voice) lapseSome(ctx context.Context) (int, error) {
	rows, err := v.store.Reader().Escalation.Query().
		Where(escalation.DueAtLTE(v.store.Clock().Now())).
		Order(ent.Asc(escalation.FieldDueAt)).Limit(lapseBatch).All(ctx)
	if err != nil {
		return 0, fmt.Errorf("look for steps whose term has passed: %w", err)
	}
	handled := 0
	var failed []error
	for _, row := range rows {
		won, err := v.lapse(ctx, row.ID)
		if err != nil {
			failed = append(failed, fmt.Errorf("step %s: %w", row.ID, err))
		}
		if won {
			handled++
		}
	}
	return handled, errors.Join(failed...)
}

// lapse lets the term of one step pass; false if somebody was faster.
func (v *Voice) lapse(ctx context.Context, id string) (won bool, err error) {
	err = v.store.InTx(ctx, "lapse a step", func(ctx context.Context, tx *store.Tx) error {
		won = false
		e, err := tx.Escalation.Get(ctx, id)
		if err != nil {
			return fmt.Errorf("read the step: %w", err)
		}
		if e.DueAt == nil || e.DueAt.After(tx.Now) {
			return nil
		}
		to, err := ladder.Try(ladder.Lapse, ladder.Facts{Step: e.Step, State: e.State, Is: []ladder.Who{ladder.House}})
		if err != nil {
			return err
		}
		if err := apply(ctx, tx, end(tx, e, to), e.ID, town.EventEscalationClosed, lapsing); err != nil {
			return err
		}
		won = true
		next, ok := ladder.AfterLapse(e.Step)
		if to != town.EscalationLapsed || !ok {
			return nil
		}
		said, err := v.saidIn(ctx, tx, e)
		if err != nil {
			return err
		}
		return v.openNext(ctx, tx, e, next, lapsing, said)
	})
	if town.CodeOf(err) == town.Conflict { // somebody acted at this very moment
		return false, nil
	}
	return won, err
}

// RunLapses handles terms as they pass until the context ends.
func (v *Voice) RunLapses(ctx context.Context, logger *slog.Logger) error {
	return due.Worker{Clock: v.store.Clock(), Logger: logger, What: "terms of the ladder", Handle: v.LapseDue, Next: v.nextDue}.Run(ctx)
}

// nextDue is when the next term of the ladder passes.
func (v *Voice) nextDue(ctx context.Context) (time.Time, error) {
	next, err := v.store.Reader().Escalation.Query().Where(escalation.DueAtNotNil()).
		Order(ent.Asc(escalation.FieldDueAt)).First(access.System(ctx, "ladder"))
	if ent.IsNotFound(err) {
		return time.Time{}, nil
	}
	if err != nil {
		return time.Time{}, fmt.Errorf("look for the next term of the ladder: %w", err)
	}
	return *next.DueAt, nil
}
