package audit_test

import (
	"context"
	"fmt"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/spazio-in-comune/sportello/internal/audit"
	"github.com/spazio-in-comune/sportello/internal/audit/chain"
	"github.com/spazio-in-comune/sportello/internal/store"
	"github.com/spazio-in-comune/sportello/internal/store/dbtest"
	"github.com/spazio-in-comune/sportello/internal/town"
)

// benchEntries is how many entries are verified: a town's of some years.
// SPORTELLO_BENCH_AUDIT says otherwise.
const benchEntries = 1_000_000

// BenchmarkVerify verifies the audit, beside the limit: hashing the same bytes once, by one
// core and without a database.
func BenchmarkVerify(b *testing.B) {
	n := benchEntries
	if named, err := strconv.Atoi(os.Getenv("SPORTELLO_BENCH_AUDIT")); err == nil {
		n = named
	}
	for _, name := range dbtest.Expected(b) {
		h := open(b, dbtest.New(b, name), false)
		bodies := h.fill(b, n)
		b.Run(name+"/verify", func(b *testing.B) {
			for range b.N {
				report, err := audit.Verify(b.Context(), audit.Verification{Store: h.Store, Signed: h.vault.VerifySignature})
				if err != nil || len(report.Findings) > 0 || report.Entries != int64(n) {
					b.Fatalf("%+v, %v", report, err)
				}
			}
		})
		b.Run(name+"/hash", func(b *testing.B) {
			for range b.N {
				hash := chain.Genesis()
				for _, body := range bodies {
					hash = chain.Link(hash, body)
				}
			}
		})
	}
}

// fill writes a whole chain of n entries, many in a statement, and gives their texts.
func (h *house) fill(b *testing.B, n int) [][]byte {
	b.Helper()
	const atOnce, inOne = 500, 20_000
	hash, start := chain.Genesis(), time.Date(2026, 1, 2, 8, 0, 0, 0, time.UTC)
	bodies := make([][]byte, 0, n)
	for from := 0; from < n; from += inOne {
		err := h.InTx(b.Context(), "fill", func(ctx context.Context, tx *store.Tx) error {
			for some := from; some < min(from+inOne, n); some += atOnce {
				var entries, people []any
				for i := some; i < min(some+atOnce, from+inOne, n); i++ {
					e := benchEntry(i, start.Add(time.Duration(i)*time.Second))
					body := e.Encode()
					hash = chain.Link(hash, body)
					linked := hash
					bodies = append(bodies, body)
					entries = append(entries, i+1, i+1, town.Stamp(e.At), e.ActorID, body, linked[:])
					people = append(people, i+1, e.Subjects[0])
				}
				rows := len(people) / 2
				if _, err := tx.ExecContext(ctx, "INSERT INTO audit_entries (id, seq, at, actor_id, body, hash) VALUES (?, ?, ?, ?, ?, ?)"+
					strings.Repeat(", (?, ?, ?, ?, ?, ?)", rows-1), entries...); err != nil {
					return err
				}
				if _, err := tx.ExecContext(ctx, "INSERT INTO audit_subjects (entry_id, person_id) VALUES (?, ?)"+
					strings.Repeat(", (?, ?)", rows-1), people...); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			b.Fatal(err)
		}
	}
	err := h.InTx(b.Context(), "fill", func(ctx context.Context, tx *store.Tx) error {
		if _, err := tx.ExecContext(ctx, "DELETE FROM sequencers WHERE id = 'audit'"); err != nil {
			return err
		}
		_, err := tx.ExecContext(ctx, "INSERT INTO sequencers (id, last, holder, fence) VALUES ('audit', ?, '', 0)", n)
		return err
	})
	if err != nil {
		b.Fatal(err)
	}
	return bodies
}

// benchEntry is like those of an officer's work.
func benchEntry(i int, at time.Time) chain.Entry {
	id := func(prefix string, n int) string { return fmt.Sprintf("%s_01JDCZ5Q0V8R7M%012d", prefix, n) }
	return chain.Entry{
		ID: id("aud", i), At: at, Kind: chain.Write, ActorKind: "person", ActorID: id("per", i%40), Action: "takeCaseInCharge",
		Objects: []chain.Object{{ID: id("case", i/4)}}, Subjects: []string{id("per", 1000+i%50_000)}, Events: []string{id("evt", i)},
		Offices: []string{"stato-civile"}, Rules: []string{"officer own case:handle stato-civile"}, SignInID: id("sign", i%100), Address: "192.0.2.17",
	}
}
