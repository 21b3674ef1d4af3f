package schema

import (
	"entgo.io/ent"
	"entgo.io/ent/schema/field"
	"entgo.io/ent/schema/index"

	"github.com/spazio-in-comune/sportello/internal/town"
)

// CitizenNotice is one message to a citizen about a step of theirs, kept until it is sent, and after it failed too often. It has no address and no words.
type CitizenNotice struct{ ent.Schema }

// Fields implements ent.Interface.
func (CitizenNotice) Fields() []ent.Field {
	return []ent.Field{
		id(),
		ref("person_id"),
		field.String("escalation_id").MaxLen(idLen),
		field.String("event_id").MaxLen(idLen),
		field.String("fact").GoType(town.EventType("")).MaxLen(48),
		field.String("state").GoType(town.DeliveryState("")).MaxLen(24),
		field.Int("attempts").Default(0),
		moment("next_at"),
		field.String("last_error").MaxRuneLen(300).Default(""),
		moment("created_at"),
		maybeMoment("sent_at"),
	}
}

// Indexes implements ent.Interface.
func (CitizenNotice) Indexes() []ent.Index {
	return []ent.Index{
		index.Fields("event_id", "person_id").Unique(),
		index.Fields("state", "next_at"),
		index.Fields("person_id"),
	}
}
