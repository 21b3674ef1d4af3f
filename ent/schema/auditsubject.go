package schema

import (
	"entgo.io/ent"
	"entgo.io/ent/schema/field"
	"entgo.io/ent/schema/index"
)

// AuditSubject finds the audit entries about a person: "who opened my file". It repeats what the entries say.
type AuditSubject struct{ ent.Schema }

// Fields implements ent.Interface.
func (AuditSubject) Fields() []ent.Field {
	return []ent.Field{
		field.Int64("id"),
		field.Int64("entry_id"),
		ref("person_id"),
	}
}

// Indexes implements ent.Interface.
func (AuditSubject) Indexes() []ent.Index {
	return []ent.Index{
		index.Fields("person_id", "entry_id"),
		index.Fields("entry_id", "person_id").Unique(),
	}
}
