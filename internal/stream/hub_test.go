package stream

import (
	"context"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/spazio-in-comune/sportello/internal/town"
)

func leg(visit string) town.Event { return town.Event{Type: town.EventLegCalled, VisitID: visit} }

func many(n int, e town.Event) []town.Event { return slices.Repeat([]town.Event{e}, n) }

// bubble runs a test with a hub over memory in virtual time. What still runs at
// its end fails it.
func bubble(t *testing.T, fn func(t *testing.T, m *memory, h *hub, bell *Bell)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		m, bell := &memory{}, &Bell{}
		h := memoryHub(m)
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		go h.run(ctx, bell)
		fn(t, m, h, bell)
		cancel()
		synctest.Wait()
		if n := h.stats.Followers.Load(); n != 0 {
			t.Errorf("%d subscriptions are still open", n)
		}
	})
}

func follow(t *testing.T, h *hub, r Request) *Subscription {
	t.Helper()
	s, err := h.follow(t.Context(), r)
	if err != nil {
		t.Fatalf("follow: %v", err)
	}
	return s
}

func next(t *testing.T, s *Subscription) Delivery {
	t.Helper()
	d, err := s.Next(t.Context())
	if err != nil {
		t.Fatalf("next: %v", err)
	}
	return d
}

// nothing checks that no delivery comes within two polls.
func nothing(t *testing.T, s *Subscription) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 2*poll)
	defer cancel()
	if d, err := s.Next(ctx); err == nil {
		t.Fatalf("unexpected delivery: %+v", d)
	}
}

func TestSnapshotThenLive(t *testing.T) {
	bubble(t, func(t *testing.T, m *memory, h *hub, bell *Bell) {
		m.add(leg("v1"), leg("v2"))
		s := follow(t, h, Request{Filter: Filter{VisitID: "v1"}})
		m.add(leg("v2"), leg("v1"))
		bell.Ring()
		if d := next(t, s); d.Kind != KindSnapshot || d.Event.ID != "" {
			t.Errorf("first delivery: %+v, want a snapshot without an event", d)
		}
		if d := next(t, s); d.Kind != KindEvent || d.Event.Seq != 4 {
			t.Errorf("second delivery: %+v, want event 4", d)
		}
		nothing(t, s)
	})
}

func TestPollingStandsInForALostRing(t *testing.T) {
	bubble(t, func(t *testing.T, m *memory, h *hub, _ *Bell) {
		s := follow(t, h, Request{})
		next(t, s)
		m.add(leg("v"))
		start := time.Now()
		next(t, s)
		if waited := time.Since(start); waited > poll {
			t.Errorf("waited %v without a ring", waited)
		}
	})
}

func TestResume(t *testing.T) {
	bubble(t, func(t *testing.T, m *memory, h *hub, bell *Bell) {
		m.add(many(300, leg("v"))...)
		first := follow(t, h, Request{})
		cursor := next(t, first).Cursor
		first.Close()
		m.add(many(700, leg("v"))...)
		bell.Ring()
		synctest.Wait()
		s := follow(t, h, Request{After: &cursor})
		m.add(many(100, leg("v"))...)
		bell.Ring()
		for want := int64(301); want <= 1100; want++ {
			if d := next(t, s); d.Event.Seq != want {
				t.Fatalf("got event %d, want %d", d.Event.Seq, want)
			}
		}
		nothing(t, s)
	})
}

func TestCursorsThatTheLogCannotContinueFrom(t *testing.T) {
	kept := func(seq int64) string {
		return positionOf(&town.Event{Seq: seq, ID: "evt_00000" + string(rune('0'+seq))}).cursor()
	}
	for _, c := range []struct {
		name, cursor string
		want         town.Code
	}{
		{"none", "", town.BadUserInput},
		{"words", "hello", town.BadUserInput},
		{"long", string(slices.Repeat([]byte("A"), 1000)), town.BadUserInput},
		{"negative", position{seq: -1}.cursor(), town.BadUserInput},
		{"before retention", kept(2), town.SnapshotNeeded},
		{"from the future", kept(9), town.SnapshotNeeded},
		{"of another log", position{seq: 5, tag: "ABCDEF"}.cursor(), town.SnapshotNeeded},
		{"the beginning, no longer kept", position{}.cursor(), town.SnapshotNeeded},
		{"kept", kept(5), ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			bubble(t, func(t *testing.T, m *memory, h *hub, _ *Bell) {
				m.add(many(6, leg("v"))...)
				synctest.Wait()
				m.keepFrom(4)
				s, err := h.follow(t.Context(), Request{After: &c.cursor})
				if c.want == "" {
					if err != nil {
						t.Fatal(err)
					}
					s.Close()
					return
				}
				if town.CodeOf(err) != c.want {
					t.Errorf("got %v, want %s", err, c.want)
				}
			})
		})
	}
}

