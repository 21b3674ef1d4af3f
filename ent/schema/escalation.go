package schema

import (
	"entgo.io/ent"
	"entgo.io/ent/schema/field"
	"entgo.io/ent/schema/index"

	"github.com/spazio-in-comune/sportello/internal/town"
)

// Escalation is one step of the ladder: who was not satisfied with what, who answers until when, and how it ended.
type Escalation struct{ ent.Schema }

// Fields implements ent.Interface.
func (Escalation) Fields() []ent.Field {
	return []ent.Field{
		id(),
		// ladder is the id of the first step; all steps of one story share it.
		ref("ladder_id"),
		field.String("step").GoType(town.EscalationStep("")).MaxLen(24),
		field.Int("level").GoType(town.Level(0)),
		field.String("kind").GoType(town.EscalationKind("")).MaxLen(24),
		field.String("state").GoType(town.EscalationState("")).MaxLen(24),
		// open_key is subject and kind while the step is open, else the step's own
		// id: its uniqueness allows one open step per subject and kind.
		field.String("open_key").MaxLen(96).Unique(),
		ref("visit_id"),
		ref("leg_id"),
		ref("case_id"),
		ref("feedback_id"),
		ref("previous_id"),
		// office_id is the office whose answer did not satisfy.
		ref("office_id"),
		ref("service_id"),
		// owner_office holds the step: help-point, the office's sector head,
		// sindaco-assessori, segretario-generale or rpct; owner_id is the person who took it,
		// or the Assessore to whom its subject is delegated.
		ref("owner_office"),
		ref("owner_id"),
		// previous_office and previous_owner held the step below.
		ref("previous_office"),
		ref("previous_owner"),
		ref("opened_by"),
		ref("on_behalf_of"),
		field.Bool("confidential").Default(false),
		field.String("reason").GoType(town.FeedbackCause("")).MaxLen(24).Default(""),
		sealed("text"),
		sealed("answer"),
		field.String("outcome").GoType(town.EscalationOutcome("")).MaxLen(24).Default(""),
		// act_id is the line of the case's timeline by which a decision was taken or changed,
		// where the outcome says so.
		ref("act_id"),
		// lapses counts the terms of the story that passed before this step.
		field.Int("lapses").Default(0),
		moment("opened_at"),
		maybeMoment("acknowledged_at"),
		maybeMoment("answered_at"),
		maybeMoment("closed_at"),
		civil("acknowledge_by"),
		civil("due_on"),
		maybeMoment("due_at"),
		field.Int("rating").Default(0),
		version(),
	}
}

// Indexes implements ent.Interface.
func (Escalation) Indexes() []ent.Index {
	return []ent.Index{
		index.Fields("owner_office", "id"),
		// the cases behind the steps that an office holds
		index.Fields("owner_office", "confidential", "case_id"),
		index.Fields("owner_id", "id"),
		index.Fields("opened_by", "id"),
		index.Fields("office_id", "id"),
		index.Fields("level", "id"),
		index.Fields("case_id"),
		index.Fields("visit_id"),
		index.Fields("state", "due_at"),
	}
}
