package schema

import (
	"entgo.io/ent"
	"entgo.io/ent/schema/field"
	"entgo.io/ent/schema/index"

	"github.com/spazio-in-comune/sportello/internal/town"
)

// AlertDelivery is one message about an alert to one endpoint, kept until it is sent, and after it failed too often.
type AlertDelivery struct{ ent.Schema }

// Fields implements ent.Interface.
func (AlertDelivery) Fields() []ent.Field {
	return []ent.Field{
		id(),
		field.String("endpoint_id").MaxLen(idLen),
		field.String("alert_id").MaxLen(idLen),
		// event_id and event_seq are those of the fact that it tells: messages to an endpoint
		// leave in the order of the facts.
		field.String("event_id").MaxLen(idLen),
		field.Int64("event_seq"),
		field.String("fact").GoType(town.EventType("")).MaxLen(48),
		// payload is the message, as it was when the fact happened: ids and codes.
		field.Text("payload"),
		field.String("state").GoType(town.DeliveryState("")).MaxLen(24),
		field.Int("attempts").Default(0),
		moment("next_at"),
		field.String("last_error").MaxRuneLen(300).Default(""),
		moment("created_at"),
		maybeMoment("sent_at"),
		version(),
	}
}

// Indexes implements ent.Interface.
func (AlertDelivery) Indexes() []ent.Index {
	return []ent.Index{
		index.Fields("endpoint_id", "event_id").Unique(),
		index.Fields("state", "endpoint_id", "event_seq"),
		index.Fields("state", "id"),
	}
}
