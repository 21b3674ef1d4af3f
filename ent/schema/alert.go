package schema

import (
	"entgo.io/ent"
	"entgo.io/ent/schema/field"
	"entgo.io/ent/schema/index"

	"github.com/spazio-in-comune/sportello/internal/town"
)

// Alert tells the mayor's office of what arrived, is about to break, or has crossed a threshold. It names no citizen.
type Alert struct{ ent.Schema }

// Fields implements ent.Interface.
func (Alert) Fields() []ent.Field {
	return []ent.Field{
		id(),
		// cause_key is what the alert was raised for; it is raised once for each.
		field.String("cause_key").MaxLen(160).Unique(),
		field.String("kind").GoType(town.AlertKind("")).MaxLen(24),
		field.Int("level").GoType(town.Level(0)),
		ref("service_id"),
		// office_id is the office concerned.
		ref("office_id"),
		// holder_office holds the step of the ladder that the alert is about; empty for other alerts.
		ref("holder_office"),
		ref("site_id"),
		ref("case_id"),
		ref("clock_id"),
		ref("escalation_id"),
		// reference is the protocol number of the case.
		field.String("reference").MaxLen(64).Default(""),
		field.Bool("confidential").Default(false),
		civil("due_on"),
		// value and threshold are what was measured and from where on it is too much.
		field.Float("value").Default(0),
		field.Float("threshold").Default(0),
		field.String("state").GoType(town.AlertState("")).MaxLen(24),
		moment("raised_at"),
		maybeMoment("acknowledged_at"),
		ref("acknowledged_by"),
		maybeMoment("snoozed_until"),
		// handed_to is the person who looks after it.
		ref("handed_to"),
		maybeMoment("resolved_at"),
		// acts are all that was done with it, first to last.
		field.JSON("acts", []town.AlertAct{}),
		version(),
	}
}

// Indexes implements ent.Interface.
func (Alert) Indexes() []ent.Index {
	return []ent.Index{
		index.Fields("office_id", "id"),
		index.Fields("holder_office", "id"),
		index.Fields("service_id", "id"),
		index.Fields("level", "id"),
		index.Fields("kind", "id"),
		index.Fields("state", "id"),
		index.Fields("state", "snoozed_until"),
		index.Fields("clock_id"),
		index.Fields("escalation_id"),
	}
}
