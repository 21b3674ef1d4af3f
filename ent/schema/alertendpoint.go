package schema

import (
	"entgo.io/ent"
	"entgo.io/ent/schema/field"
	"entgo.io/ent/schema/index"

	"github.com/spazio-in-comune/sportello/internal/town"
)

// AlertEndpoint is where alerts are sent besides the screens: a webhook, or the mailbox of somebody who asked for it.
type AlertEndpoint struct{ ent.Schema }

// Fields implements ent.Interface.
func (AlertEndpoint) Fields() []ent.Field {
	return []ent.Field{
		id(),
		field.String("channel").GoType(town.AlertChannel("")).MaxLen(24),
		field.String("label").MaxRuneLen(120).Default(""),
		// person_id is whose mailbox it is; empty for a webhook.
		ref("person_id"),
		// address is a URL, sealed for the town, or a mailbox, sealed for its person.
		sealed("address"),
		// secret signs what a webhook is sent.
		sealed("secret"),
		// What it wants to hear of; empty lists want all.
		field.JSON("levels", []town.Level{}).Optional(),
		field.JSON("services", []string{}).Optional(),
		field.JSON("offices", []string{}).Optional(),
		field.JSON("kinds", []town.AlertKind{}).Optional(),
		moment("created_at"),
		ref("created_by"),
		maybeMoment("disabled_at"),
		ref("disabled_by"),
		// claimed_until is until when one process alone sends to it.
		maybeMoment("claimed_until"),
		version(),
	}
}

// Indexes implements ent.Interface.
func (AlertEndpoint) Indexes() []ent.Index {
	return []ent.Index{
		index.Fields("person_id"),
	}
}
