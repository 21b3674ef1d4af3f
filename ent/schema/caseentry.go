package schema

import (
	"entgo.io/ent"
	"entgo.io/ent/schema/edge"
	"entgo.io/ent/schema/field"
	"entgo.io/ent/schema/index"

	"github.com/spazio-in-comune/sportello/internal/town"
)

// CaseEntry is one line of a case's timeline.
type CaseEntry struct{ ent.Schema }

// Fields implements ent.Interface.
func (CaseEntry) Fields() []ent.Field {
	return []ent.Field{
		id(),
		field.String("case_id").MaxLen(idLen),
		field.Int("ordinal"),
		moment("at"),
		slug("kind"),
		ref("actor_id"),
		// on_behalf_of is the person for whom the actor acted under a mandate.
		ref("on_behalf_of"),
		field.String("from_phase").GoType(town.Phase("")).MaxLen(24).Default(""),
		field.String("to_phase").GoType(town.Phase("")).MaxLen(24).Default(""),
		// internal entries are for staff only.
		field.Bool("internal").Default(false),
		sealed("note"),
		field.JSON("data", map[string]string{}).Optional(),
	}
}

// Edges implements ent.Interface.
func (CaseEntry) Edges() []ent.Edge {
	return []ent.Edge{
		edge.From("case", CaseFile.Type).Ref("entries").Field("case_id").Unique().Required(),
	}
}

// Indexes implements ent.Interface.
func (CaseEntry) Indexes() []ent.Index {
	return []ent.Index{
		index.Fields("case_id", "ordinal").Unique(),
	}
}
