package stream

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/spazio-in-comune/sportello/ent/event"
	"github.com/spazio-in-comune/sportello/ent/sequencer"
	"github.com/spazio-in-comune/sportello/internal/access"
	"github.com/spazio-in-comune/sportello/internal/store"
	"github.com/spazio-in-comune/sportello/internal/store/dbtest"
	"github.com/spazio-in-comune/sportello/internal/town"
)

// eachMySQL runs fn on every expected database that a relay serves.
func eachMySQL(t *testing.T, fn func(t *testing.T, s *store.Store)) {
	t.Helper()
	for _, name := range dbtest.Expected(t) {
		if name == dbtest.SQLite {
			continue // its commits number the events
		}
		t.Run(name, func(t *testing.T) {
			s, err := store.Open(t.Context(), store.Config{DSN: dbtest.New(t, name).DSN})
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { _ = s.Close() })
			fn(t, s)
		})
	}
}

func emitOne(t *testing.T, s *store.Store, writer string, n int) {
	t.Helper()
	err := s.InTx(t.Context(), "test", func(_ context.Context, tx *store.Tx) error {
		tx.Emit(town.Event{Type: town.EventLegCalled, VisitID: writer, Data: map[string]string{"n": fmt.Sprint(n)}})
		return nil
	})
	if err != nil {
		t.Errorf("emit: %v", err)
	}
}

func testRelay(s *store.Store, name string, lease time.Duration) *relay {
	r := newRelay(s, name, &Stats{}, quiet())
	r.lease = lease
	return r
}

// Relays come and go, some without handing over their lease, while others write:
// the numbers have no gap and no double, and what was answered first comes first.
func TestRelaysKilledMidway(t *testing.T) {
	eachMySQL(t, func(t *testing.T, s *store.Store) {
		const writers, each, wanted = 3, 80, 3
		var writing, relaying sync.WaitGroup
		over, finish := context.WithTimeout(t.Context(), time.Minute)
		defer finish()
		bell := &Bell{}
		s.OnCommit(bell.Ring)
		var generations, total atomic.Int64 // relays that held the lease; events
		for i := range 2 {
			relaying.Go(func() {
				for g := 0; over.Err() == nil; g++ {
					r := testRelay(s, fmt.Sprintf("%d.%d", i, g), 30*time.Millisecond)
					ctx, cancel := context.WithTimeout(over, time.Duration(10+13*i)*time.Millisecond)
					if g%2 == 0 {
						killed(ctx, r)
					} else {
						r.run(ctx, bell, &Bell{})
					}
					cancel()
					if r.stats.Takeovers.Load() > 0 {
						generations.Add(1)
					}
				}
			})
		}
		for w := range writers {
			writing.Go(func() {
				// A slow machine needs longer until some relays have had their turn.
				for n := 0; n < each || generations.Load() < wanted && over.Err() == nil; n++ {
					emitOne(t, s, fmt.Sprintf("w%d", w), n)
					total.Add(1)
				}
			})
		}
		writing.Wait()
		system := access.System(t.Context(), "test")
		for over.Err() == nil {
			left, err := s.Reader().Event.Query().Where(event.SeqIsNil()).Count(system)
			if err == nil && left == 0 {
				break
			}
			time.Sleep(5 * time.Millisecond)
		}
		finish()
		relaying.Wait()
		rows, err := s.Reader().Event.Query().Order(event.BySeq()).All(system)
		if err != nil {
			t.Fatal(err)
		}
		if int64(len(rows)) != total.Load() {
			t.Fatalf("%d events, want %d", len(rows), total.Load())
		}
		written := map[string]int{}
		for i, row := range rows {
			if row.Seq == nil || *row.Seq != int64(i+1) {
				t.Fatalf("event %d has number %v", i+1, row.Seq)
			}
			if row.Data["n"] != fmt.Sprint(written[row.VisitID]) {
				t.Fatalf("%s of %s came out of order", row.Data["n"], row.VisitID)
			}
			written[row.VisitID]++
		}
		if count := generations.Load(); count < wanted {
			t.Errorf("only %d relays held the lease", count)
		}
	})
}

