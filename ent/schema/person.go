package schema

import (
	"entgo.io/ent"
	"entgo.io/ent/schema/field"
	"entgo.io/ent/schema/index"
)

// Person is a citizen, a member of staff or a device. Personal data stand in the sealed column only.
type Person struct{ ent.Schema }

// Fields implements ent.Interface.
func (Person) Fields() []ent.Field {
	return []ent.Field{
		id(),
		// login is the name of a demo person or the subject at the issuer.
		field.String("login").MaxLen(191).Unique(),
		slug("kind"),
		// label is what colleagues see of staff and devices; empty for citizens.
		field.String("label").MaxRuneLen(120).Default(""),
		// tax_code_key finds a person by tax code without storing it in the clear.
		field.String("tax_code_key").MaxLen(64).Default("").Sensitive(),
		// family_name_key finds a person by the exact family name in the same way.
		field.String("family_name_key").MaxLen(64).Default("").Sensitive(),
		sealed("sealed"),
		field.Bool("disabled").Default(false),
		moment("created_at"),
		// erased_at is when the key of the person was destroyed.
		maybeMoment("erased_at"),
	}
}

// Indexes implements ent.Interface.
func (Person) Indexes() []ent.Index {
	return []ent.Index{
		index.Fields("tax_code_key"),
		index.Fields("family_name_key"),
	}
}
