package schema

import (
	"entgo.io/ent"
	"entgo.io/ent/schema/field"
)

// SubjectKey is the key that seals the data of one person, itself sealed with the key of the town. Without it the data are gone.
type SubjectKey struct{ ent.Schema }

// Fields implements ent.Interface.
func (SubjectKey) Fields() []ent.Field {
	return []ent.Field{
		// id is the person's.
		id(),
		// wrapped is null once the key is destroyed.
		field.Bytes("wrapped").SchemaType(longBlob).Optional().Sensitive(),
		moment("created_at"),
		maybeMoment("rotated_at"),
		maybeMoment("destroyed_at"),
	}
}
