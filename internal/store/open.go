package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"sync/atomic"
	"time"

	"entgo.io/ent/dialect"
	_ "modernc.org/sqlite" // the driver "sqlite"

	"github.com/spazio-in-comune/sportello/ent"
	"github.com/spazio-in-comune/sportello/internal/town"
)

// Config says which database to open.
type Config struct {
	// DSN is mysql://user:password@host:port/name; empty means SQLite in Dir.
	DSN string
	// Dir is the data folder of SQLite; it is made if missing.
	Dir string
	// Clock is the business clock.
	Clock town.Clock
	// Attach adds interceptors to a client, once per client and before its use.
	// Nil adds none, which only the store's own tests and migrations want.
	Attach func(*ent.Client)
	// Sign is Attach for the events of units, which no client of ent makes. It goes with
	// Attach.
	Sign Sign
	// Reads is told the kind of each query outside units: "select" or "count". It
	// must return at once; nil tells nobody.
	Reads func(kind string)
	// Statements is told each statement of a query or a unit with its values, in the
	// context of who asked for it. It must return at once; nil tells nobody. Tests compare
	// what two requests cost with it, and run what one sends by itself.
	Statements func(ctx context.Context, text string, values []any)
	// Audit makes the audit entry of each unit; nil, which only tests, migrations and
	// seeds want, makes none.
	Audit Audit
	// Careless has SQLite answer before the disk has what it wrote: for a simulation, whose
	// data nobody misses.
	Careless bool
}

// Sign completes an event that is about to be appended with who did it for whom; its error
// fails the unit, as where nobody asks. It may be called again for the same event.
type Sign func(ctx context.Context, e *town.Event) error

func (cfg Config) withDefaults() Config {
	if cfg.Sign == nil {
		cfg.Sign = func(context.Context, *town.Event) error { return nil }
	}
	if cfg.Attach == nil {
		cfg.Attach = func(*ent.Client) {}
	}
	if cfg.Clock == nil {
		cfg.Clock = town.SystemClock{}
	}
	return cfg
}

// sqliteFile is the name of the database in its data folder.
const sqliteFile = "sportello.db"

// check refuses what would only fail with the first event.
func (cfg Config) check() error {
	if (cfg.Attach == nil) != (cfg.Sign == nil) {
		return errors.New("open the database: Attach and Sign go together")
	}
	return nil
}

// Open opens the database and brings its schema up to date, under a lock.
func Open(ctx context.Context, cfg Config) (*Store, error) {
	if err := cfg.check(); err != nil {
		return nil, err
	}
	cfg = cfg.withDefaults()
	if cfg.DSN == "" {
		return openSQLite(ctx, cfg)
	}
	return openMySQL(ctx, cfg)
}

func openSQLite(ctx context.Context, cfg Config) (*Store, error) {
	if err := os.MkdirAll(cfg.Dir, 0o700); err != nil {
		return nil, fmt.Errorf("make the data folder: %w", err)
	}
	lock, err := lockFolder(cfg.Dir)
	if err != nil {
		return nil, err
	}
	s, err := openSQLiteFile(ctx, cfg)
	if err != nil {
		_ = lock.Close()
		return nil, err
	}
	closePools := s.close
	s.close = func() error {
		defer func() { _ = lock.Close() }()
		return closePools()
	}
	return s, nil
}

func openSQLiteFile(ctx context.Context, cfg Config) (*Store, error) {
	path, mode := filepath.Join(cfg.Dir, sqliteFile), "rw"
	if cfg.Careless {
		mode = careless
	}
	writeDB, err := sql.Open("sqlite", sqliteDSN(path, mode))
	if err != nil {
		return nil, fmt.Errorf("open SQLite: %w", err)
	}
	writeDB.SetMaxOpenConns(1)
	if err := migrate(ctx, dialect.SQLite, writeDB); err != nil {
		_ = writeDB.Close()
		return nil, err
	}
	return sqliteStore(ctx, cfg, path, writeDB)
}

// sqliteStore adds readers and the writer to an open file, which it closes on an error.
func sqliteStore(ctx context.Context, cfg Config, path string, writeDB *sql.DB) (*Store, error) {
	readDB, err := sql.Open("sqlite", sqliteDSN(path, "ro"))
	if err != nil {
		_ = writeDB.Close()
		return nil, fmt.Errorf("open SQLite for reading: %w", err)
	}
	readers := max(4, 2*runtime.NumCPU())
	readDB.SetMaxOpenConns(readers)
	readDB.SetMaxIdleConns(readers)

	read := entClient(dialect.SQLite, overheardIf(countedIf(newPrepared(readDB), cfg.Reads), cfg.Statements))
	attach(read, cfg.Attach)
	w, err := newGroupWriter(ctx, writeDB, cfg)
	if err != nil {
		_ = writeDB.Close()
		_ = readDB.Close()
		return nil, err
	}
	return &Store{
		dialect: dialect.SQLite, clock: cfg.Clock, read: read, readDB: readDB, writer: w, audit: cfg.Audit, audited: &atomic.Int64{}, guard: &atomic.Pointer[Guard]{},
		close: func() error {
			w.stop()
			readErr := readDB.Close()
			if err := writeDB.Close(); err != nil {
				return fmt.Errorf("close SQLite: %w", err)
			}
			return readErr
		},
	}, nil
}

