package schema

import (
	"entgo.io/ent"
	"entgo.io/ent/schema/edge"
	"entgo.io/ent/schema/field"
	"entgo.io/ent/schema/index"

	"github.com/spazio-in-comune/sportello/internal/town"
)

// CaseClock is one term of a case. Its dates are derived from its ledger, never edited.
type CaseClock struct{ ent.Schema }

// Fields implements ent.Interface.
func (CaseClock) Fields() []ent.Field {
	return []ent.Field{
		id(),
		field.String("case_id").MaxLen(idLen),
		// kind is "conclusion" or the id of a milestone.
		slug("kind"),
		field.String("label_it").MaxRuneLen(200),
		field.String("label_en").MaxRuneLen(200),
		// note says what its passing means, and what the person may then do.
		field.String("note_it").MaxRuneLen(500).Default(""),
		field.String("note_en").MaxRuneLen(500).Default(""),
		field.Int("amount"),
		slug("unit"),
		slug("starts_from"),
		// follows is the kind of the clock of the same case whose end starts this one; empty
		// where an event does.
		field.String("follows").MaxLen(slugLen).Default(""),
		slug("on_expiry"),
		// wait clocks are not due: the act may not come before.
		field.Bool("wait").Default(false),
		// national clocks leave the local holidays out.
		field.Bool("national").Default(false),
		field.String("state").GoType(town.ClockState("")).MaxLen(24),
		civil("started_on"),
		civil("due_on"),
		// due_at is the first moment at which something happens by itself: the term has
		// passed, or a suspension has lasted as long as it may. The worker finds its
		// work by it.
		maybeMoment("due_at"),
		maybeMoment("ended_at"),
		version(),
	}
}

// Edges implements ent.Interface.
func (CaseClock) Edges() []ent.Edge {
	return []ent.Edge{
		edge.From("case", CaseFile.Type).Ref("clocks").Field("case_id").Unique().Required(),
		edge.To("entries", ClockEntry.Type),
	}
}

// Indexes implements ent.Interface.
func (CaseClock) Indexes() []ent.Index {
	return []ent.Index{
		index.Fields("case_id", "kind").Unique(),
		index.Fields("state", "due_at"),
	}
}