func TestSlowReaderLosesNothingAndStopsNobody(t *testing.T) {
	bubble(t, func(t *testing.T, m *memory, h *hub, bell *Bell) {
		slow, quick := follow(t, h, Request{}), follow(t, h, Request{})
		next(t, slow)
		next(t, quick)
		for burst := range int64(40) {
			m.add(many(50, leg("v"))...)
			bell.Ring()
			for i := range int64(50) {
				if d := next(t, quick); d.Event.Seq != burst*50+i+1 {
					t.Fatalf("quick reader got %d", d.Event.Seq)
				}
			}
		}
		slow.mu.Lock()
		if len(slow.queue) > bufferLimit {
			t.Errorf("%d events wait for the slow reader", len(slow.queue))
		}
		slow.mu.Unlock()
		for want := int64(1); want <= 2000; want++ {
			if d := next(t, slow); d.Event.Seq != want {
				t.Fatalf("slow reader got %d, want %d", d.Event.Seq, want)
			}
		}
		m.add(leg("v"))
		bell.Ring()
		if d := next(t, slow); d.Event.Seq != 2001 {
			t.Errorf("live again: got %d", d.Event.Seq)
		}
		if h.stats.Overflows.Load() != 1 {
			t.Errorf("%d overflows, want 1", h.stats.Overflows.Load())
		}
	})
}

func TestLatestLeavesOutStatesInBetween(t *testing.T) {
	bubble(t, func(t *testing.T, m *memory, h *hub, bell *Bell) {
		hide := func(e town.Event) bool { return e.VisitID != "hidden" }
		cursor := position{}.cursor()
		s := follow(t, h, Request{Mode: Latest, After: &cursor, Rights: Rights{MaySee: hide}})
		if d := next(t, s); d.Kind != KindSnapshot {
			t.Fatalf("first delivery: %+v", d)
		}
		burst := func(events ...town.Event) {
			m.add(events...)
			bell.Ring()
			synctest.Wait()
		}
		burst(many(1000, leg("v"))...)
		if d := next(t, s); d.Kind != KindEvent || d.Event.Seq != 1000 {
			t.Errorf("got %+v, want event 1000", d)
		}
		burst(leg("v"), leg("hidden"))
		if d := next(t, s); d.Kind != KindSnapshot || d.Event.ID != "" {
			t.Errorf("got %+v, want a snapshot for what was left out", d)
		}
		burst(leg("hidden"))
		nothing(t, s)
	})
}

func TestRightsAreAskedAtEachDelivery(t *testing.T) {
	bubble(t, func(t *testing.T, m *memory, h *hub, bell *Bell) {
		var revoked error
		s := follow(t, h, Request{Rights: Rights{
			Refresh: func(context.Context) error { return revoked },
			MaySee:  func(e town.Event) bool { return e.OfficeID == "mine" },
		}})
		next(t, s)
		m.add(town.Event{Type: town.EventCaseNoted, OfficeID: "other"}, town.Event{Type: town.EventCaseNoted, OfficeID: "mine"})
		bell.Ring()
		if d := next(t, s); d.Event.Seq != 2 {
			t.Errorf("got %+v, want the event of the own office", d)
		}
		m.add(town.Event{Type: town.EventCaseNoted, OfficeID: "mine"})
		bell.Ring()
		synctest.Wait()
		revoked = town.Errorf(town.Forbidden, "revoked", "revocato")
		if d, err := s.Next(t.Context()); town.CodeOf(err) != town.Forbidden {
			t.Errorf("after the end of rights: %+v, %v", d, err)
		}
		s.Close()
	})
}

func TestRightsEndASilentStream(t *testing.T) {
	for name, wake := range map[string]struct {
		recheck bool
		within  time.Duration
	}{"at once when told": {true, 0}, "within seconds when not": {false, recheckEvery}} {
		t.Run(name, func(t *testing.T) {
			bubble(t, func(t *testing.T, _ *memory, h *hub, _ *Bell) {
				revoked := make(chan struct{})
				s := follow(t, h, Request{Rights: Rights{Refresh: func(context.Context) error {
					select {
					case <-revoked:
						return town.Errorf(town.Forbidden, "revoked", "revocato")
					default:
						return nil
					}
				}}})
				next(t, s)
				over := make(chan error)
				go func() {
					_, err := s.Next(t.Context())
					over <- err
				}()
				synctest.Wait()
				close(revoked)
				start := time.Now()
				if wake.recheck {
					h.recheck()
				}
				if err := <-over; town.CodeOf(err) != town.Forbidden {
					t.Errorf("got %v", err)
				}
				if waited := time.Since(start); waited > wake.within {
					t.Errorf("ended after %v", waited)
				}
				s.Close()
			})
		})
	}
}

func TestAGapThatClosesLosesNothing(t *testing.T) {
	bubble(t, func(t *testing.T, m *memory, h *hub, bell *Bell) {
		s := follow(t, h, Request{})
		next(t, s)
		m.add(leg("v"), town.Event{Seq: 3, Type: town.EventLegCalled})
		bell.Ring()
		if d := next(t, s); d.Event.Seq != 1 {
			t.Fatalf("got %d", d.Event.Seq)
		}
		time.Sleep(gapPatience / 2)
		m.mu.Lock()
		m.events = slices.Insert(m.events, 1, town.Event{Seq: 2, ID: "evt_000002", Type: town.EventLegCalled})
		m.mu.Unlock()
		for want := int64(2); want <= 3; want++ {
			if d := next(t, s); d.Event.Seq != want {
				t.Fatalf("got %d, want %d", d.Event.Seq, want)
			}
		}
		if h.stats.Gaps.Load() != 0 {
			t.Error("a gap was counted")
		}
	})
}

