package schema

import (
	"entgo.io/ent"
	"entgo.io/ent/schema/field"
	"entgo.io/ent/schema/index"
)

// Session is one sign-in of a person with a browser. The browser holds a secret, the row its hash.
type Session struct{ ent.Schema }

// Fields implements ent.Interface.
func (Session) Fields() []ent.Field {
	return []ent.Field{
		id(),
		field.String("secret_hash").MaxLen(64).Unique(),
		ref("person_id"),
		// assurance is the level at which the person proved who they are: L1, L2, L3.
		slug("assurance"),
		field.String("issuer").MaxLen(191),
		moment("created_at"),
		moment("expires_at"),
		// ended_at is when they signed out, or were signed out.
		maybeMoment("ended_at"),
	}
}

// Indexes implements ent.Interface.
func (Session) Indexes() []ent.Index {
	return []ent.Index{
		index.Fields("person_id"),
		index.Fields("expires_at"),
	}
}
