package schema

import (
	"entgo.io/ent"
	"entgo.io/ent/schema/field"
)

// PluginInstance is what the host last saw of a department's process.
type PluginInstance struct{ ent.Schema }

// Fields implements ent.Interface.
func (PluginInstance) Fields() []ent.Field {
	return []ent.Field{
		field.String("id").MaxLen(slugLen).NotEmpty().Immutable(),
		slug("version"),
		field.String("sha256").MaxLen(64).Default(""),
		field.Text("command").Default(""),
		field.JSON("args", []string{}).Optional(),
		field.Bool("bundled").Default(false),
		slug("state"),
		field.JSON("practices", []string{}).Optional(),
		ref("definition_hash"),
		field.Int("failures").Default(0),
		field.String("last_error").MaxRuneLen(500).Default(""),
		moment("updated_at"),
	}
}
