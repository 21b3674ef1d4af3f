package schema

import (
	"entgo.io/ent"
	"entgo.io/ent/schema/field"
	"entgo.io/ent/schema/index"

	"github.com/spazio-in-comune/sportello/internal/town"
)

// Mandate lets a person act for another (delega): whom, in what, from when until when, and on which documents it rests.
type Mandate struct{ ent.Schema }

// Fields implements ent.Interface.
func (Mandate) Fields() []ent.Field {
	return []ent.Field{
		id(),
		ref("principal_id"),
		ref("delegate_id"),
		field.String("class").GoType(town.MandateClass("")).MaxLen(24),
		// services are the codes of the services in which one may act; empty for all.
		field.JSON("services", []string{}).Optional(),
		moment("from"),
		maybeMoment("to"),
		// documents are what it rests on.
		sealed("documents"),
		ref("granted_by"),
		moment("created_at"),
		maybeMoment("revoked_at"),
		ref("revoked_by"),
	}
}

// Indexes implements ent.Interface.
func (Mandate) Indexes() []ent.Index {
	return []ent.Index{
		index.Fields("principal_id"),
		index.Fields("delegate_id"),
	}
}
