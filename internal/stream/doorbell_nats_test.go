package stream_test

import (
	"log/slog"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/spazio-in-comune/sportello/internal/store"
	"github.com/spazio-in-comune/sportello/internal/store/dbtest"
	"github.com/spazio-in-comune/sportello/internal/stream"
	"github.com/spazio-in-comune/sportello/internal/stream/natstest"
	"github.com/spazio-in-comune/sportello/internal/town"
)

func join(t *testing.T, url string) *stream.Bells {
	t.Helper()
	b, err := stream.JoinBells(url, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(b.Close)
	return b
}

// within waits for a ring.
func within(rung <-chan struct{}, d time.Duration) bool {
	select {
	case <-rung:
		return true
	case <-time.After(d):
		return false
	}
}

func awaitConnected(t *testing.T, want bool, all ...*stream.Bells) {
	t.Helper()
	for _, b := range all {
		for end := time.Now().Add(time.Minute); b.Connected() != want; time.Sleep(10 * time.Millisecond) {
			if time.Now().After(end) {
				t.Fatalf("connected is %v, want %v", b.Connected(), want)
			}
		}
	}
}

// Two processes hear each other through NATS, before it is there, after it was killed and
// while it does not answer: what rings inside a process always rings there at once, and
// nothing ever waits for NATS.
func TestBellsRingThroughNATS(t *testing.T) {
	t.Parallel()
	server := natstest.Stopped(t)
	a, b := join(t, server.URL()), join(t, server.URL())
	inA, stopA := a.Committed.Listen()
	defer stopA()
	inB, stopB := b.Committed.Listen()
	defer stopB()
	other, stopOther := b.Numbered.Listen()
	defer stopOther()

	ringsInsideAtOnce := func(when string) {
		t.Helper()
		began := time.Now()
		for range 1000 {
			a.Committed.Ring()
		}
		if took := time.Since(began); took > time.Second || !within(inA, time.Second) {
			t.Errorf("%s: a thousand rings took %v", when, took)
		}
	}
	drain := func() {
		for _, c := range []<-chan struct{}{inA, inB, other} {
			for within(c, 100*time.Millisecond) {
				continue
			}
		}
	}
	hearEachOther := func(when string) {
		t.Helper()
		awaitConnected(t, true, a, b)
		drain()
		a.Committed.Ring()
		if !within(inB, time.Minute) {
			t.Errorf("%s: the other process does not hear", when)
		}
		if within(other, 100*time.Millisecond) {
			t.Errorf("%s: the wrong bell rings", when)
		}
	}

	ringsInsideAtOnce("without NATS")
	must(t, server.Start(t.Context()))
	if !within(inB, time.Minute) {
		t.Error("after NATS came there is no look at what was missed")
	}
	hearEachOther("NATS came")
	server.Kill()
	awaitConnected(t, false, a, b)
	ringsInsideAtOnce("NATS was killed")
	must(t, server.Start(t.Context()))
	hearEachOther("NATS is back")
	must(t, server.Freeze())
	ringsInsideAtOnce("NATS is frozen")
	awaitConnected(t, false, a, b)
	must(t, server.Thaw())
	hearEachOther("NATS goes on")
}

func TestNoAddressOfNATS(t *testing.T) {
	t.Parallel()
	for _, address := range []string{"", "127.0.0.1:4222", "http://127.0.0.1:4222", "nats://", "nats://a:4222,b:4222", "nats://user:geheim@a:4222,:"} {
		b, err := stream.JoinBells(address, slog.New(slog.DiscardHandler))
		if err == nil {
			b.Close()
			t.Errorf("%q is taken", address)
		} else if strings.Contains(err.Error(), "geheim") {
			t.Errorf("the password is repeated: %v", err)
		}
	}
}

// Two replicas on one database with NATS between them: what one commits, a follower at
// the other hears of long before it would have looked by itself.
func TestReplicasHearOfEachOther(t *testing.T) {
	for _, name := range dbtest.Expected(t) {
		if name == dbtest.SQLite {
			continue // one process only
		}
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			db, server := dbtest.New(t, name), natstest.New(t)
			one, two := openStore(t, db), openStore(t, db)
			bells := []*stream.Bells{join(t, server.URL()), join(t, server.URL())}
			awaitConnected(t, true, bells...)
			replica(t, one, "one", bells[0])
			st := replica(t, two, "two", bells[1])
			sub, err := st.Follow(t.Context(), stream.Request{})
			if err != nil {
				t.Fatal(err)
			}
			if d, err := sub.Next(t.Context()); err != nil || d.Kind != stream.KindSnapshot {
				t.Fatalf("began with %+v, %v", d, err)
			}
			emit(t, one, "warm up: somebody has to take the lease", 0, 1)
			if _, err := sub.Next(t.Context()); err != nil {
				t.Fatal(err)
			}
			var waits []time.Duration
			for n := range 40 {
				began := time.Now()
				emit(t, []*store.Store{one, two}[n%2], "w", n, 1)
				d, err := sub.Next(t.Context())
				if err != nil || d.Event.Type != town.EventLegCalled {
					t.Fatalf("event %d: %+v, %v", n, d, err)
				}
				waits = append(waits, time.Since(began))
			}
			slices.Sort(waits)
			// Looking by itself, the other replica would take 150 ms in the mean.
			if half := waits[len(waits)/2]; half > 100*time.Millisecond {
				t.Errorf("half of the events took more than %v", half)
			}
		})
	}
}

// replica runs a stream that listens to the bells.
func replica(t *testing.T, s *store.Store, name string, bells *stream.Bells) *stream.Stream {
	t.Helper()
	st, _ := run(t, stream.Config{Store: s, Log: slog.New(slog.DiscardHandler), Replica: name, Committed: bells.Committed, Numbered: bells.Numbered})
	return st
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
