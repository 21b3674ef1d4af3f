package schema

import (
	"entgo.io/ent"
	"entgo.io/ent/schema/index"
)

// IntakeDraft is a form that was begun and not filed yet.
type IntakeDraft struct{ ent.Schema }

// Fields implements ent.Interface.
func (IntakeDraft) Fields() []ent.Field {
	return []ent.Field{
		id(),
		// person_id is who began it, account_id the person whom it is for.
		ref("person_id"),
		ref("on_behalf_of"),
		ref("account_id"),
		ref("service_id"),
		ref("practice_id"),
		// definition_hash is the form that it was begun with.
		ref("definition_hash"),
		sealed("answers"),
		moment("created_at"),
		moment("updated_at"),
		version(),
	}
}

// Indexes implements ent.Interface.
func (IntakeDraft) Indexes() []ent.Index {
	return []ent.Index{
		index.Fields("account_id", "id"),
		index.Fields("person_id", "id"),
		index.Fields("updated_at", "id"),
	}
}
