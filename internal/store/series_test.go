package store_test

import (
	"context"
	"errors"
	"slices"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/spazio-in-comune/sportello/internal/store"
	"github.com/spazio-in-comune/sportello/internal/store/dbtest"
	"github.com/spazio-in-comune/sportello/internal/town"
)

// Numbers of a series follow one another without a gap or a double, although many take them
// at the same time, also the first, and some take one in vain.
func TestTakeNumber(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, db dbtest.DB) {
		s, ctx := open(t, db), context.Background()
		day := town.Date{Year: 2026, Month: 3, Day: 2}
		inVain := errors.New("in vain")
		take := func(site string, day town.Date, end error) (number int, err error) {
			err = s.InTx(ctx, "take a number", func(ctx context.Context, tx *store.Tx) (err error) {
				if number, err = tx.TakeNumber(ctx, site, "A", day, func() string { return town.NewID("num", tx.Now) }); err != nil {
					return err
				}
				return end
			})
			return number, err
		}
		const many = 30
		var mu sync.Mutex
		var got, want []int
		var group sync.WaitGroup
		for i := range many {
			want = append(want, i+1)
			group.Go(func() {
				if _, err := take("site", day, inVain); !errors.Is(err, inVain) {
					t.Errorf("taken in vain: %v", err)
				}
				number, err := take("site", day, nil)
				if err != nil {
					t.Error(err)
				}
				mu.Lock()
				defer mu.Unlock()
				got = append(got, number)
			})
		}
		group.Wait()
		slices.Sort(got)
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("numbers (-want +got):\n%s", diff)
		}
		for name, other := range map[string]struct {
			site string
			day  town.Date
		}{"site": {"another", day}, "day": {"site", day.AddDays(1)}} {
			if number, err := take(other.site, other.day, nil); number != 1 || err != nil {
				t.Errorf("another %s begins with %d, %v", name, number, err)
			}
		}
	})
}
