package schema

import (
	"entgo.io/ent"
	"entgo.io/ent/schema/edge"
	"entgo.io/ent/schema/field"
	"entgo.io/ent/schema/index"

	"github.com/spazio-in-comune/sportello/internal/town"
)

// CaseFile is a case (pratica): a request with its term, its office and its history. The API calls it Case.
type CaseFile struct{ ent.Schema }

// Fields implements ent.Interface.
func (CaseFile) Fields() []ent.Field {
	return []ent.Field{
		id(),
		// protocol is year and number, "2026/000123"; unique and gapless by year.
		field.String("protocol").MaxLen(16).Unique(),
		ref("service_id"),
		ref("practice_id"),
		ref("definition_hash"),
		slug("plugin_version"),
		ref("office_id"),
		field.String("phase").GoType(town.Phase("")).MaxLen(24),
		// substatus is free per service.
		field.String("substatus").MaxRuneLen(120).Default(""),
		field.JSON("flags", []string{}).Optional(),
		field.String("priority").GoType(town.Priority("")).MaxLen(24),
		field.String("channel").GoType(town.Channel("")).MaxLen(24),
		field.Bool("confidential").Default(false),
		// degraded cases were taken in while their department was down; they are
		// reviewed when it is back.
		field.Bool("degraded").Default(false),
		ref("applicant_id"),
		ref("submitted_by"),
		// mandate_id is the mandate under which it was filed for the applicant.
		ref("mandate_id"),
		// responsible_id is the named responsible officer.
		ref("responsible_id"),
		// answers hold the filled form.
		sealed("answers"),
		// decision is what the rules said; rules may copy answers.
		sealed("decision"),
		// content_hash is the SHA-256 of the filed answers, for the protocol.
		field.String("content_hash").MaxLen(64).Default("").Immutable(),
		ref("visit_id"),
		ref("leg_id"),
		ref("intake_id"),
		ref("linked_case_id"),
		slug("silence"),
		moment("filed_at"),
		moment("registered_at"),
		civil("due_on"),
		maybeMoment("taken_at"),
		maybeMoment("decided_at"),
		maybeMoment("closed_at"),
		ref("decided_by"),
		sealed("reasons"),
		// substitute_id holds the substitute power over this case: they decide, and no
		// longer the head of its office (L. 241/1990 art. 2 c. 9-bis).
		ref("substitute_id"),
		// override_note is why a person went past a block.
		sealed("override_note"),
		// legal_hold keeps its data however long ago it closed.
		field.Bool("legal_hold").Default(false),
		// erased_at is when its data were erased.
		maybeMoment("erased_at"),
		moment("updated_at"),
		version(),
	}
}

// Edges implements ent.Interface.
func (CaseFile) Edges() []ent.Edge {
	return []ent.Edge{
		edge.To("entries", CaseEntry.Type),
		edge.To("documents", CaseDocument.Type),
		edge.To("clocks", CaseClock.Type),
		edge.To("acts", CaseAct.Type),
	}
}

// Indexes implements ent.Interface.
func (CaseFile) Indexes() []ent.Index {
	return []ent.Index{
		// lists of an office, by filing and by term: see internal/casework
		index.Fields("office_id", "confidential", "id"),
		index.Fields("office_id", "confidential", "phase", "id"),
		index.Fields("office_id", "confidential", "service_id", "id"),
		index.Fields("office_id", "confidential", "service_id", "phase", "id"),
		index.Fields("office_id", "confidential", "due_on", "id"),
		index.Fields("office_id", "confidential", "phase", "due_on", "id"),
		// lists of an officer's own work
		index.Fields("responsible_id", "office_id", "confidential", "id"),
		index.Fields("responsible_id", "office_id", "confidential", "phase", "id"),
		index.Fields("responsible_id", "office_id", "confidential", "due_on", "id"),
		index.Fields("degraded", "id"),
		// how many open cases are pinned to a version
		index.Fields("definition_hash", "phase"),
		index.Fields("applicant_id", "id"),
		index.Fields("submitted_by", "id"),
		index.Fields("submitted_by", "office_id", "confidential", "id"),
		index.Fields("closed_at", "id"),
		index.Fields("visit_id"),
	}
}
