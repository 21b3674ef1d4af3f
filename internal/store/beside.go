package store

import (
	"context"
	"database/sql"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/pressly/goose/v3"

	entmigrate "github.com/spazio-in-comune/sportello/ent/migrate"
)

// OpenBeside opens an existing database for a short piece of work beside a running
// server, or without one: how the command line changes what a server then notices. It
// migrates nothing and refuses a schema that is not this program's. On SQLite both
// write in turn, each waiting up to five seconds for the other.
func OpenBeside(ctx context.Context, cfg Config) (*Store, error) {
	if err := cfg.check(); err != nil {
		return nil, err
	}
	cfg = cfg.withDefaults()
	if cfg.DSN == "" {
		return besideSQLite(ctx, cfg)
	}
	return besideMySQL(ctx, cfg)
}

func besideSQLite(ctx context.Context, cfg Config) (*Store, error) {
	path := filepath.Join(cfg.Dir, sqliteFile)
	if _, err := os.Stat(path); err != nil {
		return nil, errNoDatabase(cfg.Dir)
	}
	db, err := sql.Open("sqlite", sqliteDSN(path, "rw"))
	if err != nil {
		return nil, fmt.Errorf("open SQLite: %w", err)
	}
	db.SetMaxOpenConns(1)
	if err := checkSchema(ctx, goose.DialectSQLite3, "sqlite", db); err != nil {
		_ = db.Close()
		return nil, err
	}
	return sqliteStore(ctx, cfg, path, db)
}

func besideMySQL(ctx context.Context, cfg Config) (*Store, error) {
	db, err := mysqlPool(cfg)
	if err != nil {
		return nil, err
	}
	if err := checkSchema(ctx, goose.DialectMySQL, "mysql", db); err != nil {
		_ = db.Close()
		return nil, err
	}
	return mysqlStore(cfg, db), nil
}

func errNoDatabase(dir string) error {
	return fmt.Errorf("there is no database in %s; start the server on that folder first, or name the server's folder with --data", dir)
}

// checkSchema refuses a database with migrations to come, or from a newer program.
func checkSchema(ctx context.Context, d goose.Dialect, dir string, db *sql.DB) error {
	if err := db.PingContext(ctx); err != nil {
		return fmt.Errorf("open the database: %w", err)
	}
	files, err := fs.Sub(entmigrate.Files, dir)
	if err != nil {
		return fmt.Errorf("find the migrations: %w", err)
	}
	provider, err := goose.NewProvider(d, db, files)
	if err != nil {
		return fmt.Errorf("read the migrations: %w", err)
	}
	present, wanted, err := provider.GetVersions(ctx)
	if err != nil {
		return fmt.Errorf("read the version of the database: %w", err)
	}
	if present != wanted {
		return fmt.Errorf("the database has schema %d, this program needs %d; run the program of the server, or \"sportello migrate\"", present, wanted)
	}
	return nil
}
