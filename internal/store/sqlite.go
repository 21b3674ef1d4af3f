package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"sync"

	"entgo.io/ent/dialect"
	entsql "entgo.io/ent/dialect/sql"

	"github.com/spazio-in-comune/sportello/ent"
	"github.com/spazio-in-comune/sportello/internal/town"
)

// maxBatch bounds how many units share one commit.
const maxBatch = 256

// groupWriter is SQLite's single writer. It runs all units that are waiting, each
// in a savepoint of its own, commits them together and only then answers: one
// sync to disk serves many.
type groupWriter struct {
	conn  *sql.Conn
	sql   *prepared   // on conn
	base  *ent.Client // its transactions are savepoints on conn
	clock town.Clock
	sign  Sign

	queue   chan *job
	stopped chan struct{}
	once    sync.Once
}

type job struct {
	ctx  context.Context
	unit Unit
	err  error
	done chan struct{}
}

var errStopped = errors.New("the database is closing")

func newGroupWriter(ctx context.Context, db *sql.DB, cfg Config) (*groupWriter, error) {
	conn, err := db.Conn(ctx)
	if err != nil {
		return nil, fmt.Errorf("take the writing connection: %w", err)
	}
	statements := newPrepared(conn)
	var heard entsql.ExecQuerier = statements
	if cfg.Statements != nil {
		heard = overheard{statements, ofUnits(cfg.Statements)}
	}
	driver := savepointDriver{entsql.NewDriver(dialect.SQLite, entsql.Conn{ExecQuerier: heard})}
	base := ent.NewClient(ent.Driver(driver))
	attach(base, cfg.Attach)
	w := &groupWriter{conn: conn, sql: statements, base: base, clock: cfg.Clock, sign: cfg.Sign, queue: make(chan *job, maxBatch), stopped: make(chan struct{})}
	go w.loop()
	return w, nil
}

func (w *groupWriter) run(ctx context.Context, unit Unit) (err error) {
	defer func() { // the queue is closed once the store is
		if recover() != nil {
			err = errStopped
		}
	}()
	j := &job{ctx: ctx, unit: unit, done: make(chan struct{})}
	w.queue <- j
	<-j.done
	return j.err
}

func (w *groupWriter) stop() {
	w.once.Do(func() { close(w.queue) })
	<-w.stopped
}

func (w *groupWriter) loop() {
	defer close(w.stopped)
	defer func() { _ = w.conn.Close() }()
	for first := range w.queue {
		batch := []*job{first}
	collect:
		for len(batch) < maxBatch {
			select {
			case j, ok := <-w.queue:
				if !ok {
					break collect
				}
				batch = append(batch, j)
			default:
				break collect
			}
		}
		w.commit(batch)
		for _, j := range batch {
			close(j.done)
		}
	}
}

// commit runs the batch in one transaction. A unit that fails loses only its own
// savepoint; a failing commit fails them all.
func (w *groupWriter) commit(batch []*job) {
	ctx := context.Background()
	fail := func(err error) {
		for _, j := range batch {
			if j.err == nil {
				j.err = err
			}
		}
	}
	if _, err := w.sql.ExecContext(ctx, "BEGIN IMMEDIATE"); err != nil {
		fail(fmt.Errorf("begin: %w", err))
		return
	}
	n, err := w.numbers(ctx)
	if err == nil {
		before := n
		for _, j := range batch {
			j.err = w.runUnit(j, &n)
		}
		err = w.moveOn(ctx, before, n)
	}
	if err == nil {
		_, err = w.sql.ExecContext(ctx, "COMMIT")
	}
	if err != nil {
		_, _ = w.sql.ExecContext(ctx, "ROLLBACK")
		fail(fmt.Errorf("commit: %w", err))
	}
}

// runUnit runs one unit in its savepoint and moves the numbers on by its events and its
// entries in the audit.
func (w *groupWriter) runUnit(j *job, n *numbers) (err error) {
	entTx, err := w.base.Tx(j.ctx)
	if err != nil {
		return fmt.Errorf("open a savepoint: %w", err)
	}
	defer func() {
		if p := recover(); p != nil {
			_ = entTx.Rollback()
			err = fmt.Errorf("unit panicked: %v", p)
		}
	}()
	next := *n
	tx := &Tx{Client: entTx.Client(), Now: w.clock.Now(), dialect: dialect.SQLite}
	if err = j.unit(j.ctx, tx); err == nil {
		err = insertEvents(j.ctx, tx, w.sign, &next.event)
	}
	if err == nil {
		err = insertEntries(j.ctx, tx.Client, tx.audit.entries, &next.audit)
	}
	if err != nil {
		return errors.Join(err, entTx.Rollback())
	}
	if err := entTx.Commit(); err != nil {
		return fmt.Errorf("release the savepoint: %w", err)
	}
	*n = next
	return nil
}

// savepointDriver makes ent's transactions savepoints on one connection that is
// already in a transaction. They do not nest: units never open another.
type savepointDriver struct{ *entsql.Driver }

// Tx implements dialect.Driver.
func (d savepointDriver) Tx(ctx context.Context) (dialect.Tx, error) {
	if _, err := d.ExecContext(ctx, "SAVEPOINT unit"); err != nil {
		return nil, fmt.Errorf("savepoint: %w", err)
	}
	return savepoint(d), nil
}

// savepoint implements dialect.Tx.
type savepoint struct{ *entsql.Driver }

// Tx implements dialect.Driver: statements that want a transaction of their own
// are already inside one.
func (s savepoint) Tx(context.Context) (dialect.Tx, error) { return dialect.NopTx(s), nil }

// Commit implements dialect.Tx.
func (s savepoint) Commit() error {
	_, err := s.ExecContext(context.Background(), "RELEASE unit")
	return err
}

// Rollback implements dialect.Tx.
func (s savepoint) Rollback() error {
	ctx := context.Background()
	if _, err := s.ExecContext(ctx, "ROLLBACK TO unit"); err != nil {
		return fmt.Errorf("roll back to the savepoint: %w", err)
	}
	_, err := s.ExecContext(ctx, "RELEASE unit")
	return err
}
