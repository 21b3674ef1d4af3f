package schema

import (
	"entgo.io/ent"
	"entgo.io/ent/schema/field"
	"entgo.io/ent/schema/index"

	"github.com/spazio-in-comune/sportello/internal/town"
)

// StepEntry is one entry in the ledger of a step's terms. Their dates are derived from it, never edited.
type StepEntry struct{ ent.Schema }

// Fields implements ent.Interface.
func (StepEntry) Fields() []ent.Field {
	return []ent.Field{
		id(),
		field.String("escalation_id").MaxLen(idLen),
		field.Int("ordinal"),
		// purpose is which of the step's terms: to acknowledge, answer, take up, object.
		slug("purpose"),
		field.String("effect").GoType(town.ClockEffect("")).MaxLen(24),
		civil("on_day"),
		// amount and unit are the length of the term, on the entry that starts it.
		field.Int("amount").Default(0),
		field.String("unit").MaxLen(24).Default(""),
		// ground is the rule or the custom that the entry stands on.
		field.String("ground").MaxRuneLen(300).Default(""),
		moment("recorded_at"),
	}
}

// Indexes implements ent.Interface.
func (StepEntry) Indexes() []ent.Index {
	return []ent.Index{
		index.Fields("escalation_id", "ordinal").Unique(),
	}
}
