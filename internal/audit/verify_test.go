package audit_test

import (
	"bytes"
	"fmt"
	"maps"
	"os"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/spazio-in-comune/sportello/internal/audit"
)

// entries is how many a chain of the tests has; heads are signed in its middle and at its end.
const entries = 60

func signedChain(t *testing.T, h *house) {
	t.Helper()
	for range 2 {
		h.appendEntries(t, entries/2)
		if err := h.audit.Sign(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
}

func kept(t *testing.T, h *house) []audit.KeptHead {
	t.Helper()
	text, err := os.ReadFile(h.heads)
	if err != nil {
		t.Fatal(err)
	}
	heads, err := audit.ReadHeads(bytes.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	return heads
}

func TestWholeChain(t *testing.T) {
	t.Parallel()
	each(t, false, func(t *testing.T, h *house) {
		if report := h.verify(t); len(report.Findings) > 0 || report.Entries != 0 {
			t.Errorf("an empty audit gives %+v", report)
		}
		signedChain(t, h)
		report := h.verify(t, kept(t, h)...)
		report.Took = 0
		want := &audit.Report{Entries: entries, Last: entries, Heads: 2, Kept: 2, SignedUpTo: entries, Findings: []audit.Finding{}}
		if diff := cmp.Diff(want, report); diff != "" {
			t.Errorf("a whole chain (-want +got):\n%s", diff)
		}
	})
}

// tampering is one way to change the audit behind the house's back, and what must be
// said of it.
type tampering struct {
	does  func(h *house, t *rapid.T, seq int64)
	finds func(seq int64) audit.Finding
	// last is how near to the end it may happen.
	last int64
}

const swapWith = 5

// tamperings are all of them. Statements work on SQLite and MySQL.
func tamperings() map[string]tampering {
	exec := func(statement string) func(*house, *rapid.T, int64) {
		return func(h *house, t *rapid.T, seq int64) { h.exec(t, statement, seq) }
	}
	found := func(p audit.Problem, detail string) func(int64) audit.Finding {
		return func(seq int64) audit.Finding { return audit.Finding{Problem: p, Seq: seq, Detail: detail} }
	}
	rowOf := "(SELECT id FROM audit_entries WHERE seq = ?)"
	return map[string]tampering{
		"a byte of the text": {does: changeByte("body"), finds: found(audit.BodyChanged, "")},
		"a byte of the hash": {does: changeByte("hash"), finds: found(audit.HashChanged, ""), last: 1},
		"the moment":         {does: exec("UPDATE audit_entries SET at = '2020-01-01 00:00:00' WHERE seq = ?"), finds: found(audit.ColumnChanged, "at")},
		"the actor":          {does: exec("UPDATE audit_entries SET actor_id = 'per_other' WHERE seq = ?"), finds: found(audit.ColumnChanged, "actor_id")},
		"a person put in":    {does: exec("INSERT INTO audit_subjects (entry_id, person_id) VALUES (" + rowOf + ", 'per_zzz')"), finds: found(audit.SubjectAdded, "per_zzz")},
		"an entry taken out": {does: takeOut, finds: func(seq int64) audit.Finding {
			return audit.Finding{Problem: audit.EntryMissing, Seq: seq, Other: seq}
		}, last: 1},
		"two swapped": {does: swap("seq"), finds: func(seq int64) audit.Finding {
			return audit.Finding{Problem: audit.EntriesSwapped, Seq: seq, Other: seq + swapWith}
		}, last: swapWith},
		"two neighbours swapped": {does: swapPlaces(1), finds: func(seq int64) audit.Finding {
			return audit.Finding{Problem: audit.EntriesSwapped, Seq: seq, Other: seq + 1}
		}, last: 1},
		"two texts swapped": {does: swap("body"), finds: func(seq int64) audit.Finding {
			return audit.Finding{Problem: audit.EntriesSwapped, Seq: seq, Other: seq + swapWith}
		}, last: swapWith},
		"a cut tail": {does: cutTail(false), finds: func(seq int64) audit.Finding {
			return audit.Finding{Problem: audit.TailCut, Seq: seq, Other: entries}
		}},
		"a cut tail, the count too": {does: cutTail(true), finds: func(seq int64) audit.Finding {
			return audit.Finding{Problem: audit.TailCut, Seq: seq, Other: entries}
		}},
	}
}

// changeByte changes one byte of a column, at any place but where it is the same again.
func changeByte(column string) func(*house, *rapid.T, int64) {
	return func(h *house, t *rapid.T, seq int64) {
		var value []byte
		if err := h.ReadDB().QueryRow("SELECT "+column+" FROM audit_entries WHERE seq = ?", seq).Scan(&value); err != nil {
			t.Fatalf("read: %v", err)
		}
		value[rapid.IntRange(0, len(value)-1).Draw(t, "byte")] ^= 1 << rapid.IntRange(0, 7).Draw(t, "bit")
		h.exec(t, "UPDATE audit_entries SET "+column+" = ? WHERE seq = ?", value, seq)
	}
}

func takeOut(h *house, t *rapid.T, seq int64) {
	h.exec(t, "DELETE FROM audit_subjects WHERE entry_id = (SELECT id FROM audit_entries WHERE seq = ?)", seq)
	h.exec(t, "DELETE FROM audit_entries WHERE seq = ?", seq)
}

func swapPlaces(by int64) func(*house, *rapid.T, int64) {
	return func(h *house, t *rapid.T, seq int64) {
		h.exec(t, "UPDATE audit_entries SET seq = -1 WHERE seq = ?", seq)
		h.exec(t, "UPDATE audit_entries SET seq = ? WHERE seq = ?", seq, seq+by)
		h.exec(t, "UPDATE audit_entries SET seq = ? WHERE seq = -1", seq+by)
	}
}

func swap(column string) func(*house, *rapid.T, int64) {
	if column == "seq" {
		return swapPlaces(swapWith)
	}
	return func(h *house, t *rapid.T, seq int64) {
		var one, two []byte
		for s, into := range map[int64]*[]byte{seq: &one, seq + swapWith: &two} {
			if err := h.ReadDB().QueryRow("SELECT body FROM audit_entries WHERE seq = ?", s).Scan(into); err != nil {
				t.Fatalf("read: %v", err)
			}
		}
		h.exec(t, "UPDATE audit_entries SET body = ? WHERE seq = ?", two, seq)
		h.exec(t, "UPDATE audit_entries SET body = ? WHERE seq = ?", one, seq+swapWith)
	}
}

func cutTail(countToo bool) func(*house, *rapid.T, int64) {
	return func(h *house, t *rapid.T, seq int64) {
		h.exec(t, "DELETE FROM audit_subjects WHERE entry_id IN (SELECT id FROM audit_entries WHERE seq >= ?)", seq)
		h.exec(t, "DELETE FROM audit_entries WHERE seq >= ?", seq)
		if countToo {
			h.exec(t, "UPDATE sequencers SET last = ? WHERE id = 'audit'", seq-1)
			h.exec(t, "DELETE FROM audit_heads WHERE id >= ?", seq)
		}
	}
}

// TestTamperingIsFoundAndLocated does any harm at any place, and looks for it.
func TestTamperingIsFoundAndLocated(t *testing.T) {
	t.Parallel()
	all := tamperings()
	names := slices.Sorted(maps.Keys(all))
	each(t, false, func(t *testing.T, h *house) {
		signedChain(t, h)
		heads := kept(t, h)
		keepCopy(t, h)
		rapid.Check(t, func(t *rapid.T) {
			name := rapid.SampledFrom(names).Draw(t, "what")
			how := all[name]
			seq := rapid.Int64Range(1, entries-how.last).Draw(t, "seq")
			defer restore(h, t)
			how.does(h, t, seq)
			report := h.verify(t, heads...)
			want := how.finds(seq)
			for _, f := range report.Findings {
				if f.Problem == want.Problem && f.Seq == want.Seq && f.Other == want.Other && f.Detail == want.Detail {
					return
				}
			}
			t.Fatalf("%s at %d: want %+v, found %+v", name, seq, want, report.Findings)
		})
		if report := h.verify(t, heads...); len(report.Findings) > 0 {
			t.Errorf("restored, it finds %+v", report.Findings)
		}
	})
}

// keepCopy and restore put the tables back.
func keepCopy(t *testing.T, h *house) {
	t.Helper()
	for _, table := range []string{"audit_entries", "audit_subjects", "audit_heads"} {
		h.exec(t, fmt.Sprintf("CREATE TABLE copy_%s AS SELECT * FROM %s", table, table))
	}
}

func restore(h *house, t *rapid.T) {
	for _, table := range []string{"audit_entries", "audit_subjects", "audit_heads"} {
		h.exec(t, "DELETE FROM "+table)
		h.exec(t, fmt.Sprintf("INSERT INTO %s SELECT * FROM copy_%s", table, table))
	}
	h.exec(t, "UPDATE sequencers SET last = ? WHERE id = 'audit'", entries)
}

func TestSubjectTakenOut(t *testing.T) {
	t.Parallel()
	each(t, false, func(t *testing.T, h *house) {
		h.appendEntries(t, 5)
		h.exec(t, "DELETE FROM audit_subjects WHERE person_id = ? AND entry_id IN (SELECT id FROM audit_entries WHERE seq = ?)", "per_citizen2", 3)
		report := h.verify(t)
		if len(report.Findings) != 1 || report.Findings[0].Problem != audit.SubjectMissing || report.Findings[0].Seq != 3 || report.Findings[0].Detail != "per_citizen2" {
			t.Errorf("found %+v", report.Findings)
		}
	})
}

func TestForgedHead(t *testing.T) {
	t.Parallel()
	each(t, false, func(t *testing.T, h *house) {
		signedChain(t, h)
		h.exec(t, "UPDATE audit_heads SET hash = ? WHERE id = ?", bytes.Repeat([]byte{7}, 32), entries/2)
		report := h.verify(t)
		want := []audit.Finding{{Problem: audit.HeadForged, Seq: entries / 2, Detail: "in the database"}}
		for i := range report.Findings {
			report.Findings[i].ID, report.Findings[i].At = "", ""
		}
		if diff := cmp.Diff(want, report.Findings); diff != "" {
			t.Errorf("a forged head (-want +got):\n%s", diff)
		}
	})
}

// TestHistoryWrittenAnew replaces the chain from an entry on by another that is whole in
// itself: only a signed head can tell.
func TestHistoryWrittenAnew(t *testing.T) {
	t.Parallel()
	each(t, false, func(t *testing.T, h *house) {
		signedChain(t, h)
		heads := kept(t, h)
		for _, table := range []string{"audit_entries", "audit_subjects", "audit_heads"} {
			h.exec(t, "DELETE FROM "+table)
		}
		h.exec(t, "UPDATE sequencers SET last = 0 WHERE id = 'audit'")
		h.appendEntries(t, entries)
		if report := h.verify(t); len(report.Findings) > 0 {
			t.Errorf("by itself the new chain is not whole: %+v", report.Findings)
		}
		problems := map[audit.Problem]int64{}
		for _, f := range h.verify(t, heads...).Findings {
			problems[f.Problem] = max(problems[f.Problem], f.Seq)
		}
		if diff := cmp.Diff(map[audit.Problem]int64{audit.HeadDiffers: entries, audit.HeadMissing: entries}, problems); diff != "" {
			t.Errorf("against the heads that were kept (-want +got):\n%s", diff)
		}
	})
}
