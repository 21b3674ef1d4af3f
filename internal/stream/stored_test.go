package stream_test

import (
	"context"
	"fmt"
	"log/slog"
	"path/filepath"
	"runtime"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/spazio-in-comune/sportello/internal/access"
	"github.com/spazio-in-comune/sportello/internal/store"
	"github.com/spazio-in-comune/sportello/internal/store/dbtest"
	"github.com/spazio-in-comune/sportello/internal/stream"
	"github.com/spazio-in-comune/sportello/internal/town"
)

func openStore(t *testing.T, db dbtest.DB) *store.Store {
	t.Helper()
	cfg := store.Config{DSN: db.DSN, Attach: access.Attach, Sign: access.Sign}
	if db.Dialect == "sqlite" {
		cfg.DSN, cfg.Dir = "", filepath.Dir(db.DSN)
	}
	s, err := store.Open(t.Context(), cfg)
	if err != nil {
		t.Fatalf("open the store: %v", err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Errorf("close the store: %v", err)
		}
	})
	return s
}

// running makes a stream and runs it until stop.
func running(t *testing.T, s *store.Store, replica string) (st *stream.Stream, stop func()) {
	t.Helper()
	return run(t, stream.Config{Store: s, Log: slog.New(slog.DiscardHandler), Replica: replica})
}

// run is running, with settings.
func run(t *testing.T, cfg stream.Config) (st *stream.Stream, stop func()) {
	t.Helper()
	st, err := stream.New(t.Context(), cfg)
	if err != nil {
		t.Fatalf("make the stream: %v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan struct{})
	go func() {
		defer close(done)
		st.Run(ctx)
	}()
	stop = func() {
		cancel()
		<-done
	}
	t.Cleanup(stop)
	return st, stop
}

// emit commits a unit with events of one writer, numbered from first.
func emit(t *testing.T, s *store.Store, writer string, first, n int) {
	t.Helper()
	err := s.InTx(access.System(t.Context(), "test"), "test", func(_ context.Context, tx *store.Tx) error {
		for i := range n {
			tx.Emit(town.Event{Type: town.EventLegCalled, VisitID: writer, Parties: []string{"per_1"}, Data: map[string]string{"n": strconv.Itoa(first + i)}})
		}
		return nil
	})
	if err != nil {
		t.Errorf("emit: %v", err)
	}
}

// write emits events in units of different sizes, each after the one before was
// answered.
func write(t *testing.T, s *store.Store, writer string, total int) {
	for n := 0; n < total; {
		size := min(1+n%3, total-n)
		emit(t, s, writer, n, size)
		n += size
	}
}

// readAll follows from the cursor until want events have come, with a forced
// reconnection after every reconnect of them.
func readAll(t *testing.T, st *stream.Stream, f stream.Filter, cursor string, want, reconnect int) []town.Event {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	var got []town.Event
	for len(got) < want {
		sub, err := st.Follow(ctx, stream.Request{Filter: f, After: &cursor})
		if err != nil {
			t.Errorf("follow: %v", err)
			return got
		}
		for range reconnect {
			d, err := sub.Next(ctx)
			if err != nil {
				t.Errorf("after %d of %d events: %v", len(got), want, err)
				return got
			}
			got, cursor = append(got, d.Event), d.Cursor
			if len(got) == want {
				break
			}
		}
		sub.Close()
	}
	return got
}

// start is the cursor of an empty log.
func start(t *testing.T, st *stream.Stream) string {
	t.Helper()
	sub, err := st.Follow(t.Context(), stream.Request{})
	if err != nil {
		t.Fatalf("follow: %v", err)
	}
	defer sub.Close()
	d, err := sub.Next(t.Context())
	if err != nil {
		t.Fatalf("snapshot: %v", err)
	}
	return d.Cursor
}

// checkOrder checks one order without gaps or doubles, in which each writer's
// events stand in the order in which they were answered.
func checkOrder(t *testing.T, events []town.Event) {
	t.Helper()
	written := map[string]int{}
	for i, e := range events {
		if e.Seq != int64(i+1) {
			t.Fatalf("event %d has number %d", i+1, e.Seq)
		}
		if n := e.Data["n"]; n != strconv.Itoa(written[e.VisitID]) {
			t.Fatalf("number %d is %s of %s, want %d", e.Seq, n, e.VisitID, written[e.VisitID])
		}
		written[e.VisitID]++
	}
}

func TestEveryFollowerGetsEveryEventInOrder(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, db dbtest.DB) {
		const writers, each = 4, 60
		s := openStore(t, db)
		goroutines := runtime.NumGoroutine()
		st, stop := running(t, s, "one")
		cursor := start(t, st)
		all := make([][]town.Event, 4)
		var wait sync.WaitGroup
		for w := range writers {
			wait.Go(func() { write(t, s, fmt.Sprintf("w%d", w), each) })
		}
		for i, reconnect := range []int{1 << 30, 1, 7, 50} {
			wait.Go(func() { all[i] = readAll(t, st, stream.Filter{}, cursor, writers*each, reconnect) })
		}
		var one []town.Event
		wait.Go(func() { one = readAll(t, st, stream.Filter{VisitID: "w2"}, cursor, each, 5) })
		wait.Wait()
		checkOrder(t, all[0])
		for i, got := range all[1:] {
			if diff := cmp.Diff(all[0], got); diff != "" {
				t.Errorf("follower %d (-first +it):\n%s", i+1, diff)
			}
		}
		for i, e := range one {
			if e.Data["n"] != strconv.Itoa(i) || e.VisitID != "w2" {
				t.Errorf("filtered event %d: %s of %s", i, e.Data["n"], e.VisitID)
			}
		}
		stop()
		settled(t, goroutines)
	})
}

