// Package dbtest gives tests a fresh, empty database of every kind the product
// runs on.
//
// `make test` starts throwaway MariaDB and MySQL servers (see withdb) and says
// through the environment which databases are expected. What is expected and
// cannot be reached fails the test: nothing is skipped. A plain `go test`
// expects SQLite alone, and the log of each test says so.
//
// The package knows nothing of the product's tables: a test migrates the
// database it gets.
package dbtest

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// The databases a test may be given.
const (
	SQLite  = "sqlite"
	MariaDB = "mariadb"
	MySQL   = "mysql"
)

// The environment of a test run. withdb sets it; a developer, or a machine with
// servers of its own, may set it by hand.
const (
	// EnvExpected lists the databases every test must run on, separated by
	// spaces: "sqlite mariadb mysql". Empty means "sqlite".
	EnvExpected = "SPORTELLO_TEST_DB"
	// EnvMariaDB and EnvMySQL name a server and an account that may create
	// schemas there: mysql://user:password@host:port/
	EnvMariaDB = "SPORTELLO_TEST_MARIADB"
	EnvMySQL   = "SPORTELLO_TEST_MYSQL"
)

// DB is one empty database, gone when its test ends.
type DB struct {
	Name    string // SQLite, MariaDB or MySQL: which server it is
	Dialect string // "sqlite" or "mysql": the SQL it speaks, hence its migrations
	// DSN names the database as the product's --database does: a file path on
	// SQLite, otherwise mysql://user:password@host:port/name.
	DSN string
}

// Each runs fn as one subtest per expected database, each with its own empty
// database. fn may call t.Parallel.
func Each(t *testing.T, fn func(t *testing.T, db DB)) {
	t.Helper()
	for _, name := range Expected(t) {
		t.Run(name, func(t *testing.T) {
			fn(t, New(t, name))
		})
	}
}

// Expected returns the databases this run is to be made on, in the order given.
// It serves benchmarks and tests that cannot use Each.
func Expected(tb testing.TB) []string {
	tb.Helper()
	names := strings.Fields(os.Getenv(EnvExpected))
	if len(names) == 0 {
		tb.Logf("%s is not set: SQLite only; `make test` runs on every database", EnvExpected)
		return []string{SQLite}
	}
	for _, name := range names {
		if name != SQLite && name != MariaDB && name != MySQL {
			tb.Fatalf("%s: unknown database %q: want %s, %s or %s", EnvExpected, name, SQLite, MariaDB, MySQL)
		}
	}
	return names
}

// New creates an empty database on the named server and drops it when the test
// ends. It fails the test if the server cannot be reached.
func New(tb testing.TB, name string) DB {
	tb.Helper()
	switch name {
	case SQLite:
		return DB{Name: name, Dialect: "sqlite", DSN: filepath.Join(tb.TempDir(), "sportello.db")}
	case MariaDB:
		return DB{Name: name, Dialect: "mysql", DSN: newSchema(tb, EnvMariaDB)}
	case MySQL:
		return DB{Name: name, Dialect: "mysql", DSN: newSchema(tb, EnvMySQL)}
	}
	tb.Fatalf("unknown database %q: want %s, %s or %s", name, SQLite, MariaDB, MySQL)
	return DB{}
}
