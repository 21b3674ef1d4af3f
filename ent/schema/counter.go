package schema

import (
	"entgo.io/ent"
	"entgo.io/ent/schema/field"
	"entgo.io/ent/schema/index"
)

// Counter is a desk with a label on the display.
type Counter struct{ ent.Schema }

// Fields implements ent.Interface.
func (Counter) Fields() []ent.Field {
	return []ent.Field{
		id(),
		ref("site_id"),
		ref("office_id"),
		field.String("label").MaxRuneLen(32),
		field.Int("position").Default(0),
		// skills are tags of services; empty means every service of the office.
		field.JSON("skills", []string{}).Optional(),
	}
}

// Indexes implements ent.Interface.
func (Counter) Indexes() []ent.Index {
	return []ent.Index{
		index.Fields("site_id", "position"),
	}
}
