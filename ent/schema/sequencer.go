package schema

import (
	"entgo.io/ent"
	"entgo.io/ent/schema/field"
)

// Sequencer is the one row per log from which events are numbered; the lease says which replica does it.
type Sequencer struct{ ent.Schema }

// Fields implements ent.Interface.
func (Sequencer) Fields() []ent.Field {
	return []ent.Field{
		field.String("id").MaxLen(slugLen).NotEmpty().Immutable(),
		field.Int64("last").Default(0),
		ref("holder"),
		maybeMoment("lease_until"),
		// fence grows with each new holder; a former one can no longer write.
		field.Int64("fence").Default(0),
	}
}