// killed numbers until the context ends and leaves the lease behind.
func killed(ctx context.Context, r *relay) {
	for ctx.Err() == nil {
		_, _ = r.pass(access.System(ctx, "relay"))
		sleep(ctx, time.Millisecond)
	}
}

func TestFormerHolderChangesNothing(t *testing.T) {
	eachMySQL(t, func(t *testing.T, s *store.Store) {
		ctx := access.System(t.Context(), "test")
		a, b := testRelay(s, "a", time.Minute), testRelay(s, "b", time.Minute)
		emitOne(t, s, "w", 0)
		if n, err := a.pass(ctx); n != 1 || err != nil {
			t.Fatalf("a numbers %d, %v", n, err)
		}
		emitOne(t, s, "w", 1)
		if n, err := b.pass(ctx); n != 0 || err != nil {
			t.Fatalf("b, while a holds the lease, numbers %d, %v", n, err)
		}
		endLease(t, s)
		if n, err := b.pass(ctx); n != 1 || err != nil {
			t.Fatalf("b numbers %d, %v", n, err)
		}
		emitOne(t, s, "w", 2)
		if n, err := a.pass(ctx); n != 0 || err != nil || a.fence != 0 {
			t.Errorf("a, which lost the lease, numbers %d, %v", n, err)
		}
		a.release(ctx) // must not take the lease from b
		if n, err := b.pass(ctx); n != 1 || err != nil {
			t.Errorf("b goes on: %d, %v", n, err)
		}
		row, err := s.Reader().Sequencer.Query().Where(sequencer.ID(store.EventSequencer)).Only(ctx)
		if err != nil || row.Last != 3 || row.Holder != "b" {
			t.Errorf("sequencer: %+v, %v", row, err)
		}
	})
}

// A holder that nothing rings for keeps its lease all the same, and finds by itself what
// was committed elsewhere.
func TestAnIdleHolderKeepsItsLease(t *testing.T) {
	eachMySQL(t, func(t *testing.T, s *store.Store) {
		a, b := testRelay(s, "a", leaseFor), testRelay(s, "b", leaseFor)
		ctx, cancel := context.WithCancel(t.Context())
		var running sync.WaitGroup
		for _, r := range []*relay{a, b} {
			running.Go(func() { r.run(ctx, &Bell{}, &Bell{}) })
		}
		time.Sleep(2 * leaseFor)
		emitOne(t, s, "w", 0)
		for end := time.Now().Add(time.Minute); a.stats.Numbered.Load()+b.stats.Numbered.Load() == 0 && time.Now().Before(end); {
			time.Sleep(poll / 10)
		}
		cancel()
		running.Wait()
		if n := a.stats.Numbered.Load() + b.stats.Numbered.Load(); n != 1 {
			t.Errorf("%d events were numbered, want 1", n)
		}
		// The lease may change hands once more as the holder stops before the other.
		if n := a.stats.Takeovers.Load() + b.stats.Takeovers.Load(); n > 2 {
			t.Errorf("the lease was taken %d times by two idle relays", n)
		}
	})
}

// endLease makes the holder look as if it had been silent for too long.
func endLease(t *testing.T, s *store.Store) {
	t.Helper()
	err := s.InTx(access.System(t.Context(), "test"), "end the lease", func(ctx context.Context, tx *store.Tx) error {
		return tx.Sequencer.UpdateOneID(store.EventSequencer).SetLeaseUntil(time.Now().Add(-time.Second)).Exec(ctx)
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestLocalRingIsAnsweredAtOnce(t *testing.T) {
	eachMySQL(t, func(t *testing.T, s *store.Store) {
		st, err := New(t.Context(), Config{Store: s, Log: quiet(), Replica: "one"})
		if err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		go st.Run(ctx)
		sub, err := st.Follow(ctx, Request{})
		if err != nil {
			t.Fatal(err)
		}
		next(t, sub)
		emitOne(t, s, "w", 0)
		next(t, sub)
		start := time.Now()
		const events = 100
		for n := range events {
			emitOne(t, s, "w", n+1)
			next(t, sub)
		}
		if took := time.Since(start); took > events*poll/4 {
			t.Errorf("%d events, one by one, took %v: they wait for the poll", events, took)
		} else {
			t.Logf("one event from commit to follower: %v", took/events)
		}
	})
}
