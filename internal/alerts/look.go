package alerts

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/spazio-in-comune/sportello/ent"
	"github.com/spazio-in-comune/sportello/ent/alert"
	"github.com/spazio-in-comune/sportello/internal/clocks/due"
	"github.com/spazio-in-comune/sportello/internal/store"
	"github.com/spazio-in-comune/sportello/internal/town"
)

// Look finds what time and measures lead to at this moment: terms about to pass, waits,
// departments and scores beyond their thresholds or back; it wakes what was snoozed, ends
// alerts whose cause has ended and throws old messages away. Each change is a transaction
// of its own and happens once, however many replicas look. It says how many changes it made;
// what fails does not hold up the rest.
func (a *Alerts) Look(ctx context.Context) (int, error) {
	ctx = house(ctx)
	changes := 0
	var faults error
	for _, look := range []func(context.Context) (int, error){a.wake, a.termsNear, a.stepsNear, a.measure, a.settle, a.tidy} {
		n, err := look(ctx)
		changes, faults = changes+n, errors.Join(faults, err)
	}
	return changes, faults
}

// RunLooks looks every minute, and when something snoozed comes again, until the context
// ends.
func (a *Alerts) RunLooks(ctx context.Context) error {
	return due.Worker{Clock: a.store.Clock(), Logger: a.logger, What: "alerts", Handle: a.Look, Next: a.nextWake}.Run(ctx)
}

// once runs a unit that another replica may have run at this very moment: then nothing was
// left to do.
func (a *Alerts) once(ctx context.Context, what string, unit func(ctx context.Context, tx *store.Tx) (bool, error)) (int, error) {
	done := false
	err := a.store.InTx(ctx, what, func(ctx context.Context, tx *store.Tx) (err error) {
		done, err = unit(ctx, tx)
		return err
	})
	if ent.IsConstraintError(err) || town.CodeOf(err) == town.Conflict {
		return 0, nil
	}
	if err != nil || !done {
		return 0, err
	}
	return 1, nil
}

// wake opens snoozed alerts again whose time has come.
func (a *Alerts) wake(ctx context.Context) (int, error) {
	ids, err := a.store.Reader().Alert.Query().
		Where(alert.StateEQ(town.AlertSnoozed), alert.SnoozedUntilLTE(a.store.Clock().Now())).Order(ent.Asc(alert.FieldSnoozedUntil)).IDs(ctx)
	if err != nil {
		return 0, fmt.Errorf("look for snoozed alerts: %w", err)
	}
	woken := 0
	var faults error
	for _, id := range ids {
		n, err := a.once(ctx, "wake an alert", func(ctx context.Context, tx *store.Tx) (bool, error) {
			row, err := tx.Alert.Get(ctx, id)
			if err != nil || row.State != town.AlertSnoozed || row.SnoozedUntil == nil || row.SnoozedUntil.After(tx.Now) {
				return false, err
			}
			act := town.AlertAct{At: tx.Now, Action: town.AlertWake, By: actor}
			return true, apply(ctx, tx, change(tx, row, act).ClearSnoozedUntil(), row, act)
		})
		woken, faults = woken+n, errors.Join(faults, err)
	}
	return woken, faults
}

// nextWake is when the next snoozed alert comes again.
func (a *Alerts) nextWake(ctx context.Context) (time.Time, error) {
	next, err := a.store.Reader().Alert.Query().Where(alert.StateEQ(town.AlertSnoozed), alert.SnoozedUntilNotNil()).
		Order(ent.Asc(alert.FieldSnoozedUntil)).First(house(ctx))
	if ent.IsNotFound(err) {
		return time.Time{}, nil
	}
	if err != nil {
		return time.Time{}, fmt.Errorf("look for the next snoozed alert: %w", err)
	}
	return *next.SnoozedUntil, nil
}
