// Package store opens the database, migrates it and is the one door to write.
// The database is the record: whatever has been answered was committed, and the
// events of a change are appended in the transaction that makes it.
package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"sync/atomic"
	"time"

	entsql "entgo.io/ent/dialect/sql"

	"github.com/spazio-in-comune/sportello/ent"
	"github.com/spazio-in-comune/sportello/internal/town"
)

// Store is an open database: readers with their own pool, and one way to write.
type Store struct {
	dialect string
	clock   town.Clock
	read    *ent.Client
	readDB  *sql.DB
	writer  writer
	close   func() error
	// onCommit rings the doorbell; see OnCommit.
	onCommit func()
	audit    Audit
	// audited counts the entries that were committed here; shared with moved stores.
	audited *atomic.Int64
	// guard is set by GuardWith; shared with moved stores.
	guard *atomic.Pointer[Guard]
}

// Unit is the body of a transaction. It does no I/O but the database, and may be
// run again from the start, so it must not change anything outside tx.
type Unit func(ctx context.Context, tx *Tx) error

// writer runs units, each atomically, and returns after the durable commit.
type writer interface {
	run(ctx context.Context, unit Unit) error
}

// Tx is what a unit works with.
type Tx struct {
	// Client reads and writes inside the transaction.
	*ent.Client
	// Now is the moment of the unit; use it for every stamp.
	Now time.Time

	events  []town.Event
	dialect string
	held    map[any]any
	audit   auditing
}

// Dialect is "sqlite3" or "mysql".
func (tx *Tx) Dialect() string { return tx.dialect }

// Hold keeps something for the rest of the unit, such as what is dear to read and is
// needed again. It is gone when the unit is over or run again.
func (tx *Tx) Hold(key, value any) {
	if tx.held == nil {
		tx.held = map[any]any{}
	}
	tx.held[key] = value
}

// Held is what was kept under the key; nil if nothing was.
func (tx *Tx) Held(key any) any { return tx.held[key] }

// Emit appends a business fact to the unit. It is stored with the unit's other
// changes or not at all; ID and At are set here.
func (tx *Tx) Emit(event town.Event) {
	event.ID = town.NewID(town.PrefixEvent, tx.Now)
	event.At = tx.Now
	tx.events = append(tx.events, event)
}

// Reader is the client for queries. What it returns is filtered by the viewer in
// the context.
func (s *Store) Reader() *ent.Client { return s.read }

// ReadDB is the pool under Reader, for the few statements that ent cannot say.
// Nothing filters them: the caller does.
func (s *Store) ReadDB() *sql.DB { return s.readDB }

// Dialect is "sqlite3" or "mysql".
func (s *Store) Dialect() string { return s.dialect }

// Clock is the business clock.
func (s *Store) Clock() town.Clock { return s.clock }

// OnCommit sets what is called after each commit that appended events. It must
// not block. Set it once, before the first unit runs.
func (s *Store) OnCommit(ring func()) { s.onCommit = ring }

// InTx runs the unit in a transaction and returns after the durable commit, or
// with the unit's error and no effect at all; also without any effect where whoever
// asks has lost a right meanwhile (see [Guard]). It goes on when the request is
// cancelled, so that nobody's hang-up undoes another's work.
func (s *Store) InTx(ctx context.Context, what string, unit Unit) error {
	var appended bool
	var audited int
	err := s.guarded(ctx, func(ctx context.Context, tx *Tx) error {
		appended = false
		if err := unit(ctx, tx); err != nil {
			return err
		}
		if err := s.check(ctx, tx); err != nil {
			return err
		}
		if err := s.ask(ctx, what, tx); err != nil {
			return err
		}
		appended, audited = len(tx.events) > 0, len(tx.audit.entries)
		return nil
	})
	if err != nil {
		return explain(what, err)
	}
	s.audited.Add(int64(audited))
	if appended && s.onCommit != nil {
		s.onCommit()
	}
	return nil
}

// explain keeps the house's own errors as they are and wraps the others.
func explain(what string, err error) error {
	var own *town.Error
	var problems town.Problems
	switch {
	case errors.As(err, &own), errors.As(err, &problems):
		return err
	case ent.IsNotFound(err):
		return town.ErrNotFound()
	case IsUnavailable(err):
		return &town.Error{
			Code: town.Unavailable, Message: "The service is not available right now. Please try again shortly.",
			MessageIT: "Il servizio non è disponibile in questo momento. Riprovare tra poco.", Cause: fmt.Errorf("%s: %w", what, err),
		}
	default:
		return fmt.Errorf("%s: %w", what, err)
	}
}

// Close stops the writer after the units that are waiting and closes the pools.
func (s *Store) Close() error { return s.close() }

// Ping reports whether the database answers.
func (s *Store) Ping(ctx context.Context) error {
	if err := s.readDB.PingContext(ctx); err != nil {
		return fmt.Errorf("ping the database: %w", err)
	}
	return nil
}

func entClient(dialect string, q entsql.ExecQuerier) *ent.Client {
	return ent.NewClient(ent.Driver(entsql.NewDriver(dialect, entsql.Conn{ExecQuerier: q})))
}
