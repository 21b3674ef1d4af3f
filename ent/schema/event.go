package schema

import (
	"entgo.io/ent"
	"entgo.io/ent/schema/field"
	"entgo.io/ent/schema/index"

	"github.com/spazio-in-comune/sportello/internal/town"
)

// Event is a business fact, appended in the transaction that made it true. The log of events is the record.
type Event struct{ ent.Schema }

// Fields implements ent.Interface.
func (Event) Fields() []ent.Field {
	return []ent.Field{
		// id grows with each insertion. Among events that are committed, its order
		// respects "B began after A was answered".
		field.Int64("id"),
		// uid is the event's public id.
		field.String("uid").MaxLen(idLen).Unique(),
		// seq is the one order of all events; null until numbered after the commit.
		field.Int64("seq").Optional().Nillable().Unique(),
		field.String("type").GoType(town.EventType("")).MaxLen(48),
		moment("at"),
		ref("site_id"),
		ref("office_id"),
		ref("service_id"),
		ref("visit_id"),
		ref("leg_id"),
		ref("counter_id"),
		ref("case_id"),
		ref("intake_id"),
		ref("feedback_id"),
		ref("escalation_id"),
		field.Int("level").GoType(town.Level(0)).Default(0),
		field.JSON("parties", []string{}).Optional(),
		ref("holder_id"),
		field.Bool("confidential").Default(false),
		ref("actor"),
		// on_behalf_of is the person for whom the actor acted under a mandate.
		ref("on_behalf_of"),
		field.JSON("data", map[string]string{}).Optional(),
	}
}

// Indexes implements ent.Interface.
func (Event) Indexes() []ent.Index {
	return []ent.Index{
		index.Fields("case_id", "seq"),
		index.Fields("visit_id", "seq"),
	}
}