func TestAGapThatStaysAsksForASnapshot(t *testing.T) {
	bubble(t, func(t *testing.T, m *memory, h *hub, bell *Bell) {
		s := follow(t, h, Request{})
		next(t, s)
		m.add(leg("v"), town.Event{Seq: 3, Type: town.EventLegCalled})
		bell.Ring()
		next(t, s)
		if d, err := s.Next(t.Context()); town.CodeOf(err) != town.SnapshotNeeded {
			t.Fatalf("got %+v, %v, want SNAPSHOT_NEEDED", d, err)
		}
		again := follow(t, h, Request{})
		next(t, again)
		m.add(leg("v"))
		bell.Ring()
		if d := next(t, again); d.Event.Seq != 4 {
			t.Errorf("after the gap: got %d, want 4", d.Event.Seq)
		}
	})
}

func TestDatabaseAway(t *testing.T) {
	bubble(t, func(t *testing.T, m *memory, h *hub, bell *Bell) {
		cursor := position{}.cursor()
		s := follow(t, h, Request{After: &cursor})
		m.add(many(10, leg("v"))...)
		m.setBroken(true)
		bell.Ring()
		if _, err := h.follow(t.Context(), Request{}); town.CodeOf(err) != town.Unavailable {
			t.Errorf("follow without a database: %v, want UNAVAILABLE", err)
		}
		time.AfterFunc(30*time.Second, func() { m.setBroken(false) })
		for want := int64(1); want <= 10; want++ {
			if d := next(t, s); d.Event.Seq != want {
				t.Fatalf("got %d, want %d", d.Event.Seq, want)
			}
		}
	})
}

func TestStopEndsEverySubscription(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := memoryHub(&memory{})
		ctx, cancel := context.WithCancel(t.Context())
		go h.run(ctx, &Bell{})
		s := follow(t, h, Request{})
		next(t, s)
		time.AfterFunc(time.Minute, cancel)
		if _, err := s.Next(t.Context()); town.CodeOf(err) != town.Unavailable {
			t.Errorf("after the stop: %v", err)
		}
		if _, err := h.follow(t.Context(), Request{}); town.CodeOf(err) != town.Unavailable {
			t.Errorf("follow after the stop: %v", err)
		}
		if n := h.stats.Followers.Load(); n != 0 {
			t.Errorf("%d subscriptions are still open", n)
		}
	})
}

func TestContextEndsASubscription(t *testing.T) {
	bubble(t, func(t *testing.T, _ *memory, h *hub, _ *Bell) {
		ctx, cancel := context.WithCancel(t.Context())
		if _, err := h.follow(ctx, Request{}); err != nil {
			t.Fatal(err)
		}
		cancel()
		synctest.Wait()
		if n := h.stats.Followers.Load(); n != 0 {
			t.Errorf("%d subscriptions are still open", n)
		}
	})
}

// Whatever readers, bursts and reconnections do, a lossless follower gets what
// its filter asks for: each event once, in order.
func TestLosslessProperty(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		type step struct {
			Add, Visit, Read int
			Reconnect, Ring  bool
		}
		steps := rapid.SliceOfN(rapid.Custom(func(t *rapid.T) step {
			return step{
				Add: rapid.IntRange(0, 400).Draw(t, "add"), Visit: rapid.IntRange(1, 2).Draw(t, "visit"),
				Read:      rapid.IntRange(0, 300).Draw(t, "read"),
				Reconnect: rapid.Bool().Draw(t, "reconnect"), Ring: rapid.Bool().Draw(t, "ring"),
			}
		}), 1, 12).Draw(rt, "steps")
		var want, got []int64
		synctest.Test(t, func(t *testing.T) {
			m, bell := &memory{}, &Bell{}
			h := memoryHub(m)
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			go h.run(ctx, bell)
			filter := Filter{VisitID: "v1"}
			s := follow(t, h, Request{Filter: filter})
			cursor := next(t, s).Cursor
			read := func(limit int) {
				for range limit {
					if len(got) == len(want) {
						return
					}
					d := next(t, s)
					got, cursor = append(got, d.Event.Seq), d.Cursor
				}
			}
			for _, st := range steps {
				visit := "v" + string(rune('0'+st.Visit))
				for range st.Add {
					m.add(leg(visit))
					if visit == "v1" {
						want = append(want, m.last())
					}
				}
				if st.Ring {
					bell.Ring()
					synctest.Wait()
				}
				read(st.Read)
				if st.Reconnect {
					s.Close()
					s = follow(t, h, Request{Filter: filter, After: &cursor})
				}
			}
			read(len(want))
			nothing(t, s)
		})
		if diff := cmp.Diff(want, got); diff != "" {
			rt.Fatalf("events (-want +got):\n%s", diff)
		}
	})
}
