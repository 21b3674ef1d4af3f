package schema

import (
	"entgo.io/ent"
	"entgo.io/ent/schema/field"
	"entgo.io/ent/schema/index"

	"github.com/spazio-in-comune/sportello/internal/town"
)

// CounterSession is one shift of one person at one counter.
type CounterSession struct{ ent.Schema }

// Fields implements ent.Interface.
func (CounterSession) Fields() []ent.Field {
	return []ent.Field{
		id(),
		ref("counter_id"),
		ref("site_id"),
		ref("office_id"),
		ref("operator_id"),
		field.String("state").GoType(town.SessionState("")).MaxLen(24),
		moment("opened_at"),
		maybeMoment("closed_at"),
		// open_key is the counter's id while the session lives, else the session's
		// own id: its uniqueness allows one live session per counter.
		field.String("open_key").MaxLen(slugLen).Unique(),
		version(),
	}
}

// Indexes implements ent.Interface.
func (CounterSession) Indexes() []ent.Index {
	return []ent.Index{
		index.Fields("counter_id"),
		index.Fields("operator_id"),
	}
}
