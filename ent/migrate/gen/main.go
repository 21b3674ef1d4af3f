// Command gen writes the first migration of both dialects from the ent schema.
package main

import (
	"context"
	"fmt"
	"log"
	"os"
	"path/filepath"
	"regexp"

	"entgo.io/ent/dialect"
	"entgo.io/ent/dialect/sql/schema"

	"github.com/spazio-in-comune/sportello/ent/migrate"
)

func main() {
	for _, target := range []struct{ dialect, version, dir string }{
		{dialect.SQLite, "3.45.0", "sqlite"},
		{dialect.MySQL, "8.0.36", "mysql"},
	} {
		ddl, err := schema.DDL(context.Background(), schema.DDLArgs{Dialect: target.dialect, Version: target.version, Tables: migrate.Tables})
		if err != nil {
			log.Fatalf("write the %s schema: %v", target.dir, err)
		}
		positions := regexp.MustCompile(`(?m)^-- atlas:pos.*\n`)
		text := fmt.Sprintf("-- +goose Up\n%s\n", positions.ReplaceAllString(ddl, ""))
		path := filepath.Join("ent", "migrate", target.dir, "00001_initial.sql")
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			log.Fatalf("write %s: %v", path, err)
		}
	}
}
