package schema

import (
	"entgo.io/ent"
	"entgo.io/ent/schema/field"
	"entgo.io/ent/schema/index"

	"github.com/spazio-in-comune/sportello/internal/town"
)

// StepNote is what the holder of a step asks an office to report, with its answer, or the guidance that level 5 gives it.
type StepNote struct{ ent.Schema }

// Fields implements ent.Interface.
func (StepNote) Fields() []ent.Field {
	return []ent.Field{
		id(),
		field.String("kind").GoType(town.NoteKind("")).MaxLen(24),
		field.String("escalation_id").MaxLen(idLen),
		ref("case_id"),
		// office_id is the office that is asked or guided.
		ref("office_id"),
		ref("service_id"),
		field.Bool("confidential").Default(false),
		sealed("text"),
		ref("author_id"),
		moment("at"),
		// due_on is the last useful day to report; guidance has none.
		civil("due_on"),
		sealed("answer"),
		ref("answered_by"),
		maybeMoment("answered_at"),
		version(),
	}
}

// Indexes implements ent.Interface.
func (StepNote) Indexes() []ent.Index {
	return []ent.Index{
		index.Fields("escalation_id", "id"),
		index.Fields("office_id", "id"),
		index.Fields("case_id"),
	}
}
