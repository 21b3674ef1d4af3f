package dbtest

import (
	"context"
	"crypto/rand"
	"database/sql"
	"fmt"
	"net/url"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/go-sql-driver/mysql"
)

// patience bounds one statement of set-up or tear-down. A drop that waits
// longer has met a connection the test left open inside a transaction.
const patience = 30 * time.Second

// newSchema creates a schema on the server named by the variable env, and
// returns the product's DSN of it.
func newSchema(tb testing.TB, env string) string {
	tb.Helper()
	server, err := ParseServer(os.Getenv(env))
	if err != nil {
		tb.Fatalf("%s: %v; `make test` starts the servers", env, err)
	}
	name := schemaName(tb.Name())
	if err := exec(server, "CREATE DATABASE "+name+" CHARACTER SET utf8mb4"); err != nil {
		tb.Fatalf("create a test database on %s: %v", server.Host, err)
	}
	tb.Cleanup(func() {
		if err := exec(server, "DROP DATABASE "+name); err != nil {
			tb.Errorf("drop the test database on %s: %v", server.Host, err)
		}
	})
	return server.JoinPath(name).String()
}

// schemaName is unique on the server and tells whose it is: parallel runs of
// several test binaries share one server.
func schemaName(test string) string {
	const longest = 40 // a name may have 64 characters
	readable := strings.Map(func(r rune) rune {
		switch {
		case r >= 'a' && r <= 'z', r >= '0' && r <= '9':
			return r
		}
		return '_'
	}, strings.ToLower(test))
	if len(readable) > longest {
		readable = readable[:longest]
	}
	return "t_" + readable + "_" + strings.ToLower(rand.Text()[:10])
}

// ParseServer reads mysql://user:password@host:port/ and refuses anything else.
func ParseServer(dsn string) (*url.URL, error) {
	if dsn == "" {
		return nil, fmt.Errorf("no server is named")
	}
	u, err := url.Parse(dsn)
	if err != nil {
		return nil, fmt.Errorf("not a server's address: %w", err)
	}
	if u.Scheme != "mysql" || u.Port() == "" || u.User == nil || strings.Trim(u.Path, "/") != "" {
		return nil, fmt.Errorf("%s: want mysql://user:password@host:port/", u.Redacted())
	}
	return u, nil
}

// Connect opens a small pool on a server, without choosing a schema.
func Connect(server *url.URL) (*sql.DB, error) {
	cfg := mysql.NewConfig()
	cfg.Net = "tcp"
	cfg.Addr = server.Host
	cfg.User = server.User.Username()
	cfg.Passwd, _ = server.User.Password()
	cfg.Timeout = patience
	connector, err := mysql.NewConnector(cfg)
	if err != nil {
		return nil, fmt.Errorf("connect to %s: %w", server.Host, err)
	}
	return sql.OpenDB(connector), nil
}

func exec(server *url.URL, statement string) (err error) {
	db, err := Connect(server)
	if err != nil {
		return err
	}
	defer func() {
		if closing := db.Close(); err == nil {
			err = closing
		}
	}()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	_, err = db.ExecContext(ctx, statement)
	return err
}
