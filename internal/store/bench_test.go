package store_test

import (
	"context"
	"crypto/rand"
	"fmt"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/spazio-in-comune/sportello/internal/access"
	"github.com/spazio-in-comune/sportello/internal/store"
	"github.com/spazio-in-comune/sportello/internal/store/dbtest"
)

// BenchmarkInserts is the limit of every mutation: 16 clients who write 8 or 16
// plain rows each time, through the one door, and do nothing else. A number at the
// counter is about 8 rows, a request that becomes a case about 16.
func BenchmarkInserts(b *testing.B) {
	for _, name := range dbtest.Expected(b) {
		for _, rows := range []int{8, 16} {
			b.Run(fmt.Sprintf("%s/%d", name, rows), func(b *testing.B) {
				s := openForInserts(b, dbtest.New(b, name))
				ctx := access.System(b.Context(), "benchmark")
				b.SetParallelism(16 / runtime.GOMAXPROCS(0))
				b.ResetTimer()
				b.RunParallel(func(pb *testing.PB) {
					for pb.Next() {
						if err := insertRows(ctx, s, rows); err != nil {
							b.Error(err)
						}
					}
				})
			})
		}
	}
}

func openForInserts(b *testing.B, db dbtest.DB) *store.Store {
	b.Helper()
	cfg := store.Config{DSN: db.DSN}
	if db.Name == dbtest.SQLite {
		cfg.DSN, cfg.Dir = "", filepath.Dir(db.DSN)
	}
	s, err := store.Open(b.Context(), cfg)
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() {
		if err := s.Close(); err != nil {
			b.Error(err)
		}
	})
	err = s.InTx(b.Context(), "make the table", func(ctx context.Context, tx *store.Tx) error {
		_, err := tx.ExecContext(ctx, "CREATE TABLE plain_rows (id varchar(32) PRIMARY KEY, owner varchar(32) NOT NULL, words varchar(255) NOT NULL)")
		if err == nil {
			_, err = tx.ExecContext(ctx, "CREATE INDEX plain_owner ON plain_rows (owner)")
		}
		return err
	})
	if err != nil {
		b.Fatal(err)
	}
	return s
}

var words = strings.Repeat("x", 150)

func insertRows(ctx context.Context, s *store.Store, n int) error {
	owner := rand.Text()
	return s.InTx(ctx, "insert rows", func(ctx context.Context, tx *store.Tx) error {
		for range n {
			if _, err := tx.ExecContext(ctx, "INSERT INTO plain_rows (id, owner, words) VALUES (?, ?, ?)", rand.Text(), owner, words); err != nil {
				return err
			}
		}
		return nil
	})
}
