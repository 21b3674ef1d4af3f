package store_test

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/spazio-in-comune/sportello/ent"
	"github.com/spazio-in-comune/sportello/ent/event"
	"github.com/spazio-in-comune/sportello/ent/numberseries"
	"github.com/spazio-in-comune/sportello/ent/setting"
	"github.com/spazio-in-comune/sportello/internal/store"
	"github.com/spazio-in-comune/sportello/internal/store/dbtest"
	"github.com/spazio-in-comune/sportello/internal/town"
)

// config opens the database of a test.
func config(db dbtest.DB) store.Config {
	if db.Name == dbtest.SQLite {
		return store.Config{Dir: filepath.Dir(db.DSN)}
	}
	return store.Config{DSN: db.DSN}
}

func open(t testing.TB, db dbtest.DB) *store.Store {
	t.Helper()
	s, err := store.Open(context.Background(), config(db))
	if err != nil {
		t.Fatalf("open %s: %v", db.Name, err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Errorf("close %s: %v", db.Name, err)
		}
	})
	return s
}

func put(ctx context.Context, tx *store.Tx, id string, at time.Time) error {
	return tx.Setting.Create().SetID(id).SetValue([]byte(id)).SetUpdatedAt(at).Exec(ctx)
}

func ids(t testing.TB, s *store.Store) []string {
	t.Helper()
	list, err := s.Reader().Setting.Query().Order(ent.Asc(setting.FieldID)).IDs(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	return list
}

func TestUnitIsAllOrNothing(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, db dbtest.DB) {
		s, ctx := open(t, db), context.Background()
		refused := errors.New("refused")
		for name, unit := range map[string]store.Unit{
			"error": func(ctx context.Context, tx *store.Tx) error {
				tx.Emit(town.Event{Type: town.EventVisitOpened})
				if err := put(ctx, tx, "lost", tx.Now); err != nil {
					return err
				}
				return refused
			},
			"panic": func(ctx context.Context, tx *store.Tx) error {
				if err := put(ctx, tx, "lost", tx.Now); err != nil {
					return err
				}
				panic("in a unit")
			},
			"constraint": func(ctx context.Context, tx *store.Tx) error {
				if err := put(ctx, tx, "lost", tx.Now); err != nil {
					return err
				}
				return put(ctx, tx, "lost", tx.Now)
			},
		} {
			if err := s.InTx(ctx, name, unit); err == nil {
				t.Errorf("%s: the unit succeeded", name)
			}
		}
		err := s.InTx(ctx, "keep", func(ctx context.Context, tx *store.Tx) error {
			tx.Emit(town.Event{Type: town.EventVisitOpened, Actor: "kept"})
			return put(ctx, tx, "kept", tx.Now)
		})
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff([]string{"kept"}, ids(t, s)); diff != "" {
			t.Errorf("what is there (-want +got):\n%s", diff)
		}
		events, err := s.Reader().Event.Query().All(ctx)
		if err != nil || len(events) != 1 || events[0].Actor != "kept" {
			t.Errorf("events %v, %v", events, err)
		}
	})
}

// One unit that fails takes nothing from those with which it shares a commit, and
// leaves no hole in the numbers of events.
func TestUnitsTogether(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, db dbtest.DB) {
		s := open(t, db)
		rings := make(chan struct{}, 200)
		s.OnCommit(func() { rings <- struct{}{} })
		var wg sync.WaitGroup
		for i := range 120 {
			wg.Go(func() {
				err := s.InTx(context.Background(), "one of many", func(ctx context.Context, tx *store.Tx) error {
					tx.Emit(town.Event{Type: town.EventVisitOpened})
					if err := put(ctx, tx, fmt.Sprintf("%03d", i), tx.Now); err != nil {
						return err
					}
					if i%3 == 0 {
						return town.Errorf(town.Conflict, "no", "no")
					}
					return nil
				})
				if (err != nil) != (i%3 == 0) {
					t.Errorf("unit %d: %v", i, err)
				}
			})
		}
		wg.Wait()
		if got := len(ids(t, s)); got != 80 {
			t.Errorf("%d rows, want 80", got)
		}
		if got := len(rings); got != 80 {
			t.Errorf("the doorbell rang %d times, want once per unit that stored events: 80", got)
		}
		events, err := s.Reader().Event.Query().Order(ent.Asc(event.FieldID)).All(context.Background())
		if err != nil || len(events) != 80 {
			t.Fatalf("%d events, %v", len(events), err)
		}
		for i, e := range events {
			switch {
			case s.Dialect() == "mysql" && e.Seq != nil:
				t.Fatalf("event %d is numbered before its commit is seen", i)
			case s.Dialect() != "mysql" && (e.Seq == nil || *e.Seq != int64(i+1)):
				t.Fatalf("event %d has number %v", i, e.Seq)
			}
		}
	})
}

