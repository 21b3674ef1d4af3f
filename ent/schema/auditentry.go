package schema

import (
	"entgo.io/ent"
	"entgo.io/ent/schema/field"
	"entgo.io/ent/schema/index"
)

// AuditEntry says who did or read what, for whom, why and under which rule. All entries of the town form one chain of hashes.
type AuditEntry struct{ ent.Schema }

// Fields implements ent.Interface.
func (AuditEntry) Fields() []ent.Field {
	return []ent.Field{
		field.Int64("id"),
		// seq is the place in the chain; null until linked after the commit.
		field.Int64("seq").Optional().Nillable().Unique(),
		moment("at"),
		ref("actor_id"),
		// body is the entry in its canonical form: what the hash is of.
		field.Bytes("body").SchemaType(longBlob),
		// hash is SHA-256 over the hash before and the body; null until linked.
		field.Bytes("hash").MaxLen(32).Optional().Nillable(),
	}
}

// Indexes implements ent.Interface.
func (AuditEntry) Indexes() []ent.Index {
	return []ent.Index{
		index.Fields("actor_id", "at"),
		index.Fields("at"),
	}
}
