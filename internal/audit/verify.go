package audit

import (
	"context"
	"database/sql"
	"fmt"
	"runtime"
	"sync/atomic"
	"time"

	"entgo.io/ent/dialect"
	"golang.org/x/sync/errgroup"

	"github.com/spazio-in-comune/sportello/internal/store"
)

// Verification says what to verify.
type Verification struct {
	Store *store.Store
	// Signed is nil if the town has signed the data; nil leaves the signatures unverified.
	Signed func(data, signature []byte) error
	// Kept are signed heads that were kept elsewhere.
	Kept []KeptHead
	// Progress is told now and then how many entries have been verified; nil tells nobody.
	Progress func(done, total int64)
}

// Finding is something that is not as it was written.
type Finding struct {
	Problem Problem `json:"problem"`
	// Seq is the place in the chain of the first entry concerned; 0 where the entry has none.
	Seq int64 `json:"seq"`
	// Other is the place of the second entry concerned; 0 if there is none.
	Other int64 `json:"other,omitempty"`
	// ID and At are of the entry, as far as it can be read.
	ID string `json:"id,omitempty"`
	At string `json:"at,omitempty"`
	// Detail says what exactly: a column, a person.
	Detail string `json:"detail,omitempty"`
}

// Problem classifies a finding.
type Problem string

// The problems.
const (
	// BodyChanged: the text of the entry is not the one that was linked; or the entry
	// before was written anew together with its hash.
	BodyChanged Problem = "BODY_CHANGED"
	// HashChanged: the hash of the entry was changed; its text is whole.
	HashChanged Problem = "HASH_CHANGED"
	// ColumnChanged: a column beside the text says something else than the text.
	ColumnChanged Problem = "COLUMN_CHANGED"
	// SubjectMissing and SubjectAdded: the list of persons, by which an entry is found, was
	// changed.
	SubjectMissing Problem = "SUBJECT_MISSING"
	SubjectAdded   Problem = "SUBJECT_ADDED"
	// EntryMissing: entries were taken out, from Seq to Other.
	EntryMissing Problem = "ENTRY_MISSING"
	// EntriesSwapped: two entries stand in each other's place.
	EntriesSwapped Problem = "ENTRIES_SWAPPED"
	// ChainBroken: the same, or entries between the two were taken out and the rest
	// renumbered.
	ChainBroken Problem = "CHAIN_BROKEN"
	// TailCut: the last entries were taken out, from Seq to Other.
	TailCut Problem = "TAIL_CUT"
	// EntryAdded: an entry stands where none belongs: after the end, or without a place.
	EntryAdded Problem = "ENTRY_ADDED"
	// HeadForged: the signature of a head is not the town's.
	HeadForged Problem = "HEAD_FORGED"
	// HeadMissing: a head that was kept elsewhere is no longer in the database.
	HeadMissing Problem = "HEAD_MISSING"
	// HeadDiffers: the town has signed another hash at this place: the chain was written
	// anew from some entry up to here.
	HeadDiffers Problem = "HEAD_DIFFERS"
)

// Report is what a verification has found.
type Report struct {
	// Entries is how many were verified, Last the place of the last.
	Entries int64 `json:"entries"`
	Last    int64 `json:"last"`
	// Waiting entries are committed and not linked yet: a moment's work of the server.
	Waiting int64 `json:"waiting"`
	// Heads and Kept are how many signed heads were compared: the database's, and those kept
	// elsewhere. SignedUpTo is the last entry that a good one covers.
	Heads      int   `json:"heads"`
	Kept       int   `json:"kept"`
	SignedUpTo int64 `json:"signedUpTo"`
	// Findings are sorted by place; at most [maxFindings].
	Findings []Finding     `json:"findings"`
	Took     time.Duration `json:"-"`
}

// maxFindings bounds a report: whoever rewrote a million entries is found at the first.
const maxFindings = 100

// rangeSize is how many entries are read at once.
const rangeSize = 20_000

// verifier is one run.
type verifier struct {
	Verification
	db    *sql.DB
	heads headSet
	// total is the last place, cut the last that there must have been.
	total, cut int64

	done    atomic.Int64
	found   findings
	strange strangers
}

// Verify reads the whole audit beside a running server, and says what is not as it was
// written. It is an error only if it could not be done.
func Verify(ctx context.Context, what Verification) (*Report, error) {
	start := time.Now()
	v := &verifier{Verification: what, db: what.Store.ReadDB()}
	report := &Report{Kept: len(what.Kept)}
	// Heads first: the chain only grows, so each must have its entry.
	stored, err := v.storedHeads(ctx)
	if err != nil {
		return nil, err
	}
	report.Heads = len(stored)
	v.checkSignatures(stored, what.Kept)
	if err := v.measure(ctx, report); err != nil {
		return nil, err
	}
	if err := v.readAll(ctx); err != nil {
		return nil, err
	}
	if err := v.checkStrangers(ctx); err != nil {
		return nil, err
	}
	v.checkHeads(report)
	if v.cut > v.total {
		v.found.add(Finding{Problem: TailCut, Seq: v.total + 1, Other: v.cut})
	}
	if err := v.settle(ctx); err != nil {
		return nil, err
	}
	report.Findings = v.found.sorted()
	report.Entries = v.done.Load()
	report.Took = time.Since(start)
	return report, nil
}

// measure finds the end of the chain, and what stands after it.
func (v *verifier) measure(ctx context.Context, report *Report) error {
	var promised, linked sql.NullInt64
	err := v.db.QueryRowContext(ctx, "SELECT (SELECT last FROM sequencers WHERE id = ?), (SELECT MAX(seq) FROM audit_entries)", store.AuditSequencer).
		Scan(&promised, &linked)
	if err == nil {
		err = v.db.QueryRowContext(ctx, "SELECT COUNT(*) FROM audit_entries WHERE seq IS NULL").Scan(&report.Waiting)
	}
	if err != nil {
		return fmt.Errorf("read how long the audit is: %w", err)
	}
	v.total, report.Last = linked.Int64, linked.Int64
	v.cut = promised.Int64
	if promised.Int64 < linked.Int64 {
		v.found.add(Finding{Problem: EntryAdded, Seq: promised.Int64 + 1, Other: linked.Int64, Detail: "after the end of the chain"})
	}
	if v.Store.Dialect() == dialect.SQLite && report.Waiting > 0 {
		v.found.add(Finding{Problem: EntryAdded, Detail: fmt.Sprintf("%d entries without a place: on SQLite every entry is linked when it is written", report.Waiting)})
	}
	return nil
}

// readAll reads the chain in ranges, several at a time.
func (v *verifier) readAll(ctx context.Context) error {
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(max(2, runtime.GOMAXPROCS(0)))
	for from := int64(1); from <= v.total; from += rangeSize {
		group.Go(func() error {
			if err := v.readRange(ctx, from, min(from+rangeSize-1, v.total)); err != nil {
				return fmt.Errorf("read the audit from entry %d: %w", from, err)
			}
			return nil
		})
	}
	return group.Wait()
}

// told adds to what has been verified.
func (v *verifier) told(entries int64) {
	done := v.done.Add(entries)
	if v.Progress != nil {
		v.Progress(done, v.total)
	}
}