// settled waits for goroutines to end; the database pool keeps some of its own.
func settled(t *testing.T, before int) {
	t.Helper()
	const pool = 10
	deadline := time.Now().Add(5 * time.Second)
	for runtime.NumGoroutine() > before+pool {
		if time.Now().After(deadline) {
			t.Fatalf("%d goroutines before, %d after", before, runtime.NumGoroutine())
		}
		time.Sleep(10 * time.Millisecond)
	}
}

func TestNewStreamGoesOnWhereTheLogEnds(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, db dbtest.DB) {
		s := openStore(t, db)
		first, stop := running(t, s, "one")
		cursor := start(t, first)
		write(t, s, "w", 20)
		readAll(t, first, stream.Filter{}, cursor, 20, 1<<30)
		stop()
		emit(t, s, "w", 20, 5) // committed while nobody listens
		second, _ := running(t, s, "two")
		got := readAll(t, second, stream.Filter{}, cursor, 25, 10)
		checkOrder(t, got)
		oldest, err := second.Log().Oldest(t.Context())
		if err != nil || oldest != 1 {
			t.Errorf("oldest: %d, %v", oldest, err)
		}
		newest, err := second.Log().Newest(t.Context())
		if err != nil || newest != 25 {
			t.Errorf("newest: %d, %v", newest, err)
		}
	})
}

// A snapshot read after the first delivery, and the events after it, lose nothing
// and repeat nothing that was in order before.
func TestSnapshotHasNoHole(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, db dbtest.DB) {
		s := openStore(t, db)
		st, _ := running(t, s, "one")
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		var wait sync.WaitGroup
		wait.Go(func() { write(t, s, "w", 200) })
		for range 20 {
			sub, err := st.Follow(ctx, stream.Request{})
			if err != nil {
				t.Fatal(err)
			}
			if _, err := sub.Next(ctx); err != nil {
				t.Fatal(err)
			}
			snapshot, err := st.Log().Newest(ctx)
			if err != nil {
				t.Fatal(err)
			}
			if snapshot < 200 {
				d, err := sub.Next(ctx)
				if err != nil {
					t.Fatal(err)
				}
				if d.Event.Seq > snapshot+1 {
					t.Errorf("the snapshot held up to %d, the first event is %d", snapshot, d.Event.Seq)
				}
			}
			sub.Close()
		}
		wait.Wait()
	})
}