func openMySQL(ctx context.Context, cfg Config) (*Store, error) {
	db, err := mysqlPool(cfg)
	if err != nil {
		return nil, err
	}
	if err := migrate(ctx, dialect.MySQL, db); err != nil {
		_ = db.Close()
		return nil, err
	}
	return mysqlStore(cfg, db), nil
}

func mysqlPool(cfg Config) (*sql.DB, error) {
	driverCfg, err := mysqlConfig(cfg.DSN)
	if err != nil {
		return nil, err
	}
	connector, err := watched(driverCfg)
	if err != nil {
		return nil, err
	}
	db := sql.OpenDB(connector)
	db.SetMaxOpenConns(32)
	db.SetMaxIdleConns(32)
	db.SetConnMaxLifetime(5 * time.Minute)
	return db, nil
}

func mysqlStore(cfg Config, db *sql.DB) *Store {
	read := entClient(dialect.MySQL, overheardIf(countedIf(db, cfg.Reads), cfg.Statements))
	attach(read, cfg.Attach)
	return &Store{
		dialect: dialect.MySQL, clock: cfg.Clock, read: read, readDB: db, writer: newPoolWriter(db, cfg), audit: cfg.Audit, audited: &atomic.Int64{}, guard: &atomic.Pointer[Guard]{},
		close: func() error {
			if err := db.Close(); err != nil {
				return fmt.Errorf("close MySQL: %w", err)
			}
			return nil
		},
	}
}

// attach adds what every client of the house has.
func attach(client *ent.Client, more func(*ent.Client)) {
	client.Use(utcTimes)
	more(client)
}

// OpenReader opens an existing database for reading only, beside a running server:
// no migration, no writer. InTx fails.
func OpenReader(ctx context.Context, cfg Config) (*Store, error) {
	cfg = cfg.withDefaults()
	name, db, err := openReadPool(cfg)
	if err != nil {
		return nil, err
	}
	if err := db.PingContext(ctx); err != nil {
		_ = db.Close()
		return nil, fmt.Errorf("open the database: %w", err)
	}
	read := entClient(name, db)
	attach(read, cfg.Attach)
	return &Store{dialect: name, clock: cfg.Clock, read: read, readDB: db, writer: noWriter{}, close: db.Close, audited: &atomic.Int64{}, guard: &atomic.Pointer[Guard]{}}, nil
}

func openReadPool(cfg Config) (string, *sql.DB, error) {
	if cfg.DSN != "" {
		driverCfg, err := mysqlConfig(cfg.DSN)
		if err != nil {
			return "", nil, err
		}
		connector, err := newConnector(driverCfg)
		if err != nil {
			return "", nil, err
		}
		return dialect.MySQL, sql.OpenDB(connector), nil
	}
	path := filepath.Join(cfg.Dir, sqliteFile)
	if _, err := os.Stat(path); err != nil {
		return "", nil, errNoDatabase(cfg.Dir)
	}
	db, err := sql.Open("sqlite", sqliteDSN(path, "ro"))
	if err != nil {
		return "", nil, fmt.Errorf("open SQLite for reading: %w", err)
	}
	return dialect.SQLite, db, nil
}

// noWriter refuses every unit.
type noWriter struct{}

func (noWriter) run(context.Context, Unit) error {
	return errors.New("the database is open for reading only")
}

// EmptyJournal moves what was committed from SQLite's journal into the database and cuts
// the journal to nothing, so that no key that was destroyed lingers there. It waits some
// seconds for those who read and write, and fails if they do not pause. MySQL looks
// after its own.
func (s *Store) EmptyJournal(ctx context.Context) error {
	if s.dialect != dialect.SQLite {
		return nil
	}
	var busy, pages, moved int
	if err := s.readDB.QueryRowContext(ctx, "PRAGMA wal_checkpoint(TRUNCATE)").Scan(&busy, &pages, &moved); err != nil {
		return fmt.Errorf("empty the journal: %w", err)
	}
	if busy != 0 {
		return errors.New("empty the journal: the database is in use")
	}
	return nil
}
