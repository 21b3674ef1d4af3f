package schema

import (
	"entgo.io/ent"
	"entgo.io/ent/schema/field"

	"github.com/spazio-in-comune/sportello/internal/town"
)

// ContactChoice is how a person wishes to be told of their steps of the ladder. Its id is the person's.
type ContactChoice struct{ ent.Schema }

// Fields implements ent.Interface.
func (ContactChoice) Fields() []ent.Field {
	return []ent.Field{
		id(),
		field.String("channel").GoType(town.ContactChannel("")).MaxLen(24),
		sealed("address"),
		moment("updated_at"),
	}
}
