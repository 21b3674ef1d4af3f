package schema

import (
	"entgo.io/ent"
	"entgo.io/ent/schema/edge"
	"entgo.io/ent/schema/field"
	"entgo.io/ent/schema/index"

	"github.com/spazio-in-comune/sportello/internal/town"
)

// Visit is one presence of a person or a group; it bears the ticket number and lives as long as the day's journey.
type Visit struct{ ent.Schema }

// Fields implements ent.Interface.
func (Visit) Fields() []ent.Field {
	return []ent.Field{
		id(),
		ref("site_id"),
		civil("day"),
		field.String("letter").MaxLen(2),
		field.Int("number"),
		// person_id is the citizen, where known.
		ref("person_id"),
		// issued_by is who or what gave out the number: a kiosk, a member of staff,
		// or the citizen. Whoever issued it may read it back.
		ref("issued_by"),
		// code_hash is the SHA-256 of the code printed on the ticket.
		field.String("code_hash").MaxLen(64).Default(""),
		field.String("channel").GoType(town.Channel("")).MaxLen(24),
		field.String("priority").GoType(town.Priority("")).MaxLen(24),
		field.String("language").MaxLen(8).Default("it"),
		field.Int("party_size").Default(1),
		// discreet visits leave no trace on displays.
		field.Bool("discreet").Default(false),
		moment("arrived_at"),
		maybeMoment("closed_at"),
		// open_key is the person and what they came for while the visit is open and
		// the person is known, else null: its uniqueness allows one open visit per
		// person and service.
		field.String("open_key").MaxLen(idLen + 1 + slugLen).Optional().Nillable().Unique(),
		version(),
	}
}

// Edges implements ent.Interface.
func (Visit) Edges() []ent.Edge {
	return []ent.Edge{
		edge.To("legs", Leg.Type),
	}
}

// Indexes implements ent.Interface.
func (Visit) Indexes() []ent.Index {
	return []ent.Index{
		index.Fields("site_id", "letter", "day", "number").Unique(),
		index.Fields("code_hash"),
		index.Fields("person_id", "arrived_at"),
		index.Fields("site_id", "day"),
	}
}
