package store

import (
	"context"
	"database/sql"
	"fmt"
	"io/fs"

	"entgo.io/ent/dialect"
	"github.com/pressly/goose/v3"

	entmigrate "github.com/spazio-in-comune/sportello/ent/migrate"
)

// migrationLock is the name of MySQL's advisory lock, and how long to wait for
// another replica to finish.
const (
	migrationLock     = "sportello-migrations"
	migrationLockWait = 60
)

// migrate applies the versioned migrations that the database has not seen. On
// SQLite the lock on the data folder keeps others out; on MySQL an advisory lock
// lets one replica go first and the others find nothing to do.
func migrate(ctx context.Context, name string, db *sql.DB) error {
	if name != dialect.MySQL {
		return applyMigrations(ctx, goose.DialectSQLite3, "sqlite", db)
	}
	conn, err := db.Conn(ctx)
	if err != nil {
		return fmt.Errorf("connect to migrate: %w", err)
	}
	defer func() { _ = conn.Close() }()
	var got sql.NullInt64
	if err := conn.QueryRowContext(ctx, "SELECT GET_LOCK(?, ?)", migrationLock, migrationLockWait).Scan(&got); err != nil {
		return fmt.Errorf("wait for the migration lock: %w", err)
	}
	if got.Int64 != 1 {
		return fmt.Errorf("wait for the migration lock: another replica has held it for %d s", migrationLockWait)
	}
	defer func() { _, _ = conn.ExecContext(context.WithoutCancel(ctx), "DO RELEASE_LOCK(?)", migrationLock) }()
	return applyMigrations(ctx, goose.DialectMySQL, "mysql", db)
}

func applyMigrations(ctx context.Context, d goose.Dialect, dir string, db *sql.DB) error {
	files, err := fs.Sub(entmigrate.Files, dir)
	if err != nil {
		return fmt.Errorf("find the migrations: %w", err)
	}
	provider, err := goose.NewProvider(d, db, files)
	if err != nil {
		return fmt.Errorf("read the migrations: %w", err)
	}
	if _, err := provider.Up(ctx); err != nil {
		return fmt.Errorf("migrate the database: %w", err)
	}
	return nil
}