// Reading and then writing in one unit loses nothing, however many do it.
func TestReadThenWrite(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, db dbtest.DB) {
		s, ctx := open(t, db), context.Background()
		day := town.Date{Year: 2026, Month: 11, Day: 23}
		err := s.InTx(ctx, "first", func(ctx context.Context, tx *store.Tx) error {
			return tx.NumberSeries.Create().SetID("nser_1").SetSiteID("site").SetLetter("A").SetDay(day).Exec(ctx)
		})
		if err != nil {
			t.Fatal(err)
		}
		const workers, each = 16, 25
		var wg sync.WaitGroup
		for range workers {
			wg.Go(func() {
				for range each {
					if err := s.InTx(ctx, "count", increment); err != nil {
						t.Error(err)
					}
				}
			})
		}
		wg.Wait()
		row, err := s.Reader().NumberSeries.Query().Only(ctx)
		if err != nil || row.Last != workers*each {
			t.Errorf("counted %v (%v), want %d", row, err, workers*each)
		}
	})
}

// increment changes the row only as it was read; who comes second reads again.
func increment(ctx context.Context, tx *store.Tx) error {
	for {
		row, err := tx.NumberSeries.Query().Only(ctx)
		if err != nil {
			return err
		}
		n, err := tx.NumberSeries.Update().Where(numberseries.ID(row.ID), numberseries.Last(row.Last)).AddLast(1).Save(ctx)
		if err != nil || n == 1 {
			return err
		}
	}
}

// The caller's hang-up undoes nobody's work, not even their own.
func TestUnitSurvivesHangUp(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, db dbtest.DB) {
		s := open(t, db)
		ctx, hangUp := context.WithCancel(context.Background())
		err := s.InTx(ctx, "go on", func(ctx context.Context, tx *store.Tx) error {
			hangUp()
			return put(ctx, tx, "kept", tx.Now)
		})
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff([]string{"kept"}, ids(t, s)); diff != "" {
			t.Errorf("what is there (-want +got):\n%s", diff)
		}
	})
}

// Times compare as moments whatever zone they were given in, to the microsecond.
func TestTimes(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, db dbtest.DB) {
		s, ctx := open(t, db), context.Background()
		rome := time.Date(2026, 11, 23, 10, 30, 0, 123456789, town.Rome()) // 09:30 UTC
		err := s.InTx(ctx, "store", func(ctx context.Context, tx *store.Tx) error { return put(ctx, tx, "rome", rome) })
		if err != nil {
			t.Fatal(err)
		}
		row, err := s.Reader().Setting.Query().Where(setting.UpdatedAtLT(time.Date(2026, 11, 23, 10, 0, 0, 0, time.UTC))).Only(ctx)
		if err != nil {
			t.Fatalf("09:30 UTC is not found before 10:00 UTC: %v", err)
		}
		if want := town.Stamp(rome); !row.UpdatedAt.Equal(want) {
			t.Errorf("read %v, want %v", row.UpdatedAt, want)
		}
		n, err := s.Reader().Setting.Query().Where(setting.UpdatedAt(town.Stamp(rome))).Count(ctx)
		if err != nil || n != 1 {
			t.Errorf("an equal moment finds %d rows, %v", n, err)
		}
	})
}

