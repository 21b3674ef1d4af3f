package schema

import (
	"entgo.io/ent"
	"entgo.io/ent/schema/field"
	"entgo.io/ent/schema/index"
)

// DocumentUpload is a file on its way in, part by part, for one paper of a case.
type DocumentUpload struct{ ent.Schema }

// Fields implements ent.Interface.
func (DocumentUpload) Fields() []ent.Field {
	return []ent.Field{
		id(),
		field.String("case_id").MaxLen(idLen).Immutable(),
		field.String("document_id").MaxLen(idLen).Immutable(),
		// person_id is who sends it.
		ref("person_id"),
		// on_behalf_of is the person for whom it is sent under a mandate.
		ref("on_behalf_of"),
		field.Int64("size").Immutable(),
		// received is how many bytes have come in; so many lie in the documents' store.
		field.Int64("received").Default(0),
		sealed("name"),
		sealed("content_key"),
		moment("created_at"),
		moment("expires_at"),
		// version_id is the version that it became; empty before.
		ref("version_id"),
	}
}

// Indexes implements ent.Interface.
func (DocumentUpload) Indexes() []ent.Index {
	return []ent.Index{
		index.Fields("person_id", "expires_at"),
		index.Fields("expires_at", "id"),
		index.Fields("case_id"),
	}
}
