package casework_test

import (
	"context"
	"errors"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/spazio-in-comune/sportello/ent/caseclock"
	"github.com/spazio-in-comune/sportello/internal/casework"
	"github.com/spazio-in-comune/sportello/internal/casework/life"
	"github.com/spazio-in-comune/sportello/internal/store/dbtest"
	"github.com/spazio-in-comune/sportello/internal/town"
)

func (h *house) expired(t testing.TB, caseID string) int {
	t.Helper()
	n := 0
	for _, e := range h.eventTypes(t, caseID) {
		if e == town.EventClockExpired {
			n++
		}
	}
	return n
}

// Residence declared on Thursday 24 December 2026: late from Wednesday 30, and
// confirmed by silence from Tuesday 9 February 2027, decided or not.
func TestResidenceConfirmedBySilence(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, db dbtest.DB) {
		t.Parallel()
		h := newHouse(t, db)
		h.clock.Set(time.Date(2026, 12, 24, 9, 0, 0, 0, time.UTC))
		file := h.file(t, "cambio-residenza", nil)
		expire := func(at string, want int) {
			t.Helper()
			moment, err := time.Parse(time.RFC3339, at)
			if err != nil {
				t.Fatal(err)
			}
			h.clock.Set(moment)
			if n, err := h.ExpireDue(context.Background()); n != want || err != nil {
				t.Fatalf("at %s: %d terms passed, %v, want %d", at, n, err, want)
			}
		}
		expire("2026-12-29T23:59:59+01:00", 0)
		expire("2026-12-30T00:00:00+01:00", 1)
		late, err := h.Case(h.as(t, officer), file.ID)
		if err != nil || !slices.Contains(late.Flags, "overdue") || late.Phase != town.PhaseTriage {
			t.Fatalf("late case %+v, %v", late, err)
		}
		expire("2027-02-08T23:59:59+01:00", 0)
		expire("2027-02-09T00:00:00+01:00", 1)
		expire("2027-02-10T00:00:00+01:00", 0)
		after, err := h.Case(h.as(t, officer), file.ID)
		if err != nil || !strings.Contains(after.Substatus, "2027-02-09") || after.Phase != town.PhaseTriage {
			t.Fatalf("after the checks %+v, %v", after, err)
		}
		lines, err := h.Timeline(h.as(t, mario), file.ID, town.PageArgs{})
		last := lines.Items[len(lines.Items)-1]
		if err != nil || last.Kind != "clock_expired" || last.Data["effect"] != "confirmed" || last.Data["from"] != "2027-02-09" {
			t.Errorf("history %+v, %v", last, err)
		}
		if n := h.expired(t, file.ID); n != 2 {
			t.Errorf("%d facts", n)
		}
	})
}

func TestTermsPassOnceForManyReplicas(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, db dbtest.DB) {
		t.Parallel()
		h := newHouse(t, db)
		const cases = 12
		var ids []string
		for range cases {
			ids = append(ids, h.file(t, "tari-riduzioni-rateizzazione", nil).ID)
		}
		h.clock.Set(opening.AddDate(0, 0, 31)) // 24 December
		var handled atomic.Int64
		var wg sync.WaitGroup
		for range 4 {
			wg.Go(func() {
				n, err := h.ExpireDue(context.Background())
				if err != nil {
					t.Errorf("expire: %v", err)
				}
				handled.Add(int64(n))
			})
		}
		wg.Wait()
		if handled.Load() != cases {
			t.Errorf("%d terms handled, want %d", handled.Load(), cases)
		}
		for _, id := range ids {
			if n := h.expired(t, id); n != 1 {
				t.Errorf("case %s has %d facts", id, n)
			}
		}
	})
}

// A case that is damaged does not hold up the terms after its own.
func TestOneFaultHoldsUpNobody(t *testing.T) {
	t.Parallel()
	h := newHouse(t, dbtest.New(t, dbtest.SQLite))
	damaged, sound := h.file(t, "tari-riduzioni-rateizzazione", nil), h.file(t, "tari-riduzioni-rateizzazione", nil)
	h.damaged.Store(damaged.ID)
	h.clock.Set(opening.AddDate(0, 0, 31))
	n, err := h.ExpireDue(context.Background())
	if n != 1 || err == nil {
		t.Fatalf("%d terms handled, %v", n, err)
	}
	if h.expired(t, damaged.ID) != 0 || h.expired(t, sound.ID) != 1 {
		t.Error("the wrong one was handled")
	}
}

// A measure in time ends the term; one that comes late finds it expired, and it
// stays so.
func TestDecisionEndsTheTerm(t *testing.T) {
	t.Parallel()
	h := newHouse(t, dbtest.New(t, dbtest.SQLite))
	decide := func(id string) {
		t.Helper()
		ctx := h.as(t, headTaxes)
		file, err := h.Case(ctx, id)
		if err != nil {
			t.Fatal(err)
		}
		if file, err = h.TakeCaseInCharge(ctx, casework.CaseInput{CaseID: id, ExpectedVersion: file.Version}); err != nil {
			t.Fatal(err)
		}
		_, err = h.DecideCase(ctx, casework.DecideCaseInput{IdempotencyKey: key(), CaseID: id, ExpectedVersion: file.Version, Outcome: life.Partial, Reasons: "Accolta in parte."})
		if err != nil {
			t.Fatal(err)
		}
	}
	inTime, late := h.file(t, "tari-riduzioni-rateizzazione", nil).ID, h.file(t, "tari-riduzioni-rateizzazione", nil).ID
	h.clock.Set(opening.AddDate(0, 0, 30)) // 23 December, the last useful day
	decide(inTime)
	h.clock.Set(opening.AddDate(0, 0, 31))
	if n, err := h.ExpireDue(context.Background()); n != 1 || err != nil {
		t.Fatalf("%d terms passed, %v", n, err)
	}
	decide(late)
	states := map[string]town.ClockState{}
	for _, id := range []string{inTime, late} {
		row, err := h.store.Reader().CaseClock.Query().Where(caseclock.CaseID(id)).Only(h.system())
		if err != nil {
			t.Fatal(err)
		}
		states[id] = row.State
	}
	if states[inTime] != town.ClockStopped || states[late] != town.ClockExpired {
		t.Errorf("in time %s, late %s", states[inTime], states[late])
	}
}

func TestWorkerHandlesTermsAsTheClockMoves(t *testing.T) {
	t.Parallel()
	h := newHouse(t, dbtest.New(t, dbtest.SQLite))
	file := h.file(t, "tari-riduzioni-rateizzazione", nil)
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- h.RunDue(ctx, slog.New(slog.DiscardHandler)) }()
	h.clock.Set(opening.AddDate(0, 0, 40))
	for deadline := time.Now().Add(10 * time.Second); h.expired(t, file.ID) == 0; time.Sleep(5 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("the worker does not see the term pass")
		}
	}
	cancel()
	if err := <-done; !errors.Is(err, context.Canceled) {
		t.Errorf("the worker ended with %v", err)
	}
}
