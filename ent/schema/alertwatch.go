package schema

import (
	"entgo.io/ent"
	"entgo.io/ent/schema/field"
)

// AlertWatch remembers since when a measure is beyond its threshold, or back, so that an alert does not flap.
type AlertWatch struct{ ent.Schema }

// Fields implements ent.Interface.
func (AlertWatch) Fields() []ent.Field {
	return []ent.Field{
		// id is what is measured: the kind of alert with site, service and office.
		field.String("id").MaxLen(160).NotEmpty().Immutable(),
		maybeMoment("beyond_since"),
		maybeMoment("back_since"),
		// alert_id is the alert that stands for it; empty for none.
		ref("alert_id"),
		version(),
	}
}
