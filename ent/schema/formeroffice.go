package schema

import (
	"entgo.io/ent"
	"entgo.io/ent/schema/field"
	"entgo.io/ent/schema/index"
)

// FormerOffice lets an office go on reading a case that it handed over.
type FormerOffice struct{ ent.Schema }

// Fields implements ent.Interface.
func (FormerOffice) Fields() []ent.Field {
	return []ent.Field{
		id(),
		ref("case_id"),
		ref("office_id"),
		// confidential is the case's, which does not change.
		field.Bool("confidential").Default(false),
		moment("since"),
	}
}

// Indexes implements ent.Interface.
func (FormerOffice) Indexes() []ent.Index {
	return []ent.Index{
		index.Fields("office_id", "case_id").Unique(),
		index.Fields("office_id", "confidential", "case_id"),
		index.Fields("case_id"),
	}
}
