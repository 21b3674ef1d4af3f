package stream

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"

	"github.com/spazio-in-comune/sportello/internal/audit/chain"
	"github.com/spazio-in-comune/sportello/internal/store"
)

// linkBatch is how many entries of the audit are linked in one transaction.
const linkBatch = 512

// unlinked is an entry that has been committed and has no place in the chain yet.
type unlinked struct {
	id   int64
	body []byte
}

// link ties committed entries of the audit into the chain, in the order of their ids,
// under the same fence as the numbers of events. It says how many it was.
func (r *relay) link(ctx context.Context) (int, error) {
	waiting, err := r.waiting(ctx)
	if err != nil || waiting == 0 {
		return 0, err
	}
	var n int
	err = r.store.InTx(ctx, "link the audit", func(ctx context.Context, tx *store.Tx) error {
		n = 0
		if err := r.holdRow(ctx, tx); err != nil {
			return err
		}
		entries, err := unlinkedEntries(ctx, tx)
		if err != nil || len(entries) == 0 {
			return err
		}
		last, before, err := endOfChain(ctx, tx)
		if err != nil {
			return err
		}
		if err := setLinks(ctx, tx, entries, last, before); err != nil {
			return err
		}
		_, err = tx.ExecContext(ctx, "UPDATE sequencers SET last = ? WHERE id = ?", last+int64(len(entries)), store.AuditSequencer)
		if err != nil {
			return fmt.Errorf("move the audit's sequencer on: %w", err)
		}
		n = len(entries)
		return nil
	})
	if err != nil {
		return 0, err
	}
	r.stats.Linked.Add(int64(n))
	r.stats.Unlinked.Store(max(0, waiting-int64(n)))
	return n, nil
}

// holdRow takes the sequencer's row until the commit, if its fence is still this
// replica's, and renews the lease.
func (r *relay) holdRow(ctx context.Context, tx *store.Tx) error {
	held, err := affected(tx.ExecContext(ctx, "UPDATE sequencers SET lease_until = "+fromNow+" WHERE id = ? AND fence = ?",
		r.lease.Microseconds(), store.EventSequencer, r.fence))
	if err != nil {
		return fmt.Errorf("renew the lease: %w", err)
	}
	if held == 0 {
		return errNotHolder
	}
	return nil
}

// waiting counts the entries without a place: by an index, and there are few.
func (r *relay) waiting(ctx context.Context) (n int64, err error) {
	ctx, cancel := readContext(ctx)
	defer cancel()
	err = r.store.ReadDB().QueryRowContext(ctx, "SELECT COUNT(*) FROM audit_entries WHERE seq IS NULL").Scan(&n)
	if err != nil {
		return 0, fmt.Errorf("count entries of the audit without a place: %w", err)
	}
	r.stats.Unlinked.Store(n)
	return n, nil
}

func unlinkedEntries(ctx context.Context, tx *store.Tx) ([]unlinked, error) {
	rows, err := tx.QueryContext(ctx, "SELECT id, body FROM audit_entries WHERE seq IS NULL ORDER BY id LIMIT ?", linkBatch)
	if err != nil {
		return nil, fmt.Errorf("find entries of the audit without a place: %w", err)
	}
	defer func() { _ = rows.Close() }()
	var entries []unlinked
	for rows.Next() {
		var e unlinked
		if err := rows.Scan(&e.id, &e.body); err != nil {
			return nil, fmt.Errorf("read an entry of the audit: %w", err)
		}
		entries = append(entries, e)
	}
	return entries, rows.Err()
}

// endOfChain is the place and the hash of the last entry. Where that entry was taken away
// the chain begins anew: a break that anybody can see.
func endOfChain(ctx context.Context, tx *store.Tx) (last int64, hash chain.Hash, err error) {
	rows, err := tx.QueryContext(ctx,
		"SELECT s.last, e.hash FROM sequencers s LEFT JOIN audit_entries e ON e.seq = s.last WHERE s.id = ?", store.AuditSequencer)
	if err != nil {
		return 0, hash, fmt.Errorf("read the end of the audit: %w", err)
	}
	defer func() { _ = rows.Close() }()
	hash = chain.Genesis()
	if !rows.Next() {
		if err := errors.Join(rows.Err(), rows.Close()); err != nil {
			return 0, hash, fmt.Errorf("read the end of the audit: %w", err)
		}
		return 0, hash, makeAuditSequencer(ctx, tx)
	}
	var stored sql.RawBytes
	if err := rows.Scan(&last, &stored); err != nil {
		return 0, hash, fmt.Errorf("read the end of the audit: %w", err)
	}
	if len(stored) == len(hash) {
		hash = chain.Hash(stored)
	}
	return last, hash, nil
}

func makeAuditSequencer(ctx context.Context, tx *store.Tx) error {
	if err := tx.Sequencer.Create().SetID(store.AuditSequencer).Exec(ctx); err != nil {
		return fmt.Errorf("make the audit's sequencer: %w", err)
	}
	return nil
}

// setLinks gives the entries the places after last and their hashes, in one statement.
func setLinks(ctx context.Context, tx *store.Tx, entries []unlinked, last int64, before chain.Hash) error {
	seqs, hashes := make([]any, 0, 5*len(entries)), make([]any, 0, 2*len(entries))
	ids := make([]any, len(entries))
	for i, e := range entries {
		before = chain.Link(before, e.body)
		hash := before
		ids[i] = e.id
		seqs = append(seqs, e.id, last+1+int64(i))
		hashes = append(hashes, e.id, hash[:])
	}
	cases := strings.Repeat(" WHEN ? THEN ?", len(entries))
	statement := "UPDATE audit_entries SET seq = CASE id" + cases + " END, hash = CASE id" + cases +
		" END WHERE seq IS NULL AND id IN (?" + strings.Repeat(", ?", len(entries)-1) + ")"
	changed, err := affected(tx.ExecContext(ctx, statement, append(append(seqs, hashes...), ids...)...))
	if err != nil {
		return fmt.Errorf("link %d entries of the audit: %w", len(entries), err)
	}
	if changed != int64(len(entries)) {
		return fmt.Errorf("link %d entries of the audit: the database changed %d", len(entries), changed)
	}
	return nil
}
