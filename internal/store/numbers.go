package store

import (
	"context"
	"fmt"

	"github.com/spazio-in-comune/sportello/internal/audit/chain"
)

// numbers are where SQLite's single writer goes on: the last event, and the end of the
// audit's chain. They are read in each transaction: another process may have written.
type numbers struct {
	event int64
	audit end
}

// numbers reads both, and makes the rows that are missing.
func (w *groupWriter) numbers(ctx context.Context) (numbers, error) {
	var n numbers
	known, err := w.scan(ctx, []any{&n.event}, "SELECT last FROM sequencers WHERE id = ?", EventSequencer)
	if err == nil && !known {
		err = w.makeSequencer(ctx, EventSequencer)
	}
	if err != nil {
		return n, fmt.Errorf("read the last event number: %w", err)
	}
	n.audit.hash = chain.Genesis()
	var hash []byte
	// The hash is that of the row itself, so that no crash comes between the two. Where
	// that row was taken away the chain begins anew: a break that anybody can see.
	known, err = w.scan(ctx, []any{&n.audit.seq, &hash},
		"SELECT s.last, e.hash FROM sequencers s LEFT JOIN audit_entries e ON e.seq = s.last WHERE s.id = ?", AuditSequencer)
	if err == nil && !known {
		err = w.makeSequencer(ctx, AuditSequencer)
	}
	if err != nil {
		return n, fmt.Errorf("read the end of the audit: %w", err)
	}
	if len(hash) == len(n.audit.hash) {
		n.audit.hash = chain.Hash(hash)
	}
	return n, nil
}

// moveOn stores how far the batch has come.
func (w *groupWriter) moveOn(ctx context.Context, before, now numbers) error {
	for _, s := range []struct {
		id           string
		before, last int64
	}{{EventSequencer, before.event, now.event}, {AuditSequencer, before.audit.seq, now.audit.seq}} {
		if s.last == s.before {
			continue
		}
		if _, err := w.sql.ExecContext(ctx, "UPDATE sequencers SET last = ? WHERE id = ?", s.last, s.id); err != nil {
			return fmt.Errorf("move the sequencer %s on: %w", s.id, err)
		}
	}
	return nil
}

func (w *groupWriter) makeSequencer(ctx context.Context, id string) error {
	_, err := w.sql.ExecContext(ctx, "INSERT INTO sequencers (id, last, holder, fence) VALUES (?, 0, '', 0)", id)
	return err
}

// scan reads the one row of a query; false if there is none.
func (w *groupWriter) scan(ctx context.Context, into []any, query string, args ...any) (found bool, err error) {
	rows, err := w.sql.QueryContext(ctx, query, args...)
	if err != nil {
		return false, err
	}
	defer func() { _ = rows.Close() }()
	if !rows.Next() {
		return false, rows.Err()
	}
	return true, rows.Scan(into...)
}
