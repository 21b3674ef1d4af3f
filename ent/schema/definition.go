package schema

import (
	"entgo.io/ent"
	"entgo.io/ent/schema/field"
	"entgo.io/ent/schema/index"
)

// Definition is a department's published definition, kept under the hash of its content.
type Definition struct{ ent.Schema }

// Fields implements ent.Interface.
func (Definition) Fields() []ent.Field {
	return []ent.Field{
		field.String("id").MaxLen(64).NotEmpty().Immutable(),
		ref("service_id"),
		slug("version"),
		field.Bytes("body").SchemaType(longBlob).Immutable(),
		moment("created_at"),
	}
}

// Indexes implements ent.Interface.
func (Definition) Indexes() []ent.Index {
	return []ent.Index{
		index.Fields("service_id", "created_at"),
	}
}
