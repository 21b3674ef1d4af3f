package schema

import (
	"entgo.io/ent"
	"entgo.io/ent/schema/field"
)

// Site is a place of the town hall with its opening hours.
type Site struct{ ent.Schema }

// Fields implements ent.Interface.
func (Site) Fields() []ent.Field {
	return []ent.Field{
		id(),
		slug("name"),
		field.String("timezone").MaxLen(64).Default("Europe/Rome"),
		// open_hours maps a weekday (mon … sun) to spans such as "08:30-12:30".
		field.JSON("open_hours", map[string][]string{}),
		// series maps a letter to what it numbers: a service id, or an office id.
		field.JSON("series", map[string]string{}),
	}
}
