package store_test

import (
	"context"
	"sync"
	"testing"
	"time"

	"github.com/spazio-in-comune/sportello/internal/store"
	"github.com/spazio-in-comune/sportello/internal/store/dbtest"
	"github.com/spazio-in-comune/sportello/internal/store/dbtest/dbserver"
)

// A server that falls silent with its connections open, as a machine does that hangs, keeps
// nobody waiting: who waits and who comes are told within seconds that it is away. When it
// goes on, so does the store. A statement that only takes long is left alone.
func TestASilentDatabaseKeepsNobodyWaiting(t *testing.T) {
	for _, name := range dbtest.Expected(t) {
		if name == dbtest.SQLite {
			continue // it is in the process
		}
		t.Run(name, func(t *testing.T) {
			server := newServer(t, name)
			dsn, err := server.Schema(t.Context(), "town")
			if err != nil {
				t.Fatal(err)
			}
			s, err := store.Open(t.Context(), store.Config{DSN: dsn})
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { _ = s.Close() })
			read := func() error {
				_, err := s.ReadDB().ExecContext(context.Background(), "SELECT 1")
				return err
			}
			write := func() error {
				return s.InTx(context.Background(), "test", func(ctx context.Context, tx *store.Tx) error {
					_, err := tx.ExecContext(ctx, "UPDATE sequencers SET last = last WHERE id = 'none'")
					return err
				})
			}
			var slow sync.WaitGroup
			slow.Go(func() {
				if _, err := s.ReadDB().ExecContext(context.Background(), "SELECT SLEEP(3)"); err != nil {
					t.Errorf("a slow statement was cut: %v", err)
				}
			})
			slow.Wait()
			for round := range 2 {
				var waiting sync.WaitGroup
				waiting.Go(func() {
					_, err := s.ReadDB().ExecContext(context.Background(), "SELECT SLEEP(20)")
					if err == nil || !store.IsUnavailable(err) {
						t.Errorf("round %d: who waits: %v", round, err)
					}
				})
				time.Sleep(50 * time.Millisecond)
				if err := server.Freeze(); err != nil {
					t.Fatal(err)
				}
				// The promise is two seconds; a busy machine adds to it. Without the watch it
				// would be thirty.
				const limit = 6 * time.Second
				for what, ask := range map[string]func() error{"a read": read, "a unit": write} {
					began := time.Now()
					err := ask()
					if took := time.Since(began); err == nil || !store.IsUnavailable(err) || took > limit {
						t.Errorf("round %d: %s of a silent server: %v after %v", round, what, err, took)
					}
				}
				waiting.Wait()
				if err := server.Thaw(); err != nil {
					t.Fatal(err)
				}
				for what, ask := range map[string]func() error{"a read": read, "a unit": write} {
					began, err := time.Now(), error(nil)
					for err = ask(); err != nil && time.Since(began) < time.Minute; err = ask() {
						time.Sleep(20 * time.Millisecond)
					}
					if err != nil {
						t.Errorf("round %d: %s, after the server went on: %v", round, what, err)
					}
				}
			}
		})
	}
}

// newServer is a database server that the test may ill-treat.
func newServer(t *testing.T, name string) *dbserver.Server {
	t.Helper()
	server, err := dbserver.New(name, false)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := server.Stop(); err != nil {
			t.Error(err)
		}
	})
	if err := server.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	return server
}
