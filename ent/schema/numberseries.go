package schema

import (
	"entgo.io/ent"
	"entgo.io/ent/schema/field"
	"entgo.io/ent/schema/index"
)

// NumberSeries is the last number given out of a series at a site on a day.
type NumberSeries struct{ ent.Schema }

// Fields implements ent.Interface.
func (NumberSeries) Fields() []ent.Field {
	return []ent.Field{
		id(),
		ref("site_id"),
		field.String("letter").MaxLen(2),
		civil("day"),
		field.Int("last").Default(0),
	}
}

// Indexes implements ent.Interface.
func (NumberSeries) Indexes() []ent.Index {
	return []ent.Index{
		index.Fields("site_id", "letter", "day").Unique(),
	}
}
