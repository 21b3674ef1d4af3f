package schema

import (
	"entgo.io/ent"
	"entgo.io/ent/schema/field"
	"entgo.io/ent/schema/index"
)

// Credential is a long-lived token of a device or of another system. It is shown once; the row keeps its hash.
type Credential struct{ ent.Schema }

// Fields implements ent.Interface.
func (Credential) Fields() []ent.Field {
	return []ent.Field{
		id(),
		field.String("secret_hash").MaxLen(64).Unique(),
		// person_id is the device or service that it signs in.
		ref("person_id"),
		// site_id is the one site where a device stands; empty for services.
		ref("site_id"),
		field.String("label").MaxRuneLen(120).Default(""),
		moment("created_at"),
		ref("created_by"),
		maybeMoment("expires_at"),
		maybeMoment("revoked_at"),
		ref("revoked_by"),
		// replaces_id is the credential that this one took over from.
		ref("replaces_id"),
	}
}

// Indexes implements ent.Interface.
func (Credential) Indexes() []ent.Index {
	return []ent.Index{
		index.Fields("person_id"),
	}
}
