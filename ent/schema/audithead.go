package schema

import (
	"entgo.io/ent"
	"entgo.io/ent/schema/field"
)

// AuditHead is a signature over the chain of the audit up to an entry.
type AuditHead struct{ ent.Schema }

// Fields implements ent.Interface.
func (AuditHead) Fields() []ent.Field {
	return []ent.Field{
		// id is the seq of the last entry that it covers.
		field.Int64("id"),
		field.Bytes("hash").MaxLen(32),
		moment("at"),
		field.Bytes("signature").MaxLen(512),
	}
}
