package schema

import (
	"entgo.io/ent"
	"entgo.io/ent/schema/edge"
	"entgo.io/ent/schema/field"
	"entgo.io/ent/schema/index"

	"github.com/spazio-in-comune/sportello/internal/town"
)

// CaseDocument is a paper that a case needs or has.
type CaseDocument struct{ ent.Schema }

// Fields implements ent.Interface.
func (CaseDocument) Fields() []ent.Field {
	return []ent.Field{
		id(),
		field.String("case_id").MaxLen(idLen),
		field.Int("ordinal"),
		slug("document_id"),
		field.String("label_it").MaxRuneLen(300),
		field.String("label_en").MaxRuneLen(300),
		field.String("state").GoType(town.DocumentState("")).MaxLen(24),
		field.Bool("extra").Default(false),
		ref("asked_by"),
		maybeMoment("asked_at"),
		maybeMoment("received_at"),
		sealed("ground"),
	}
}

// Edges implements ent.Interface.
func (CaseDocument) Edges() []ent.Edge {
	return []ent.Edge{
		edge.From("case", CaseFile.Type).Ref("documents").Field("case_id").Unique().Required(),
	}
}

// Indexes implements ent.Interface.
func (CaseDocument) Indexes() []ent.Index {
	return []ent.Index{
		index.Fields("case_id", "ordinal").Unique(),
	}
}
