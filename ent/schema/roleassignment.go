package schema

import (
	"entgo.io/ent"
	"entgo.io/ent/schema/field"
	"entgo.io/ent/schema/index"

	"github.com/spazio-in-comune/sportello/internal/town"
)

// RoleAssignment gives a person a role in an office, or in all ("*"), between two dates.
type RoleAssignment struct{ ent.Schema }

// Fields implements ent.Interface.
func (RoleAssignment) Fields() []ent.Field {
	return []ent.Field{
		id(),
		ref("person_id"),
		field.String("role").GoType(town.Role("")).MaxLen(24),
		field.String("office_id").MaxLen(slugLen).Default("*"),
		moment("from"),
		maybeMoment("to"),
		ref("granted_by"),
		ref("ended_by"),
		// services are the subjects delegated to an Assessore, as codes of services; empty
		// for all.
		field.JSON("services", []string{}).Optional(),
	}
}

// Indexes implements ent.Interface.
func (RoleAssignment) Indexes() []ent.Index {
	return []ent.Index{
		index.Fields("person_id"),
	}
}
