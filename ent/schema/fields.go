// Package schema declares what is stored: fields, edges, indexes and nothing
// else. Rules, permissions and hooks live elsewhere.
//
// What people write is bounded in characters (MaxRuneLen), as the columns are: an
// accent is no second character. Codes and ids are ASCII and bounded in bytes.
package schema

import (
	"entgo.io/ent"
	"entgo.io/ent/dialect"
	"entgo.io/ent/schema/field"

	"github.com/spazio-in-comune/sportello/plugins/sdk/calc"
)

// idLen bounds every id: a prefix of at most five letters, "_" and a ULID.
const idLen = 32

// slugLen bounds names that people chose: services, practices, offices.
const slugLen = 64

var (
	// longBlob lifts MySQL's 64 KiB bound; field.Text has it lifted already.
	longBlob = map[string]string{dialect.MySQL: "longblob"}
	// microseconds: MySQL's default time column keeps whole seconds and ends in 2038.
	microseconds = map[string]string{dialect.MySQL: "datetime(6)"}
)

// id is the primary key: a prefixed, time-ordered string.
func id() ent.Field { return field.String("id").MaxLen(idLen).NotEmpty().Immutable() }

// ref is the id of something in another room, without a foreign key: rooms know
// each other by id only. Empty means none.
func ref(name string) ent.Field { return field.String(name).MaxLen(slugLen).Default("") }

// slug is a short name chosen by people.
func slug(name string) ent.Field { return field.String(name).MaxLen(slugLen) }

// moment is a point in time, UTC, to the microsecond.
func moment(name string) ent.Field { return field.Time(name).SchemaType(microseconds) }

// maybeMoment is a point in time that may be missing.
func maybeMoment(name string) ent.Field {
	return field.Time(name).SchemaType(microseconds).Optional().Nillable()
}

// civil is a civil date, kept as YYYY-MM-DD; empty means none.
func civil(name string) ent.Field {
	return field.String(name).GoType(calc.Date{}).MaxLen(10).SchemaType(map[string]string{
		dialect.MySQL: "varchar(10)", dialect.SQLite: "text",
	})
}

// sealed holds personal data, or words that people wrote, sealed by internal/vault with
// the key of whom they are about. Null means none. How much may be written is bounded
// where it comes in.
func sealed(name string) ent.Field {
	return field.Bytes(name).SchemaType(longBlob).Optional().Sensitive()
}

// version counts the changes of a row, for optimistic locking.
func version() ent.Field { return field.Int("version").Default(1) }