// Ids and names are what they are: case matters, and so do trailing blanks.
func TestTextIsBinary(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, db dbtest.DB) {
		s, ctx := open(t, db), context.Background()
		err := s.InTx(ctx, "store", func(ctx context.Context, tx *store.Tx) error {
			for _, id := range []string{"a", "A", "à"} {
				if err := put(ctx, tx, id, tx.Now); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		if found, err := s.Reader().Setting.Query().Where(setting.ID("A")).IDs(ctx); err != nil || len(found) != 1 || found[0] != "A" {
			t.Errorf("found %v, %v", found, err)
		}
	})
}

// The migrations make exactly what the schema declares, and a second start finds
// nothing to do.
func TestMigrationsMatchTheSchema(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, db dbtest.DB) {
		s := open(t, db)
		if db.Name == dbtest.MariaDB {
			t.Log("compared on MySQL only, from the same files: MariaDB reports JSON columns as the longtext they are, which the comparison takes for a difference")
			return
		}
		var ddl strings.Builder
		if err := s.Reader().Schema.WriteTo(context.Background(), &ddl); err != nil {
			t.Fatal(err)
		}
		var statements []string
		for line := range strings.Lines(ddl.String()) {
			if line = strings.TrimSpace(line); line != "" && !strings.HasPrefix(line, "--") && line != "BEGIN;" && line != "COMMIT;" {
				statements = append(statements, line)
			}
		}
		if len(statements) > 0 {
			t.Errorf("the migrations lack:\n%s", strings.Join(statements, "\n"))
		}
	})
}

// Replicas that start together migrate once.
func TestStartTogether(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, db dbtest.DB) {
		if db.Name == dbtest.SQLite {
			open(t, db)
			if _, err := store.Open(context.Background(), config(db)); err == nil || !strings.Contains(err.Error(), "in use by another sportello process") {
				t.Errorf("a second server on one data folder: %v", err)
			}
			return
		}
		var wg sync.WaitGroup
		for range 4 {
			wg.Go(func() {
				s, err := store.Open(context.Background(), config(db))
				if err != nil {
					t.Error(err)
					return
				}
				if err := s.Close(); err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
	})
}

func TestReopen(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, db dbtest.DB) {
		ctx := context.Background()
		s, err := store.Open(ctx, config(db))
		if err != nil {
			t.Fatal(err)
		}
		if err := s.InTx(ctx, "store", func(ctx context.Context, tx *store.Tx) error { return put(ctx, tx, "kept", tx.Now) }); err != nil {
			t.Fatal(err)
		}
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
		err = s.InTx(ctx, "too late", func(ctx context.Context, tx *store.Tx) error { return put(ctx, tx, "late", tx.Now) })
		if err == nil {
			t.Error("a closed store took a unit")
		}
		if diff := cmp.Diff([]string{"kept"}, ids(t, open(t, db))); diff != "" {
			t.Errorf("after a restart (-want +got):\n%s", diff)
		}
	})
}

func TestOpenReader(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, db dbtest.DB) {
		ctx := context.Background()
		if _, err := store.OpenReader(ctx, store.Config{Dir: t.TempDir()}); err == nil || !strings.Contains(err.Error(), "no database") {
			t.Errorf("an empty folder: %v", err)
		}
		s := open(t, db)
		if err := s.InTx(ctx, "store", func(ctx context.Context, tx *store.Tx) error { return put(ctx, tx, "kept", tx.Now) }); err != nil {
			t.Fatal(err)
		}
		reader, err := store.OpenReader(ctx, config(db))
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = reader.Close() }()
		if diff := cmp.Diff([]string{"kept"}, ids(t, reader)); diff != "" {
			t.Errorf("beside a running server (-want +got):\n%s", diff)
		}
		if err := reader.InTx(ctx, "write", func(context.Context, *store.Tx) error { return nil }); err == nil {
			t.Error("a reader took a unit")
		}
	})
}

// Errors of the address never repeat it: it holds a password.
func TestBadAddress(t *testing.T) {
	t.Parallel()
	for name, dsn := range map[string]string{
		"other scheme": "postgres://u:secret@host/db",
		"no name":      "mysql://u:secret@host:3306/",
		"no url":       "u:secret@tcp(host)/db\x00",
		"nobody there": "mysql://u:secret@127.0.0.1:1/db",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := store.Open(context.Background(), store.Config{DSN: dsn})
			if err == nil || strings.Contains(err.Error(), "secret") {
				t.Errorf("got %v", err)
			}
		})
	}
}
