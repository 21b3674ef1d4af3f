package schema

import (
	"entgo.io/ent"
	"entgo.io/ent/schema/field"
)

// ConsumerOffset is how far a durable consumer of events has come.
type ConsumerOffset struct{ ent.Schema }

// Fields implements ent.Interface.
func (ConsumerOffset) Fields() []ent.Field {
	return []ent.Field{
		field.String("id").MaxLen(slugLen).NotEmpty().Immutable(),
		field.Int64("seq").Default(0),
		moment("updated_at"),
	}
}
