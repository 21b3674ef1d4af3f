package store

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"time"

	"entgo.io/ent/dialect"
	entsql "entgo.io/ent/dialect/sql"
	"github.com/go-sql-driver/mysql"

	"github.com/spazio-in-comune/sportello/ent"
	"github.com/spazio-in-comune/sportello/internal/town"
)

// maxAttempts bounds how often a unit is run again after a deadlock.
const maxAttempts = 10

// poolWriter runs each unit in a plain transaction on the pool: MySQL groups
// commits by itself.
type poolWriter struct {
	base  *ent.Client
	clock town.Clock
	sign  Sign
}

func newPoolWriter(db *sql.DB, cfg Config) *poolWriter {
	base := ent.NewClient(ent.Driver(overheardUnits(entsql.OpenDB(dialect.MySQL, db), cfg.Statements)))
	attach(base, cfg.Attach)
	return &poolWriter{base: base, clock: cfg.Clock, sign: cfg.Sign}
}

func (w *poolWriter) run(ctx context.Context, unit Unit) error {
	for attempt := 1; ; attempt++ {
		err := w.once(ctx, unit)
		if err == nil || !isRetryable(err) || attempt == maxAttempts {
			return err
		}
		pause := time.Duration(attempt) * time.Duration(1+rand.IntN(4)) * time.Millisecond
		time.Sleep(pause)
	}
}

func (w *poolWriter) once(ctx context.Context, unit Unit) (err error) {
	entTx, err := w.base.Tx(ctx)
	if err != nil {
		return fmt.Errorf("begin: %w", err)
	}
	defer func() {
		if p := recover(); p != nil {
			_ = entTx.Rollback()
			err = fmt.Errorf("unit panicked: %v", p)
		}
	}()
	tx := &Tx{Client: entTx.Client(), Now: w.clock.Now(), dialect: dialect.MySQL}
	if err = unit(ctx, tx); err == nil {
		err = insertEvents(ctx, tx, w.sign, nil)
	}
	if err == nil {
		err = insertEntries(ctx, tx.Client, tx.audit.entries, nil)
	}
	if err != nil {
		_ = entTx.Rollback()
		return err
	}
	if err := entTx.Commit(); err != nil {
		return fmt.Errorf("commit: %w", err)
	}
	return nil
}

// The server's numbers for "run it again": deadlock and lock wait timeout.
const (
	mysqlDeadlock    = 1213
	mysqlLockTimeout = 1205
	mysqlChanged     = 1020 // MariaDB: record has changed since last read
)

func isRetryable(err error) bool {
	var my *mysql.MySQLError
	return errors.As(err, &my) && (my.Number == mysqlDeadlock || my.Number == mysqlLockTimeout || my.Number == mysqlChanged)
}

// IsUnavailable reports errors that say the database cannot be reached or is
// full, which pass without a change of the request. InTx gives UNAVAILABLE for
// them by itself; reads give the error as it is.
func IsUnavailable(err error) bool {
	var network net.Error
	return errors.As(err, &network) || errors.Is(err, driver.ErrBadConn) || errors.Is(err, mysql.ErrInvalidConn) ||
		errors.Is(err, sql.ErrConnDone) || errors.Is(err, errStopped) || isFullDisk(err)
}
