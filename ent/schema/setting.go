package schema

import (
	"entgo.io/ent"
	"entgo.io/ent/schema/field"
)

// Setting is a named value of the installation, such as the demo key or the policy version.
type Setting struct{ ent.Schema }

// Fields implements ent.Interface.
func (Setting) Fields() []ent.Field {
	return []ent.Field{
		field.String("id").MaxLen(slugLen).NotEmpty().Immutable(),
		field.Bytes("value").SchemaType(longBlob),
		moment("updated_at"),
	}
}
