package schema

import (
	"entgo.io/ent"
	"entgo.io/ent/schema/field"
	"entgo.io/ent/schema/index"

	"github.com/spazio-in-comune/sportello/internal/town"
)

// Intake records that answers were put before a department, and what came of it. The answers are kept with the case only.
type Intake struct{ ent.Schema }

// Fields implements ent.Interface.
func (Intake) Fields() []ent.Field {
	return []ent.Field{
		id(),
		ref("service_id"),
		ref("practice_id"),
		ref("definition_hash"),
		slug("plugin_version"),
		field.String("status").GoType(town.IntakeStatus("")).MaxLen(24),
		field.String("channel").GoType(town.Channel("")).MaxLen(24),
		ref("actor_id"),
		ref("applicant_id"),
		ref("visit_id"),
		ref("leg_id"),
		ref("case_id"),
		ref("office_id"),
		// problems are paths and codes, never values.
		field.JSON("problems", []town.FieldProblemRecord{}).Optional(),
		// blocks are the ids of the rules that stopped it.
		field.JSON("blocks", []string{}).Optional(),
		moment("at"),
	}
}

// Indexes implements ent.Interface.
func (Intake) Indexes() []ent.Index {
	return []ent.Index{
		index.Fields("case_id"),
		index.Fields("applicant_id", "at"),
		index.Fields("leg_id"),
	}
}
