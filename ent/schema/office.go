package schema

import (
	"entgo.io/ent"
	"entgo.io/ent/schema/field"

	"github.com/spazio-in-comune/sportello/internal/town"
)

// Office is a place where a person can be sent: counter, office, Help Point, Mayor. Its id is a slug such as "stato-civile".
type Office struct{ ent.Schema }

// Fields implements ent.Interface.
func (Office) Fields() []ent.Field {
	return []ent.Field{
		field.String("id").MaxLen(slugLen).NotEmpty().Immutable(),
		field.Int("level").GoType(town.Level(0)),
		field.String("title_it"),
		field.String("title_en"),
		// external destinations have no staff and no cases here.
		field.Bool("external").Default(false),
		field.Int("position").Default(0),
	}
}
