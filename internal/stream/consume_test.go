package stream_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/spazio-in-comune/sportello/internal/access"
	"github.com/spazio-in-comune/sportello/internal/store"
	"github.com/spazio-in-comune/sportello/internal/store/dbtest"
	"github.com/spazio-in-comune/sportello/internal/stream"
	"github.com/spazio-in-comune/sportello/internal/town"
)

// Two replicas run a consumer that fails now and then and is stopped again and
// again: each event has its effect once, and in order.
func TestConsumerHandlesEachEventOnceAndInOrder(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, db dbtest.DB) {
		const total = 40
		s := openStore(t, db)
		st, _ := running(t, s, "one")
		var calls atomic.Int64
		consumer := stream.Consumer{Name: "test", Groups: []string{"leg"}, Handle: func(ctx context.Context, tx *store.Tx, e town.Event) error {
			done, err := tx.Setting.Query().Count(ctx)
			if err != nil {
				return err
			}
			if want := fmt.Sprint(done); e.Data["n"] != want {
				return fmt.Errorf("out of order: event %s after %s events", e.Data["n"], want)
			}
			if err := tx.Setting.Create().SetID("seen." + e.Data["n"]).SetValue([]byte{1}).SetUpdatedAt(tx.Now).Exec(ctx); err != nil {
				return err
			}
			if calls.Add(1)%5 == 0 {
				return errors.New("fails now and then, after it wrote")
			}
			return nil
		}}
		write(t, s, "w", total/2)
		var wait sync.WaitGroup
		over, finish := context.WithTimeout(access.System(t.Context(), "test"), time.Minute)
		defer finish()
		for replica := range 2 {
			wait.Go(func() {
				for over.Err() == nil {
					ctx, cancel := context.WithTimeout(over, time.Duration(40+30*replica)*time.Millisecond)
					if err := st.Consume(ctx, consumer); err != nil && ctx.Err() == nil {
						t.Errorf("consume: %v", err)
					}
					cancel()
				}
			})
		}
		wait.Go(func() {
			writeSingly(t, s, total/2, total)
		})
		for over.Err() == nil {
			done, err := s.Reader().Setting.Query().Count(over)
			if err == nil && done == total {
				break
			}
			time.Sleep(10 * time.Millisecond)
		}
		if over.Err() != nil {
			t.Error("not every event was handled within a minute")
		}
		finish()
		wait.Wait()
		offset, err := s.Reader().ConsumerOffset.Get(access.System(t.Context(), "test"), "test")
		if err != nil || offset.Seq != total {
			t.Errorf("place in the log: %v, %v", offset, err)
		}
	})
}

func writeSingly(t *testing.T, s *store.Store, from, to int) {
	for n := from; n < to; n++ {
		emit(t, s, "w", n, 1)
	}
}

func TestConsumerGetsOnlyItsGroups(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, db dbtest.DB) {
		s := openStore(t, db)
		st, _ := running(t, s, "one")
		ctx, cancel := context.WithTimeout(access.System(t.Context(), "test"), time.Minute)
		defer cancel()
		var got []string
		err := s.InTx(ctx, "test", func(_ context.Context, tx *store.Tx) error {
			for _, typ := range []town.EventType{town.EventLegCalled, town.EventCaseNoted, town.EventFeedbackGiven, town.EventCaseDecided} {
				tx.Emit(town.Event{Type: typ})
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		err = st.Consume(ctx, stream.Consumer{Name: "cases", Groups: []string{"case"}, Handle: func(_ context.Context, _ *store.Tx, e town.Event) error {
			got = append(got, string(e.Type))
			if e.Type == town.EventCaseDecided {
				cancel()
			}
			return nil
		}})
		if err != nil {
			t.Fatal(err)
		}
		if all := strings.Join(got, " "); all != "case.noted case.decided" {
			t.Errorf("handled %q", all)
		}
	})
}
