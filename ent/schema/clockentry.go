package schema

import (
	"entgo.io/ent"
	"entgo.io/ent/schema/edge"
	"entgo.io/ent/schema/field"
	"entgo.io/ent/schema/index"

	"github.com/spazio-in-comune/sportello/internal/town"
)

// ClockEntry is one entry of a clock's ledger.
type ClockEntry struct{ ent.Schema }

// Fields implements ent.Interface.
func (ClockEntry) Fields() []ent.Field {
	return []ent.Field{
		id(),
		field.String("clock_id").MaxLen(idLen),
		field.Int("ordinal"),
		field.String("effect").GoType(town.ClockEffect("")).MaxLen(24),
		civil("on_day"),
		field.Int("days").Default(0),
		field.String("ground").MaxRuneLen(300).Default(""),
		field.String("article").MaxRuneLen(120).Default(""),
		ref("author_id"),
		ref("document_id"),
		moment("recorded_at"),
	}
}

// Edges implements ent.Interface.
func (ClockEntry) Edges() []ent.Edge {
	return []ent.Edge{
		edge.From("clock", CaseClock.Type).Ref("entries").Field("clock_id").Unique().Required(),
	}
}

// Indexes implements ent.Interface.
func (ClockEntry) Indexes() []ent.Index {
	return []ent.Index{
		index.Fields("clock_id", "ordinal").Unique(),
	}
}
