package store_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/spazio-in-comune/sportello/internal/store"
	"github.com/spazio-in-comune/sportello/internal/store/dbtest"
	"github.com/spazio-in-comune/sportello/internal/town"
)

func request(key string, input any) store.Once {
	return store.Once{Actor: "per_1", Mutation: "issueTicket", Key: key, Input: input}
}

func TestOnce(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, db dbtest.DB) {
		s, ctx := open(t, db), context.Background()
		ran := 0
		ask := func(once store.Once) (string, bool, error) {
			return s.Once(ctx, once, func(ctx context.Context, tx *store.Tx) (string, error) {
				ran++
				return fmt.Sprintf("result %d", ran), put(ctx, tx, fmt.Sprintf("effect %d", ran), tx.Now)
			})
		}
		for i, want := range []struct {
			once     store.Once
			id       string
			replayed bool
			code     town.Code
		}{
			{once: request("k", 1), id: "result 1"},
			{once: request("k", 1), id: "result 1", replayed: true},
			{once: request("k", 2), code: town.IdempotencyKeyReused, replayed: true},
			{once: request("other", 1), id: "result 2"},
			{once: store.Once{Actor: "per_2", Mutation: "issueTicket", Key: "k", Input: 1}, id: "result 3"},
			{once: store.Once{Actor: "per_1", Mutation: "callNext", Key: "k", Input: 1}, id: "result 4"},
			{once: request(strings.Repeat("è", 191), 1), id: "result 5"},
			{once: request(strings.Repeat("è", 192), 1), code: town.Invalid},
			{once: request("", 1), code: town.Invalid},
		} {
			id, replayed, err := ask(want.once)
			if id != want.id || replayed != want.replayed {
				t.Errorf("request %d: %q, replayed %v", i, id, replayed)
			}
			if want.code == "" && err != nil || want.code != "" && town.CodeOf(err) != want.code {
				t.Errorf("request %d: %v, want %s", i, err, want.code)
			}
		}
		if got := len(ids(t, s)); got != 5 {
			t.Errorf("%d effects, want 5", got)
		}
	})
}

// A refusal is an answer: it is given again, with every problem as it was. A fault
// is none: the next try runs.
func TestOnceRemembersRefusals(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, db dbtest.DB) {
		s, ctx := open(t, db), context.Background()
		refusal := town.Problems{
			town.Errorf(town.Required, "missing", "manca").At("input", "answers", "email"),
			{Code: town.FieldProblem, Message: "bad", MessageIT: "errato", Detail: "cf"},
		}
		refuse := func(ctx context.Context, tx *store.Tx) (string, error) {
			return "", errors.Join(put(ctx, tx, "half", tx.Now), refusal)
		}
		if _, _, err := s.Once(ctx, request("k", 1), refuse); !errors.As(err, new(town.Problems)) {
			t.Fatalf("first answer: %v", err)
		}
		_, replayed, err := s.Once(ctx, request("k", 1), func(context.Context, *store.Tx) (string, error) {
			t.Error("a remembered refusal ran again")
			return "", nil
		})
		var again town.Problems
		if !errors.As(err, &again) || !replayed {
			t.Fatalf("second answer: %v, replayed %v", err, replayed)
		}
		if diff := cmp.Diff(refusal, again); diff != "" {
			t.Errorf("second answer (-first +second):\n%s", diff)
		}
		if left := ids(t, s); len(left) > 0 {
			t.Errorf("a refused unit left %v", left)
		}

		fault := errors.New("disk on fire")
		if _, _, err := s.Once(ctx, request("f", 1), func(context.Context, *store.Tx) (string, error) { return "", fault }); !errors.Is(err, fault) {
			t.Fatalf("a fault: %v", err)
		}
		id, replayed, err := s.Once(ctx, request("f", 1), func(context.Context, *store.Tx) (string, error) { return "fine", nil })
		if id != "fine" || replayed || err != nil {
			t.Errorf("after a fault: %q, %v, %v", id, replayed, err)
		}
	})
}

func TestOnceAtOnce(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, db dbtest.DB) {
		s, ctx := open(t, db), context.Background()
		var effects, first atomic.Int32
		var wg sync.WaitGroup
		for range 20 {
			wg.Go(func() {
				id, replayed, err := s.Once(ctx, request("k", "same"), func(ctx context.Context, tx *store.Tx) (string, error) {
					n := effects.Add(1)
					return "the one", put(ctx, tx, fmt.Sprint(n), tx.Now)
				})
				if err != nil || id != "the one" {
					t.Errorf("%q, %v", id, err)
				}
				if !replayed {
					first.Add(1)
				}
			})
		}
		wg.Wait()
		if first.Load() != 1 || len(ids(t, s)) != 1 {
			t.Errorf("%d first answers, %d effects", first.Load(), len(ids(t, s)))
		}
	})
}

// Two first requests with one key that both were told that nothing is known have one
// effect, and one answer; so do those that are refused because of each other.
func TestRecalledByTwo(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, db dbtest.DB) {
		s, ctx := open(t, db), context.Background()
		first, second := request("k", 1), request("k", 1)
		for _, once := range []*store.Once{&first, &second} {
			if _, known, err := s.Recall(ctx, once); known || err != nil {
				t.Fatalf("known %v, %v", known, err)
			}
		}
		effect := 0
		ask := func(once store.Once) (string, bool, error) {
			return s.Once(ctx, once, func(ctx context.Context, tx *store.Tx) (string, error) {
				effect++
				return fmt.Sprintf("result %d", effect), put(ctx, tx, fmt.Sprintf("effect %d", effect), tx.Now)
			})
		}
		if id, replayed, err := ask(first); id != "result 1" || replayed || err != nil {
			t.Errorf("the first: %q, replayed %v, %v", id, replayed, err)
		}
		if id, replayed, err := ask(second); id != "result 1" || !replayed || err != nil {
			t.Errorf("the second: %q, replayed %v, %v", id, replayed, err)
		}
		refused := func(_ context.Context, _ *store.Tx) (string, error) {
			return "", town.Errorf(town.Conflict, "there is one already", "ce n'è già uno")
		}
		if id, replayed, err := s.Once(ctx, second, refused); id != "result 1" || !replayed || err != nil {
			t.Errorf("the second, met by the first: %q, replayed %v, %v", id, replayed, err)
		}
		if diff := cmp.Diff([]string{"effect 1"}, ids(t, s)); diff != "" {
			t.Errorf("effects (-want +got):\n%s", diff)
		}
		other := request("k", 2)
		if _, known, err := s.Recall(ctx, &other); !known || town.CodeOf(err) != town.IdempotencyKeyReused {
			t.Errorf("other input: known %v, %v", known, err)
		}
	})
}
