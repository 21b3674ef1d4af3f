//go:build unix

package dbserver

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/spazio-in-comune/sportello/internal/store/dbtest"
)

// kind is what differs between the two servers.
type kind struct {
	name     string   // as dbtest names it
	env      string   // the variable that names a running server
	programs []string // names of the server's program, the surest first
	pkg      string   // the Debian package that holds it
	suite    string   // the Debian suite to take it from; "" is the machine's own
	create   func(s *Server) error
	options  []string // settings of this kind alone
}

// kinds returns the servers that can be started.
func kinds() []kind {
	return []kind{
		{
			name:     dbtest.MariaDB,
			env:      dbtest.EnvMariaDB,
			programs: []string{"mariadbd", "mysqld"},
			pkg:      "mariadb-server-core",
			create:   createMariaDB,
		},
		{
			name:     dbtest.MySQL,
			env:      dbtest.EnvMySQL,
			programs: []string{"mysqld"},
			pkg:      "mysql-server-core",
			suite:    "sid", // no stable suite of Debian carries MySQL
			create:   createMySQL,
			options:  []string{"--mysqlx=OFF", "--secure-file-priv=NULL"},
		},
	}
}

// createMySQL makes the system tables: the server does it by itself.
func createMySQL(s *Server) error {
	return s.initialise(nil, "--initialize-insecure")
}

// createMariaDB makes the system tables by feeding the server the scripts that
// mariadb-install-db feeds it. That script itself needs other programs of an
// installed package, which a fetched server has not.
func createMariaDB(s *Server) error {
	script := []string{"CREATE DATABASE mysql;", "USE mysql;", "SET @auth_root_socket = NULL;"}
	for _, part := range []string{"system_tables", "performance_tables", "system_tables_data"} {
		found, err := filepath.Glob(filepath.Join(s.program.base, "share/*/*_"+part+".sql"))
		if err != nil || len(found) == 0 {
			return fmt.Errorf("no script for the %s under %s/share", part, s.program.base)
		}
		text, err := os.ReadFile(found[0])
		if err != nil {
			return fmt.Errorf("read the system tables: %w", err)
		}
		script = append(script, string(text))
	}
	return s.initialise(strings.NewReader(strings.Join(script, "\n")), "--bootstrap")
}

// EnvOf is the environment variable that names a running server of that kind, and whether
// there is such a kind.
func EnvOf(name string) (string, bool) {
	for _, k := range kinds() {
		if k.name == name {
			return k.env, true
		}
	}
	return "", false
}
