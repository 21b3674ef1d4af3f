package alerts

import (
	"context"
	"fmt"
	"slices"

	"github.com/spazio-in-comune/sportello/ent"
	"github.com/spazio-in-comune/sportello/ent/alert"
	"github.com/spazio-in-comune/sportello/internal/alerts/rule"
	"github.com/spazio-in-comune/sportello/internal/store"
	"github.com/spazio-in-comune/sportello/internal/town"
)

// cause is what an alert is raised for.
type cause struct {
	// key is the same whenever the same cause is found.
	key             string
	kind            town.AlertKind
	level           town.Level
	service, office string
	// holder is the office that holds the step of the ladder.
	holder, site                string
	caseID, clockID, escalation string
	reference                   string
	confidential                bool
	dueOn                       town.Date
	value, threshold            float64
}

// raise stores an alert for the cause unless there was one, or nobody wants to be told. It
// gives the id of the one that it has raised; empty for none.
func (a *Alerts) raise(ctx context.Context, tx *store.Tx, c cause) (string, error) {
	if _, told := a.rules.For(c.kind, c.level, c.service, c.office); !told {
		return "", nil
	}
	known, err := tx.Alert.Query().Where(alert.CauseKey(c.key)).Exist(ctx)
	if err != nil {
		return "", fmt.Errorf("look for an alert: %w", err)
	}
	if known {
		return "", nil
	}
	row, err := tx.Alert.Create().SetID(town.NewID(town.PrefixAlert, tx.Now)).SetCauseKey(c.key).SetKind(c.kind).SetLevel(c.level).
		SetServiceID(c.service).SetOfficeID(c.office).SetHolderOffice(c.holder).SetSiteID(c.site).
		SetCaseID(c.caseID).SetClockID(c.clockID).SetEscalationID(c.escalation).SetReference(c.reference).SetConfidential(c.confidential).
		SetDueOn(c.dueOn).SetValue(c.value).SetThreshold(c.threshold).SetState(town.AlertOpen).SetRaisedAt(tx.Now).
		SetActs([]town.AlertAct{{At: tx.Now, Action: town.AlertRaise, By: actor}}).Save(ctx)
	if err != nil {
		return "", fmt.Errorf("raise an alert: %w", err)
	}
	tx.Emit(eventOf(town.EventAlertRaised, row, actor))
	return row.ID, nil
}

// resolve ends alerts whose cause has ended; those that ended before are left alone.
func (a *Alerts) resolve(ctx context.Context, tx *store.Tx, ids ...string) (int, error) {
	rows, err := tx.Alert.Query().Where(alert.IDIn(ids...), alert.StateNEQ(town.AlertResolved)).Order(ent.Asc(alert.FieldID)).All(ctx)
	if err != nil {
		return 0, fmt.Errorf("read alerts to resolve: %w", err)
	}
	for _, row := range rows {
		act := town.AlertAct{At: tx.Now, Action: town.AlertResolve, By: actor}
		update := change(tx, row, act).SetResolvedAt(tx.Now).ClearSnoozedUntil()
		if err := apply(ctx, tx, update, row, act); err != nil {
			return 0, err
		}
	}
	return len(rows), nil
}

// change is an update of the alert as it was read, with what is done; apply notices if it
// is not so any more.
func change(tx *store.Tx, row *ent.Alert, act town.AlertAct) *ent.AlertUpdate {
	to, _ := rule.Try(act.Action, row.State)
	return tx.Alert.Update().Where(alert.ID(row.ID), alert.Version(row.Version)).AddVersion(1).
		SetState(to).SetActs(append(slices.Clone(row.Acts), act))
}

// apply makes the change and emits the event of it.
func apply(ctx context.Context, tx *store.Tx, update *ent.AlertUpdate, row *ent.Alert, act town.AlertAct) error {
	n, err := update.Save(ctx)
	if err != nil {
		return fmt.Errorf("change an alert: %w", err)
	}
	if n == 0 {
		return errStale()
	}
	changed := *row
	changed.State, _ = rule.Try(act.Action, row.State)
	tx.Emit(eventOf(rule.Fact(act.Action), &changed, act.By))
	return nil
}

// eventOf is a fact about an alert, for those who may see the alert.
func eventOf(fact town.EventType, row *ent.Alert, by string) town.Event {
	data := map[string]string{town.DataAlert: row.ID, "kind": string(row.Kind), "state": string(row.State)}
	if row.HolderOffice != "" {
		data[town.DataOwnerOffice] = row.HolderOffice
	}
	return town.Event{
		Type: fact, SiteID: row.SiteID, OfficeID: row.OfficeID, ServiceID: row.ServiceID, CaseID: row.CaseID, EscalationID: row.EscalationID,
		Level: row.Level, Confidential: row.Confidential, Actor: by, Data: data,
	}
}

// About is what an event on an alert is about, as far as somebody may choose by it.
func About(e town.Event) rule.About {
	return rule.About{Kind: town.AlertKind(e.Data["kind"]), Level: e.Level, Service: e.ServiceID, Office: e.OfficeID}
}

// levelOf is the level of an office; 0 for none.
func levelOf(ctx context.Context, db *ent.Client, office string) (town.Level, error) {
	if office == "" {
		return 0, nil
	}
	row, err := db.Office.Get(ctx, office)
	if ent.IsNotFound(err) {
		return 0, nil
	}
	if err != nil {
		return 0, fmt.Errorf("read the level of an office: %w", err)
	}
	return town.Level(row.Level), nil
}
