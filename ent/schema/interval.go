package schema

import (
	"entgo.io/ent"
	"entgo.io/ent/schema/edge"
	"entgo.io/ent/schema/field"
	"entgo.io/ent/schema/index"

	"github.com/spazio-in-comune/sportello/internal/town"
)

// Interval is the time a leg spent in one state. Exactly one is open per leg.
type Interval struct{ ent.Schema }

// Fields implements ent.Interface.
func (Interval) Fields() []ent.Field {
	return []ent.Field{
		id(),
		field.String("leg_id").MaxLen(idLen),
		field.Int("ordinal"),
		field.String("state").GoType(town.LegState("")).MaxLen(24),
		ref("actor_id"),
		moment("from"),
		maybeMoment("to"),
	}
}

// Edges implements ent.Interface.
func (Interval) Edges() []ent.Edge {
	return []ent.Edge{
		edge.From("leg", Leg.Type).Ref("intervals").Field("leg_id").Unique().Required(),
	}
}

// Indexes implements ent.Interface.
func (Interval) Indexes() []ent.Index {
	return []ent.Index{
		index.Fields("leg_id", "ordinal").Unique(),
	}
}
