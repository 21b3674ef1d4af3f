package schema

import (
	"entgo.io/ent"
	"entgo.io/ent/schema/edge"
	"entgo.io/ent/schema/field"
	"entgo.io/ent/schema/index"

	"github.com/spazio-in-comune/sportello/internal/town"
)

// Leg is one stop of a visit, at the information point, a counter, an office or the Help Point.
type Leg struct{ ent.Schema }

// Fields implements ent.Interface.
func (Leg) Fields() []ent.Field {
	return []ent.Field{
		id(),
		field.String("visit_id").MaxLen(idLen),
		field.Int("ordinal"),
		ref("site_id"),
		ref("office_id"),
		field.Int("level").GoType(town.Level(0)),
		ref("service_id"),
		ref("practice_id"),
		field.String("state").GoType(town.LegState("")).MaxLen(24),
		field.String("priority").GoType(town.Priority("")).MaxLen(24),
		// label is the ticket's, repeated here for the board.
		field.String("label").MaxLen(12),
		// senior_at orders the queue: the arrival of the visit, plus any penalty.
		moment("senior_at"),
		moment("queued_at"),
		maybeMoment("called_at"),
		maybeMoment("last_called_at"),
		maybeMoment("started_at"),
		maybeMoment("ended_at"),
		field.Int("call_count").Default(0),
		ref("counter_id"),
		ref("session_id"),
		ref("operator_id"),
		field.String("outcome").GoType(town.LegOutcome("")).MaxLen(24).Default(""),
		// note says why a leg was parked, transferred or cancelled.
		sealed("note"),
		field.Int("promised_median_seconds").Default(0),
		field.Int("promised_p80_seconds").Default(0),
		// busy_key is the session's id while the leg is called or served there, else
		// the leg's own id: its uniqueness allows one such leg per session.
		field.String("busy_key").MaxLen(slugLen).Unique(),
		version(),
	}
}

// Edges implements ent.Interface.
func (Leg) Edges() []ent.Edge {
	return []ent.Edge{
		edge.From("visit", Visit.Type).Ref("legs").Field("visit_id").Unique().Required(),
		edge.To("intervals", Interval.Type),
		edge.To("calls", Call.Type),
	}
}

// Indexes implements ent.Interface.
func (Leg) Indexes() []ent.Index {
	return []ent.Index{
		index.Fields("visit_id", "ordinal").Unique(),
		index.Fields("office_id", "state", "priority", "senior_at", "label"),
		index.Fields("site_id", "state"),
		index.Fields("site_id", "last_called_at"),
		index.Fields("session_id"),
	}
}
