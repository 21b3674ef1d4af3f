package schema

import (
	"entgo.io/ent"
	"entgo.io/ent/schema/field"
	"entgo.io/ent/schema/index"

	"github.com/spazio-in-comune/sportello/internal/town"
)

// DocumentVersion is a paper of a case as it came in: a new version never overwrites one. Its content lies in the documents' store, sealed with a key of its own.
type DocumentVersion struct{ ent.Schema }

// Fields implements ent.Interface.
func (DocumentVersion) Fields() []ent.Field {
	return []ent.Field{
		id(),
		field.String("case_id").MaxLen(idLen).Immutable(),
		// document_id is the paper of the case that it is a version of.
		field.String("document_id").MaxLen(idLen).Immutable(),
		// number counts the versions of a paper from 1.
		field.Int("number").Immutable(),
		field.String("state").GoType(town.ContentState("")).MaxLen(24),
		field.String("media_type").MaxLen(120).Immutable(),
		field.Int64("size").Immutable(),
		// sha256 is of the content, in 64 hexadecimal digits.
		field.String("sha256").MaxLen(64).Immutable(),
		// scanner names what looked at the content last.
		ref("scanner"),
		// name is what the file was called.
		sealed("name"),
		// content_key opens the content; without it the content is gone.
		sealed("content_key"),
		// object is the name of the content in the documents' store.
		slug("object"),
		ref("uploaded_by"),
		// on_behalf_of is the person for whom it was brought under a mandate.
		ref("on_behalf_of"),
		moment("uploaded_at"),
		maybeMoment("scanned_at"),
		// removed_at is when the content was taken out of the store.
		maybeMoment("removed_at"),
	}
}

// Indexes implements ent.Interface.
func (DocumentVersion) Indexes() []ent.Index {
	return []ent.Index{
		index.Fields("document_id", "number").Unique(),
		index.Fields("case_id", "id"),
		index.Fields("state", "id"),
	}
}
