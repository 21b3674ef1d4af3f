package schema

import (
	"entgo.io/ent"
	"entgo.io/ent/schema/field"
	"entgo.io/ent/schema/index"

	"github.com/spazio-in-comune/sportello/internal/town"
)

// Idempotency remembers the first answer to a mutation, so that a repeat has one effect.
type Idempotency struct{ ent.Schema }

// Fields implements ent.Interface.
func (Idempotency) Fields() []ent.Field {
	return []ent.Field{
		id(),
		ref("actor_id"),
		slug("mutation"),
		field.String("key").MaxRuneLen(191),
		field.String("input_hash").MaxLen(64),
		ref("result_id"),
		field.JSON("user_errors", []town.StoredUserError{}).Optional(),
		moment("at"),
	}
}

// Indexes implements ent.Interface.
func (Idempotency) Indexes() []ent.Index {
	return []ent.Index{
		index.Fields("actor_id", "mutation", "key").Unique(),
		index.Fields("at"),
	}
}
