package schema

import (
	"entgo.io/ent"
	"entgo.io/ent/schema/edge"
	"entgo.io/ent/schema/field"
	"entgo.io/ent/schema/index"

	"github.com/spazio-in-comune/sportello/internal/town"
)

// Call keeps why a leg was called before the others: the candidates, their scores and the rule that won.
type Call struct{ ent.Schema }

// Fields implements ent.Interface.
func (Call) Fields() []ent.Field {
	return []ent.Field{
		id(),
		field.String("leg_id").MaxLen(idLen),
		ref("session_id"),
		ref("counter_id"),
		ref("operator_id"),
		moment("at"),
		slug("rule"),
		field.JSON("candidates", []town.Candidate{}),
		field.Int("waiting").Default(0),
	}
}

// Edges implements ent.Interface.
func (Call) Edges() []ent.Edge {
	return []ent.Edge{
		edge.From("leg", Leg.Type).Ref("calls").Field("leg_id").Unique().Required(),
	}
}

// Indexes implements ent.Interface.
func (Call) Indexes() []ent.Index {
	return []ent.Index{
		index.Fields("leg_id", "at"),
	}
}
