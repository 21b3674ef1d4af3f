package alerts

import (
	"context"
	"fmt"
	"time"

	"github.com/spazio-in-comune/sportello/ent"
	"github.com/spazio-in-comune/sportello/internal/access"
	"github.com/spazio-in-comune/sportello/internal/alerts/rule"
	"github.com/spazio-in-comune/sportello/internal/store"
	"github.com/spazio-in-comune/sportello/internal/town"
)

// deed is one action on one alert as a person asks for it.
type deed struct {
	mutation string
	key      string // empty where the version makes a repeat harmless
	input    any
	id       string
	version  int
	act      town.AlertAct
}

// do takes the action in one transaction: what is hidden is NOT_FOUND, a stale version
// CONFLICT, and what cannot be done with the alert as it is PRECONDITION_FAILED.
func (a *Alerts) do(ctx context.Context, d deed, set func(ctx context.Context, tx *store.Tx, row *ent.Alert, update *ent.AlertUpdate) error) (*ent.Alert, error) {
	viewer, err := access.From(ctx)
	if err != nil {
		return nil, err
	}
	unit := func(ctx context.Context, tx *store.Tx) error {
		row, err := tx.Alert.Get(ctx, d.id)
		if err != nil {
			return missing(err)
		}
		if err := viewer.RequireAlert(access.AlertHandle, row.OfficeID, row.HolderOffice, row.ServiceID); err != nil {
			return err
		}
		if row.Version != d.version {
			return errStale()
		}
		if _, may := rule.Try(d.act.Action, row.State); !may {
			return errNotNow()
		}
		act := d.act
		act.At, act.By = tx.Now, viewer.ID
		update := change(tx, row, act)
		if err := set(ctx, tx, row, update); err != nil {
			return err
		}
		return apply(ctx, tx, update, row, act)
	}
	if d.key == "" && d.input == nil {
		err = a.store.InTx(ctx, d.mutation, unit)
	} else {
		once := store.Once{Actor: viewer.ID, For: viewer.OnBehalfOf(), Mutation: d.mutation, Key: d.key, Input: d.input}
		_, _, err = a.store.Once(ctx, once, func(ctx context.Context, tx *store.Tx) (string, error) { return d.id, unit(ctx, tx) })
	}
	if err != nil {
		return nil, err
	}
	return a.Alert(ctx, d.id)
}

// Acknowledge says that the viewer looks after the alert.
func (a *Alerts) Acknowledge(ctx context.Context, in Input) (*ent.Alert, error) {
	d := deed{mutation: "acknowledgeAlert", id: in.AlertID, version: in.ExpectedVersion, act: town.AlertAct{Action: town.AlertAcknowledge}}
	return a.do(ctx, d, func(ctx context.Context, tx *store.Tx, _ *ent.Alert, update *ent.AlertUpdate) error {
		update.SetAcknowledgedAt(tx.Now).SetAcknowledgedBy(access.Asker(ctx).ID).SetHandedTo("").ClearSnoozedUntil()
		return nil
	})
}

// longestSnooze is for how long an alert may be put off.
const longestSnooze = 90 * 24 * time.Hour

// Snooze puts the alert off until a moment, within 90 days; then it is open again.
func (a *Alerts) Snooze(ctx context.Context, in SnoozeInput) (*ent.Alert, error) {
	until := town.Stamp(in.Until)
	if now := a.store.Clock().Now(); !until.After(now) || until.After(now.Add(longestSnooze)) {
		return nil, errUntil()
	}
	d := deed{
		mutation: "snoozeAlert", key: in.IdempotencyKey, input: in, id: in.AlertID, version: in.ExpectedVersion,
		act: town.AlertAct{Action: town.AlertSnooze, Until: &until},
	}
	return a.do(ctx, d, func(_ context.Context, _ *store.Tx, _ *ent.Alert, update *ent.AlertUpdate) error {
		update.SetSnoozedUntil(until)
		return nil
	})
}

// HandOver gives the alert to somebody who may see it and look after it; INVALID for
// anybody else.
func (a *Alerts) HandOver(ctx context.Context, in HandOverInput) (*ent.Alert, error) {
	d := deed{
		mutation: "handOverAlert", key: in.IdempotencyKey, input: in, id: in.AlertID, version: in.ExpectedVersion,
		act: town.AlertAct{Action: town.AlertHandOver, To: in.PersonID},
	}
	return a.do(ctx, d, func(_ context.Context, _ *store.Tx, row *ent.Alert, update *ent.AlertUpdate) error {
		to, err := a.rights.Viewer(in.PersonID, time.Time{})
		if err != nil || !to.MaySee(eventOf(town.EventAlertHandedOver, row, actor)) ||
			to.RequireAlert(access.AlertHandle, row.OfficeID, row.HolderOffice, row.ServiceID) != nil {
			return errHandOver()
		}
		update.SetHandedTo(in.PersonID).ClearSnoozedUntil()
		return nil
	})
}

// checkFilter refuses what no alert can be about.
func checkFilter(f *Filter) error {
	if f == nil {
		return nil
	}
	for _, n := range []int{len(f.Levels), len(f.Services), len(f.Offices), len(f.Kinds)} {
		if n > town.MaxPageSize {
			return errFilter()
		}
	}
	for _, level := range f.Levels {
		if level < town.LevelInfoPoint || level > town.LevelMayor {
			return errFilter()
		}
	}
	return nil
}

// missingOr wraps an error that is no refusal with what was being done.
func missingOr(err error, doing string) error {
	if ent.IsNotFound(err) {
		return town.ErrNotFound()
	}
	return fmt.Errorf("%s: %w", doing, err)
}
