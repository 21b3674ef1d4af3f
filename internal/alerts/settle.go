package alerts

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/spazio-in-comune/sportello/ent"
	"github.com/spazio-in-comune/sportello/ent/alert"
	"github.com/spazio-in-comune/sportello/ent/alertdelivery"
	"github.com/spazio-in-comune/sportello/ent/caseclock"
	"github.com/spazio-in-comune/sportello/ent/casefile"
	"github.com/spazio-in-comune/sportello/ent/escalation"
	"github.com/spazio-in-comune/sportello/internal/store"
	"github.com/spazio-in-comune/sportello/internal/town"
)

// settleBatch is how many alerts are looked at at once.
const settleBatch = 200

// settle ends alerts on terms and steps whose cause has ended, also where no fact told so:
// a case that was decided, a term that was suspended.
func (a *Alerts) settle(ctx context.Context) (int, error) {
	ended := 0
	var faults error
	for after := ""; ; {
		rows, err := a.store.Reader().Alert.Query().
			Where(alert.StateNEQ(town.AlertResolved), alert.KindIn(town.AlertEscalation, town.AlertTermNear, town.AlertTermBroken), alert.IDGT(after)).
			Order(ent.Asc(alert.FieldID)).Limit(settleBatch).All(ctx)
		if err != nil {
			return ended, errors.Join(faults, fmt.Errorf("read the alerts that stand: %w", err))
		}
		if len(rows) == 0 {
			return ended, faults
		}
		after = rows[len(rows)-1].ID
		over, err := a.over(ctx, rows)
		faults = errors.Join(faults, err)
		for _, id := range over {
			n, err := a.once(ctx, "resolve an alert", func(ctx context.Context, tx *store.Tx) (bool, error) {
				n, err := a.resolve(ctx, tx, id)
				return n > 0, err
			})
			ended, faults = ended+n, errors.Join(faults, err)
		}
	}
}

// over are those of the alerts whose cause has ended.
func (a *Alerts) over(ctx context.Context, rows []*ent.Alert) ([]string, error) {
	var stepIDs, clockIDs, caseIDs []string
	for _, row := range rows {
		stepIDs, clockIDs, caseIDs = append(stepIDs, row.EscalationID), append(clockIDs, row.ClockID), append(caseIDs, row.CaseID)
	}
	db := a.store.Reader()
	steps, err := db.Escalation.Query().Where(escalation.IDIn(stepIDs...)).All(ctx)
	if err != nil {
		return nil, fmt.Errorf("read the steps of alerts: %w", err)
	}
	clocks, err := db.CaseClock.Query().Where(caseclock.IDIn(clockIDs...)).All(ctx)
	if err != nil {
		return nil, fmt.Errorf("read the terms of alerts: %w", err)
	}
	files, err := db.CaseFile.Query().Where(casefile.IDIn(caseIDs...)).
		Select(casefile.FieldID, casefile.FieldPhase, casefile.FieldClosedAt).All(ctx)
	if err != nil {
		return nil, fmt.Errorf("read the cases of alerts: %w", err)
	}
	var ids []string
	for _, row := range rows {
		step := find(steps, func(s *ent.Escalation) bool { return s.ID == row.EscalationID })
		clock := find(clocks, func(c *ent.CaseClock) bool { return c.ID == row.ClockID })
		file := find(files, func(f *ent.CaseFile) bool { return f.ID == row.CaseID })
		if row.EscalationID != "" && stepOver(row, step) || row.ClockID != "" && clockOver(row, clock, file) {
			ids = append(ids, row.ID)
		}
	}
	return ids, nil
}

func find[T any](list []*T, is func(*T) bool) *T {
	if i := slices.IndexFunc(list, is); i >= 0 {
		return list[i]
	}
	return nil
}

// stepOver: a step that lapsed stands for its story, whose end is a fact of its own.
func stepOver(row *ent.Alert, step *ent.Escalation) bool {
	switch {
	case step == nil:
		return true
	case row.Kind == town.AlertTermBroken:
		return false
	case row.Kind == town.AlertTermNear && step.DueOn != row.DueOn:
		return true
	}
	return !owed(step)
}

// clockOver: what silence has decided stands until somebody has seen it.
func clockOver(row *ent.Alert, clock *ent.CaseClock, file *ent.CaseFile) bool {
	switch {
	case clock == nil || file == nil || clock.EndedAt != nil:
		return true
	case file.ClosedAt != nil:
		return file.Phase != town.PhaseDeemedRefused || row.State != town.AlertOpen
	case row.Kind == town.AlertTermNear:
		return clock.State != town.ClockRunning || clock.DueOn != row.DueOn
	}
	return false
}

// keepSent and keepDead are for how long messages are kept that were sent, and that could
// not be.
const (
	keepSent = 30 * 24 * time.Hour
	keepDead = 365 * 24 * time.Hour
)

// tidy throws away messages that were kept long enough.
func (a *Alerts) tidy(ctx context.Context) (int, error) {
	now := a.store.Clock().Now()
	for state, keep := range map[town.DeliveryState]time.Duration{town.DeliverySent: keepSent, town.DeliveryDead: keepDead} {
		old, err := a.store.Reader().AlertDelivery.Query().
			Where(alertdelivery.StateEQ(state), alertdelivery.IDLT(firstID(town.PrefixDelivery, now.Add(-keep)))).Limit(settleBatch).IDs(ctx)
		if err != nil {
			return 0, fmt.Errorf("look for old messages: %w", err)
		}
		if len(old) == 0 {
			continue
		}
		err = a.store.InTx(ctx, "throw old messages away", func(ctx context.Context, tx *store.Tx) error {
			_, err := tx.AlertDelivery.Delete().Where(alertdelivery.IDIn(old...)).Exec(ctx)
			return err
		})
		if err != nil {
			return 0, err
		}
	}
	return 0, nil
}
