package alerts

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/spazio-in-comune/sportello/ent"
	"github.com/spazio-in-comune/sportello/ent/alertendpoint"
	"github.com/spazio-in-comune/sportello/internal/alerts/rule"
	"github.com/spazio-in-comune/sportello/internal/store"
	"github.com/spazio-in-comune/sportello/internal/town"
)

// FactGroups are the first words of the events that [Alerts.Enqueue] wants.
func FactGroups() []string { return []string{"alert"} }

// Message is what a webhook is sent: a fact about an alert, in ids and codes. It names no
// citizen; of what is confidential it has no reference.
type Message struct {
	// Type is the fact, such as "alert.raised".
	Type      town.EventType `json:"type"`
	Timestamp time.Time      `json:"timestamp"`
	Data      MessageData    `json:"data"`
}

// MessageData are the facts about the alert.
type MessageData struct {
	AlertID      string          `json:"alertId"`
	Kind         town.AlertKind  `json:"kind"`
	State        town.AlertState `json:"state"`
	Level        town.Level      `json:"level,omitempty"`
	Service      string          `json:"service,omitempty"`
	Office       string          `json:"office,omitempty"`
	Site         string          `json:"site,omitempty"`
	EscalationID string          `json:"escalationId,omitempty"`
	Reference    string          `json:"reference,omitempty"`
	DueOn        string          `json:"dueOn,omitempty"`
	Value        *float64        `json:"value,omitempty"`
	Threshold    *float64        `json:"threshold,omitempty"`
	RaisedAt     time.Time       `json:"raisedAt"`
}

func messageOf(e town.Event, row *ent.Alert) Message {
	m := Message{Type: e.Type, Timestamp: e.At, Data: MessageData{
		AlertID: row.ID, Kind: row.Kind, State: town.AlertState(e.Data["state"]), Level: row.Level, Service: row.ServiceID, Office: row.OfficeID,
		Site: row.SiteID, EscalationID: row.EscalationID, RaisedAt: row.RaisedAt,
	}}
	if !row.Confidential {
		m.Data.Reference = row.Reference
	}
	if !row.DueOn.IsZero() {
		m.Data.DueOn = row.DueOn.String()
	}
	if row.Threshold != 0 {
		m.Data.Value, m.Data.Threshold = &row.Value, &row.Threshold
	}
	return m
}

// Enqueue writes the messages of a fact about an alert, one for each endpoint that wants
// it. Nobody gets by mail what they may not see.
func (a *Alerts) Enqueue(ctx context.Context, tx *store.Tx, e town.Event) error {
	endpoints, err := tx.AlertEndpoint.Query().Where(alertendpoint.DisabledAtIsNil(), alertendpoint.CreatedAtLTE(e.At)).All(ctx)
	if err != nil {
		return fmt.Errorf("read where alerts are sent: %w", err)
	}
	if len(endpoints) == 0 {
		return nil
	}
	row, err := tx.Alert.Get(ctx, e.Data[town.DataAlert])
	if err != nil {
		return fmt.Errorf("read the alert of a message: %w", err)
	}
	payload, err := json.Marshal(messageOf(e, row))
	if err != nil {
		return fmt.Errorf("write a message: %w", err)
	}
	for _, to := range endpoints {
		if !filterOf(to).Wants(About(e)) || to.Channel == town.AlertByMail && !a.maySee(to.PersonID, e) {
			continue
		}
		err := tx.AlertDelivery.Create().SetID(town.NewID(town.PrefixDelivery, tx.Now)).SetEndpointID(to.ID).SetAlertID(row.ID).
			SetEventID(e.ID).SetEventSeq(e.Seq).SetFact(e.Type).SetPayload(string(payload)).SetState(town.DeliveryPending).
			SetNextAt(tx.Now).SetCreatedAt(tx.Now).Exec(ctx)
		if err != nil {
			return fmt.Errorf("store a message: %w", err)
		}
	}
	return nil
}

func filterOf(to *ent.AlertEndpoint) rule.Filter {
	return rule.Filter{Levels: to.Levels, Services: to.Services, Offices: to.Offices, Kinds: to.Kinds}
}

// maySee reports whether the person may be told of the fact now.
func (a *Alerts) maySee(personID string, e town.Event) bool {
	viewer, err := a.rights.Viewer(personID, time.Time{})
	return err == nil && viewer.MaySee(e)
}