func TestCursorOfAnotherDatabase(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, db dbtest.DB) {
		here, elsewhere := openStore(t, db), openStore(t, dbtest.New(t, db.Name))
		st, _ := running(t, here, "one")
		other, _ := running(t, elsewhere, "one")
		emit(t, here, "w", 0, 5)
		emit(t, elsewhere, "w", 0, 5)
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		cursor := beginning(t)
		sub, err := other.Follow(ctx, stream.Request{After: &cursor})
		if err != nil {
			t.Fatal(err)
		}
		d, err := sub.Next(ctx)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := st.Follow(ctx, stream.Request{After: &d.Cursor}); town.CodeOf(err) != town.SnapshotNeeded {
			t.Errorf("got %v, want SNAPSHOT_NEEDED", err)
		}
	})
}

// beginning is the cursor before the first event, taken from an empty log.
func beginning(t *testing.T) string {
	t.Helper()
	st, _ := running(t, openStore(t, dbtest.New(t, dbtest.SQLite)), "empty")
	return start(t, st)
}

// A cursor is good while the first event that it would give is young enough. Durable
// consumers read everything, however old.
func TestOldCursorsNeedASnapshot(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, db dbtest.DB) {
		const day = 24 * time.Hour
		clock := town.NewManualClock(time.Date(2026, 9, 1, 9, 0, 0, 0, time.UTC))
		cfg := store.Config{DSN: db.DSN, Attach: access.Attach, Sign: access.Sign, Clock: clock}
		if db.Dialect == "sqlite" {
			cfg.DSN, cfg.Dir = "", filepath.Dir(db.DSN)
		}
		s, err := store.Open(t.Context(), cfg)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = s.Close() })
		st, _ := run(t, stream.Config{Store: s, Log: slog.New(slog.DiscardHandler), Replica: "one", Retention: 30 * day})
		cursors := []string{start(t, st)}
		for n := range 3 { // on the 1st, the 11th and the 21st
			emit(t, s, "w", n, 1)
			got := readCursors(t, st, cursors[n], 1)
			cursors = append(cursors, got...)
			clock.Advance(10 * day)
		}
		for _, tc := range []struct {
			later time.Duration // after the 1st of October
			good  []bool        // by cursor: before the first event, and after each
		}{
			{-time.Minute, []bool{true, true, true, true}},
			{time.Minute, []bool{false, true, true, true}},
			{10*day + time.Minute, []bool{false, false, true, true}},
			{400 * day, []bool{false, false, false, true}}, // nothing happened since the last
		} {
			clock.Set(time.Date(2026, 10, 1, 9, 0, 0, 0, time.UTC).Add(tc.later))
			for n, cursor := range cursors {
				sub, err := st.Follow(t.Context(), stream.Request{After: &cursor})
				if err == nil {
					sub.Close()
				}
				if (err == nil) != tc.good[n] || err != nil && town.CodeOf(err) != town.SnapshotNeeded {
					t.Errorf("%v after 1 October, the cursor after %d events: %v, good is %v", tc.later, n, err, tc.good[n])
				}
			}
		}
		var consumed atomic.Int64
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		err = st.Consume(ctx, stream.Consumer{Name: "test", Handle: func(context.Context, *store.Tx, town.Event) error {
			if consumed.Add(1) == 3 {
				time.AfterFunc(100*time.Millisecond, cancel)
			}
			return nil
		}})
		if err != nil || consumed.Load() != 3 {
			t.Errorf("a consumer read %d events, %v", consumed.Load(), err)
		}
	})
}

// readCursors follows from a cursor and gives those of the next events.
func readCursors(t *testing.T, st *stream.Stream, after string, want int) []string {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	sub, err := st.Follow(ctx, stream.Request{After: &after})
	if err != nil {
		t.Fatal(err)
	}
	defer sub.Close()
	var cursors []string
	for range want {
		d, err := sub.Next(ctx)
		if err != nil {
			t.Fatal(err)
		}
		cursors = append(cursors, d.Cursor)
	}
	return cursors
}
