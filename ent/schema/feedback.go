package schema

import (
	"entgo.io/ent"
	"entgo.io/ent/schema/field"
	"entgo.io/ent/schema/index"

	"github.com/spazio-in-comune/sportello/internal/town"
)

// Feedback is what a citizen said of one contact: a score, a cause, words. It never names an operator.
type Feedback struct{ ent.Schema }

// Fields implements ent.Interface.
func (Feedback) Fields() []ent.Field {
	return []ent.Field{
		id(),
		// contact_key is the leg, case or escalation rated; one word per contact.
		field.String("contact_key").MaxLen(slugLen).Unique(),
		ref("visit_id"),
		ref("leg_id"),
		ref("case_id"),
		ref("escalation_id"),
		field.Int("level").GoType(town.Level(0)),
		ref("office_id"),
		ref("service_id"),
		field.String("channel").GoType(town.Channel("")).MaxLen(24),
		field.Int("score"),
		field.String("cause").GoType(town.FeedbackCause("")).MaxLen(24).Default(""),
		sealed("comment"),
		field.Int("wait_seconds").Default(0),
		// author_id is empty where the citizen wished to stay unnamed.
		ref("author_id"),
		moment("at"),
	}
}

// Indexes implements ent.Interface.
func (Feedback) Indexes() []ent.Index {
	return []ent.Index{
		index.Fields("office_id", "id"),
		index.Fields("level", "id"),
	}
}
