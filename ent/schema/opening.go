package schema

import (
	"entgo.io/ent"
	"entgo.io/ent/schema/index"
)

// Opening is the act by which level 5 opened the personal data behind a step of the ladder, with the reason.
type Opening struct{ ent.Schema }

// Fields implements ent.Interface.
func (Opening) Fields() []ent.Field {
	return []ent.Field{
		id(),
		ref("person_id"),
		ref("escalation_id"),
		ref("case_id"),
		sealed("reason"),
		moment("at"),
		moment("until"),
	}
}

// Indexes implements ent.Interface.
func (Opening) Indexes() []ent.Index {
	return []ent.Index{
		index.Fields("escalation_id", "person_id", "until"),
		index.Fields("case_id", "person_id", "until"),
	}
}
