package store

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/spazio-in-comune/sportello/ent"
	"github.com/spazio-in-comune/sportello/internal/audit/chain"
	"github.com/spazio-in-comune/sportello/internal/town"
)

// AuditSequencer is the name of the row that says how long the audit's chain is.
const AuditSequencer = "audit"

// Audit makes the entry of a unit that is about to be committed, from whoever is in the
// context; nil where there is nothing to say. Its error fails the unit: what cannot be
// audited does not happen. It may be called again for the same unit.
type Audit func(ctx context.Context, unit Written) (*chain.Entry, error)

// Written is what a unit has done.
type Written struct {
	// What is the name of the unit.
	What string
	// Result is the id that a unit of [Store.Once] returns.
	Result string
	Now    time.Time
	Events []town.Event
	// Tx is the unit's transaction, for what the entry needs of the database.
	Tx *Tx
}

// auditing is what a unit says to the audit.
type auditing struct {
	entries []chain.Entry
	result  string
	// nothing: the unit changed nothing that anybody asked for.
	nothing bool
}

// Audit appends an entry to the unit, instead of the one that the store would ask for.
// It is stored with the unit's other changes or not at all. An empty ID or At is set.
func (tx *Tx) Audit(e chain.Entry) {
	if e.ID == "" {
		e.ID = town.NewID(town.PrefixAudit, tx.Now)
	}
	if e.At.IsZero() {
		e.At = tx.Now
	}
	tx.audit.entries = append(tx.audit.entries, e)
}

// Derived says that the unit only keeps what follows from events, and could be made again
// from them: whoever did what they tell has been audited, and the unit has no entry.
func (tx *Tx) Derived() { tx.audit.nothing = true }

// Audited is how many entries were appended through this store since it was opened.
func (s *Store) Audited() int64 { return s.audited.Load() }

// ask adds the entry of a unit that has none of its own. A request that is only repeated,
// or refused, has changed nothing and leaves none.
func (s *Store) ask(ctx context.Context, what string, tx *Tx) error {
	if s.audit == nil || tx.audit.nothing || len(tx.audit.entries) > 0 {
		return nil
	}
	entry, err := s.audit(ctx, Written{What: what, Result: tx.audit.result, Now: tx.Now, Events: tx.events, Tx: tx})
	if err != nil {
		return fmt.Errorf("audit: %w", err)
	}
	if entry != nil {
		tx.Audit(*entry)
	}
	return nil
}

// end is the end of the chain: where the next entry is linked.
type end struct {
	seq  int64
	hash chain.Hash
}

// insertEntries writes the unit's audit entries. With last not nil it links them as it
// goes; else they stay unlinked until the lease holder does it.
func insertEntries(ctx context.Context, client *ent.Client, entries []chain.Entry, last *end) error {
	for _, e := range entries {
		body := e.Encode()
		var seq, hash any
		if last != nil {
			last.seq++
			last.hash = chain.Link(last.hash, body)
			seq, hash = last.seq, last.hash[:]
		}
		result, err := client.ExecContext(ctx, "INSERT INTO audit_entries (seq, at, actor_id, body, hash) VALUES (?, ?, ?, ?, ?)",
			seq, town.Stamp(e.At), e.ActorID, body, hash)
		if err != nil {
			return fmt.Errorf("append to the audit: %w", err)
		}
		id, err := result.LastInsertId()
		if err != nil {
			return fmt.Errorf("append to the audit: %w", err)
		}
		if err := insertSubjects(ctx, client, id, chain.Subjects(e)); err != nil {
			return err
		}
	}
	return nil
}

// subjectsAtOnce bounds the rows of one statement.
const subjectsAtOnce = 500

func insertSubjects(ctx context.Context, client *ent.Client, entry int64, subjects []string) error {
	for len(subjects) > 0 {
		some := subjects[:min(len(subjects), subjectsAtOnce)]
		subjects = subjects[len(some):]
		args := make([]any, 0, 2*len(some))
		for _, person := range some {
			args = append(args, entry, person)
		}
		statement := "INSERT INTO audit_subjects (entry_id, person_id) VALUES (?, ?)" + strings.Repeat(", (?, ?)", len(some)-1)
		if _, err := client.ExecContext(ctx, statement, args...); err != nil {
			return fmt.Errorf("append the persons concerned to the audit: %w", err)
		}
	}
	return nil
}
