package desk

import (
	"errors"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

// Who asks while somebody looks waits for the next look, and shares it with all who came
// meanwhile; what they get was true after they asked.
func TestAskTogether(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var hall together[string, int]
		var truth, looks atomic.Int64
		look := func() (int, error) { //nolint:unparam // a look may fail
			looks.Add(1)
			seen := truth.Load()
			time.Sleep(time.Second)
			return int(seen), nil
		}
		var group sync.WaitGroup
		ask := func() {
			group.Go(func() {
				asked := truth.Load()
				got, err := hall.ask("office", look)
				if err != nil || int64(got) < asked {
					t.Errorf("got %d, %v, which was not true any more when %d was", got, err, asked)
				}
			})
		}
		ask()
		synctest.Wait()
		for range 10 {
			truth.Add(1)
			ask()
		}
		group.Wait()
		if looks.Load() != 2 {
			t.Errorf("looked %d times for eleven who asked, want 2", looks.Load())
		}
		if len(hall.lines) != 0 {
			t.Errorf("%d lines are left", len(hall.lines))
		}
	})
}

func TestAskTogetherApart(t *testing.T) {
	var hall together[string, string]
	for _, office := range []string{"one", "other"} {
		got, err := hall.ask(office, func() (string, error) { return office, nil })
		if err != nil || got != office {
			t.Errorf("asked for %s, got %q, %v", office, got, err)
		}
	}
}

// A look that fails, or never comes back, fails for whoever shares it and for nobody else.
func TestAskTogetherFails(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var hall together[string, int]
		gone := errors.New("gone")
		var group sync.WaitGroup
		begin := func(look func() (int, error), want error) {
			group.Go(func() {
				defer func() { _ = recover() }()
				if _, err := hall.ask("office", look); !errors.Is(err, want) {
					t.Errorf("got %v, want %v", err, want)
				}
			})
			synctest.Wait()
		}
		slowly := func() { time.Sleep(time.Second) }
		begin(func() (int, error) { slowly(); return 0, gone }, gone)
		begin(func() (int, error) { panic("a fault of the program") }, nil)
		begin(func() (int, error) { return 0, nil }, errNoAnswer) // joins the one before
		group.Wait()
		if got, err := hall.ask("office", func() (int, error) { return 7, nil }); err != nil || got != 7 {
			t.Errorf("afterwards got %d, %v", got, err)
		}
	})
}
