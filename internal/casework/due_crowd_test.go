package casework_test

import (
	"context"
	"os"
	"strconv"
	"testing"
	"time"

	"github.com/spazio-in-comune/sportello/internal/access"
	"github.com/spazio-in-comune/sportello/internal/audit"
	"github.com/spazio-in-comune/sportello/internal/casework"
	"github.com/spazio-in-comune/sportello/internal/store"
	"github.com/spazio-in-comune/sportello/internal/store/dbtest"
)

// crowdDue is a house with n terms that passed at the same midnight: of a half nothing
// follows, of a third consent, of a sixth confirmation. Nobody was assigned any case.
func crowdDue(t testing.TB, db dbtest.DB, n int) *house {
	t.Helper()
	h := newAuditedHouse(t, db, nil)
	h.fill(t, db, n)
	err := h.store.InTx(h.system(), "the terms of a crowd", func(ctx context.Context, tx *store.Tx) error {
		_, err := tx.ExecContext(ctx, "UPDATE case_files SET phase = 'TRIAGE', flags = '[]', responsible_id = ''")
		if err != nil {
			return err
		}
		for code, of := range map[string]string{"none": "012", "granted": "34", "confirmed": "5"} {
			for _, digit := range of {
				_, err = tx.ExecContext(ctx, "UPDATE case_clocks SET state = 'RUNNING', unit = 'calendar_days', due_on = '2026-11-20', due_at = ?, on_expiry = ? WHERE cast(substr(id, -6) AS SIGNED) % 6 = "+string(digit),
					time.Date(2026, 11, 20, 23, 0, 0, 0, time.UTC), code)
				if err != nil {
					return err
				}
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return h
}

// oneEffectEach counts what followed: a line and a fact for each term, its clock passed,
// its case changed once.
func (h *house) oneEffectEach(t testing.TB, n int) {
	t.Helper()
	for what, query := range map[string]string{
		"clocks that passed":      "SELECT count(*) FROM case_clocks WHERE state = 'EXPIRED' AND version = 2",
		"lines":                   "SELECT count(*) FROM case_entries WHERE kind = 'clock_expired' AND ordinal = 3",
		"lines, one of each case": "SELECT count(DISTINCT case_id) FROM case_entries WHERE kind = 'clock_expired'",
		"facts":                   "SELECT count(*) FROM events WHERE type = 'clock.expired'",
		"facts, one of each case": "SELECT count(DISTINCT case_id) FROM events WHERE type = 'clock.expired'",
		"cases changed once":      "SELECT count(*) FROM case_files WHERE version = 2",
		"outcomes":                "SELECT count(*) FROM case_files WHERE phase = 'DEEMED_GRANTED' OR cast(flags AS CHAR) LIKE '%overdue%' OR substatus <> ''",
	} {
		var got int
		if err := h.store.ReadDB().QueryRowContext(context.Background(), query).Scan(&got); err != nil {
			t.Fatal(err)
		}
		if got != n {
			t.Errorf("%s: %d, want %d", what, got, n)
		}
	}
}

// Two workers share many terms, and one is stopped in the middle of its work: each term
// still has its one effect.
func TestManyTermsHaveOneEffectEach(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, db dbtest.DB) {
		t.Parallel()
		const n = 10_000
		h := crowdDue(t, db, n)
		ctx, stop := context.WithCancel(context.Background())
		stopped := make(chan int)
		go func() {
			handled, _ := h.ExpireDue(ctx) // it ends with its context
			stopped <- handled
		}()
		for handled := 0; handled == 0; {
			if err := h.store.ReadDB().QueryRowContext(context.Background(), "SELECT count(*) FROM events").Scan(&handled); err != nil {
				t.Fatal(err)
			}
		}
		stop()
		first := <-stopped
		if first == 0 || first == n {
			t.Fatalf("stopped after %d of %d: that is not the middle", first, n)
		}
		rest, err := h.another(t, db).ExpireDue(context.Background())
		if err != nil || first+rest != n {
			t.Fatalf("%d and %d handled, %v, want %d", first, rest, err, n)
		}
		h.oneEffectEach(t, n)
	})
}

// EnvTerms says how many terms the benchmark lets pass; unset means 100,000.
const EnvTerms = "SPORTELLO_BENCH_TERMS"

// BenchmarkDueTerms lets 100,000 terms pass at once, which two workers share: two replicas
// on MySQL, two goroutines on SQLite, where there is one process. The limit is 60 s.
func BenchmarkDueTerms(b *testing.B) {
	n := 100_000
	if text := os.Getenv(EnvTerms); text != "" {
		var err error
		if n, err = strconv.Atoi(text); err != nil {
			b.Fatalf("%s: %v", EnvTerms, err)
		}
	}
	for _, name := range dbtest.Expected(b) {
		b.Run(name, func(b *testing.B) {
			db := dbtest.New(b, name)
			h := crowdDue(b, db, n)
			workers := []*casework.Cases{h.Cases, h.another(b, db)}
			began := time.Now()
			counts := make(chan int)
			for _, c := range workers {
				go func() {
					handled, err := c.ExpireDue(context.Background())
					if err != nil {
						b.Error(err)
					}
					counts <- handled
				}()
			}
			one, other := <-counts, <-counts
			rest, err := h.ExpireDue(context.Background()) // whoever is done first leaves what the other has in hand
			if err != nil || one+other+rest != n {
				b.Errorf("%d, %d and %d handled, %v, want %d", one, other, rest, err, n)
			}
			b.ReportMetric(time.Since(began).Seconds(), "s/all")
			b.Logf("%s: %d terms, %d and %d by the two workers, in %s", name, n, one, other, time.Since(began).Round(time.Millisecond))
			h.oneEffectEach(b, n)
		})
	}
}

// another is a second replica on the same database; on SQLite the house itself, for there
// one process has the database.
func (h *house) another(t testing.TB, db dbtest.DB) *casework.Cases {
	t.Helper()
	if db.Name == dbtest.SQLite {
		return h.Cases
	}
	scribe, err := audit.NewScribe()
	if err != nil {
		t.Fatal(err)
	}
	s, err := store.Open(context.Background(), store.Config{DSN: db.DSN, Clock: h.clock, Attach: h.attach, Sign: access.Sign, Audit: scribe.Unit})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return casework.New(casework.Config{Store: s, Vault: h.vault, Departments: h.departments, People: people{s}, Town: h.departments.common})
}
