package dbtest

import (
	"context"
	"database/sql"
	"net/url"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	_ "modernc.org/sqlite"
)

func TestEachGivesAnEmptyDatabaseOfItsOwn(t *testing.T) {
	Each(t, func(t *testing.T, db DB) {
		pool := open(t, db)
		ctx := context.Background()
		// The name is the same in every subtest: a shared database would refuse it.
		if _, err := pool.ExecContext(ctx, "CREATE TABLE one (id INTEGER PRIMARY KEY)"); err != nil {
			t.Fatal(err)
		}
		if _, err := pool.ExecContext(ctx, "INSERT INTO one (id) VALUES (1)"); err != nil {
			t.Fatal(err)
		}
	})
}

// TestServerIsTheOneNamed guards against running every test twice on one of the
// two servers and never on the other.
func TestServerIsTheOneNamed(t *testing.T) {
	Each(t, func(t *testing.T, db DB) {
		question := "SELECT version()"
		if db.Name == SQLite {
			question = "SELECT 'SQLite ' || sqlite_version()"
		}
		var version string
		if err := open(t, db).QueryRowContext(context.Background(), question).Scan(&version); err != nil {
			t.Fatal(err)
		}
		if got := strings.Contains(version, "MariaDB"); got != (db.Name == MariaDB) {
			t.Errorf("%s answers version %q", db.Name, version)
		}
	})
}

func TestSchemaIsDroppedAfterTheTest(t *testing.T) {
	Each(t, func(t *testing.T, db DB) {
		if db.Name == SQLite {
			return // a temporary file: testing removes it
		}
		var gone DB
		t.Run("inner", func(t *testing.T) { gone = New(t, db.Name) })
		if err := open(t, gone).PingContext(context.Background()); err == nil {
			t.Errorf("%s is still there after its test", gone.DSN)
		}
	})
}

func TestParseServer(t *testing.T) {
	tests := map[string]struct {
		dsn  string
		host string // "" when it must be refused
	}{
		"whole":         {"mysql://u:p@127.0.0.1:3306/", "127.0.0.1:3306"},
		"no password":   {"mysql://root@localhost:3306", "localhost:3306"},
		"empty":         {"", ""},
		"with a schema": {"mysql://u:p@127.0.0.1:3306/live", ""},
		"other scheme":  {"postgres://u:p@127.0.0.1:5432/", ""},
		"no port":       {"mysql://u:p@127.0.0.1/", ""},
		"no user":       {"mysql://127.0.0.1:3306/", ""},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			u, err := ParseServer(tt.dsn)
			var host string
			if err == nil {
				host = u.Host
			}
			if diff := cmp.Diff(tt.host, host); diff != "" {
				t.Errorf("host (-want +got):\n%s(error: %v)", diff, err)
			}
		})
	}
}

func TestSchemaName(t *testing.T) {
	long := schemaName("TestNumbers/right at midnight/" + strings.Repeat("x", 80))
	if len(long) > 64 {
		t.Errorf("%q has %d characters; a schema's name may have 64", long, len(long))
	}
	if !strings.HasPrefix(long, "t_testnumbers_right_at_midnight_") {
		t.Errorf("%q does not tell its test", long)
	}
	if first, second := schemaName("TestX"), schemaName("TestX"); first == second {
		t.Errorf("two calls gave the same name, %q", first)
	}
}

// open opens the database the way the product's store will, with nothing but
// the drivers.
func open(t *testing.T, db DB) *sql.DB {
	t.Helper()
	driver, source := "sqlite", db.DSN
	if db.Dialect == "mysql" {
		u, err := url.Parse(db.DSN)
		if err != nil {
			t.Fatal(err)
		}
		password, _ := u.User.Password()
		driver, source = "mysql", u.User.Username()+":"+password+"@tcp("+u.Host+")"+u.Path
	}
	pool, err := sql.Open(driver, source)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = pool.Close() })
	return pool
}
