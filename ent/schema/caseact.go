package schema

import (
	"entgo.io/ent"
	"entgo.io/ent/schema/edge"
	"entgo.io/ent/schema/field"
	"entgo.io/ent/schema/index"

	"github.com/spazio-in-comune/sportello/internal/town"
)

// CaseAct is a formal act in a case, such as a request for integration, a notice of refusal or the measure, with the answer to it. It stays as it was made: a measure that is reviewed keeps its row.
type CaseAct struct{ ent.Schema }

// Fields implements ent.Interface.
func (CaseAct) Fields() []ent.Field {
	return []ent.Field{
		id(),
		field.String("case_id").MaxLen(idLen),
		field.Int("ordinal"),
		field.String("kind").GoType(town.ActKind("")).MaxLen(24),
		field.String("state").GoType(town.ActState("")).MaxLen(24),
		// ground is the legal ground of a request for integration.
		field.String("ground").GoType(town.Ground("")).MaxLen(24).Default(""),
		field.String("article").MaxRuneLen(120).Default(""),
		// on_day is the day from which the act has effect.
		civil("on_day"),
		// due_on is the last day for the answer; empty where none is awaited.
		civil("due_on"),
		field.String("outcome").MaxLen(24).Default(""),
		// term_days and used_days compare the term with the days used until a measure.
		field.Int("term_days").Default(0),
		field.Int("used_days").Default(0),
		// late measures say how long they took (L. 241/1990 art. 2 c. 9-quinquies).
		field.Bool("late").Default(false),
		// contents are the compulsory parts of a start notice, by code; never personal data.
		field.JSON("contents", map[string]string{}).Optional(),
		ref("author_id"),
		moment("made_at"),
		// text is what the act says; answer what came back.
		sealed("text"),
		sealed("answer"),
		civil("answered_on"),
		maybeMoment("answered_at"),
		ref("answered_by"),
	}
}

// Edges implements ent.Interface.
func (CaseAct) Edges() []ent.Edge {
	return []ent.Edge{
		edge.From("case", CaseFile.Type).Ref("acts").Field("case_id").Unique().Required(),
	}
}

// Indexes implements ent.Interface.
func (CaseAct) Indexes() []ent.Index {
	return []ent.Index{
		index.Fields("case_id", "ordinal").Unique(),
	}
}
