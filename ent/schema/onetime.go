package schema

import (
	"entgo.io/ent"
	"entgo.io/ent/schema/field"
	"entgo.io/ent/schema/index"
)

// OneTime is a secret that opens one thing once: a sign-in under way, or a socket. Whoever deletes the row has used it.
type OneTime struct{ ent.Schema }

// Fields implements ent.Interface.
func (OneTime) Fields() []ent.Field {
	return []ent.Field{
		// id is the hash of the secret.
		field.String("id").MaxLen(slugLen).NotEmpty().Immutable(),
		// purpose is sign-in or socket.
		slug("purpose"),
		ref("person_id"),
		ref("session_id"),
		// data are what the use of the secret needs to know, by name; no personal data.
		field.JSON("data", map[string]string{}).Optional(),
		moment("expires_at"),
	}
}

// Indexes implements ent.Interface.
func (OneTime) Indexes() []ent.Index {
	return []ent.Index{
		index.Fields("expires_at"),
	}
}
