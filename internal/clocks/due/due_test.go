package due_test

import (
	"context"
	"errors"
	"log/slog"
	"testing"
	"testing/synctest"
	"time"

	"github.com/spazio-in-comune/sportello/internal/clocks/due"
	"github.com/spazio-in-comune/sportello/internal/town"
)

func start() time.Time { return time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC) }

// run starts a worker that notes when it was asked, and gives a function to stop it.
// It fails the first times, then does nothing.
func run(t *testing.T, clock town.Clock, next func() time.Time, faults int) (asked *[]time.Time, stop func()) {
	t.Helper()
	asked = &[]time.Time{}
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	w := due.Worker{
		Clock: clock, Logger: slog.New(slog.DiscardHandler), What: "test",
		Handle: func(context.Context) (int, error) {
			*asked = append(*asked, clock.Now())
			if len(*asked) <= faults {
				return 0, errors.New("away")
			}
			return 0, nil
		},
		Next: func(context.Context) (time.Time, error) { return next(), nil },
	}
	go func() { done <- w.Run(ctx) }()
	return asked, func() {
		cancel()
		if err := <-done; !errors.Is(err, context.Canceled) {
			t.Errorf("the worker ended with %v", err)
		}
	}
}

func TestLooksWhenSomethingFallsDue(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		clock := town.NewManualClock(start())
		asked, stop := run(t, clock, func() time.Time { return start().Add(10 * time.Second) }, 0)
		synctest.Wait()
		clock.Advance(9 * time.Second)
		synctest.Wait()
		if len(*asked) != 1 {
			t.Errorf("asked %d times before anything was due, want once at the start", len(*asked))
		}
		clock.Advance(2 * time.Second)
		synctest.Wait()
		if len(*asked) != 2 {
			t.Errorf("asked %d times, want once more when it fell due", len(*asked))
		}
		stop()
	})
}

// What is due and cannot be done is tried now and then, not without pause.
func TestDoesNotSpin(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		asked, stop := run(t, town.NewManualClock(start()), start, 0)
		time.Sleep(11 * time.Second)
		synctest.Wait()
		if len(*asked) != 3 {
			t.Errorf("asked %d times in 11 s, want at 0, 5 and 10 s", len(*asked))
		}
		stop()
	})
}

func TestLooksAgainWithoutKnowing(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		clock := town.NewManualClock(start())
		asked, stop := run(t, clock, func() time.Time { return time.Time{} }, 0)
		synctest.Wait()
		clock.Advance(time.Minute)
		synctest.Wait()
		if len(*asked) != 2 {
			t.Errorf("asked %d times, want at the start and after a minute", len(*asked))
		}
		stop()
	})
}

func TestTriesAgainAfterAFault(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		clock := town.NewManualClock(start())
		asked, stop := run(t, clock, func() time.Time { return time.Time{} }, 2)
		time.Sleep(time.Minute) // faults are waited for in real time
		synctest.Wait()
		if len(*asked) != 3 {
			t.Errorf("asked %d times, want two faults and one success", len(*asked))
		}
		stop()
	})
}
