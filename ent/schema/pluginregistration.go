package schema

import (
	"entgo.io/ent"
	"entgo.io/ent/schema/field"
	"entgo.io/ent/schema/index"
)

// PluginRegistration is one version of a department that the host may start, and what the host last saw of its process.
type PluginRegistration struct{ ent.Schema }

// Fields implements ent.Interface.
func (PluginRegistration) Fields() []ent.Field {
	return []ent.Field{
		id(),
		// name is the id of the service.
		field.String("name").MaxLen(slugLen).NotEmpty().Immutable(),
		// version is empty for what came with the platform until it has described itself.
		slug("version"),
		field.String("sha256").MaxLen(64).Default(""),
		// command is a file in the plug-ins folder; a path for what came with the platform.
		field.Text("command").Default(""),
		field.JSON("args", []string{}).Optional(),
		field.Bool("plain_socket").Default(false),
		field.Bool("bundled").Default(false),
		slug("standing"),
		// previous_id is the version to roll back to.
		ref("previous_id"),
		moment("registered_at"),
		ref("registered_by"),
		// disabled is why nothing of this department is started; empty where it is.
		field.String("disabled").MaxRuneLen(500).Default(""),
		// restarts counts how often somebody asked for a new process.
		field.Int("restarts").Default(0),

		// What the version published.
		ref("definition_hash"),
		field.JSON("practices", []string{}).Optional(),
		field.String("series").MaxLen(8).Default(""),

		// What became of its process.
		slug("state"),
		field.Int("failures").Default(0),
		field.String("last_error").MaxRuneLen(500).Default(""),
		moment("updated_at"),
	}
}

// Indexes implements ent.Interface.
func (PluginRegistration) Indexes() []ent.Index {
	return []ent.Index{
		index.Fields("name", "version").Unique(),
	}
}
