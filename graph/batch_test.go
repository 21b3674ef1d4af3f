package graph

import (
	"context"
	"errors"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
)

// Siblings ask at the same time, as the fields of a list do.
func siblings(n int, ask func(i int)) {
	var wg sync.WaitGroup
	for i := range n {
		wg.Go(func() { ask(i) })
	}
	wg.Wait()
}

func TestSiblingsShareABatch(t *testing.T) {
	var reads atomic.Int32
	l := loader(func(_ context.Context, keys []string) (map[string]int, error) {
		reads.Add(1)
		found := map[string]int{}
		for _, key := range keys {
			n, err := strconv.Atoi(key)
			if err != nil {
				return nil, err
			}
			if n%5 != 0 { // some are missing
				found[key] = n
			}
		}
		return found, nil
	})
	const n = 100
	siblings(2*n, func(i int) {
		want := i % n
		got, err := l.Load(t.Context(), strconv.Itoa(want))
		if want%5 == 0 {
			want = 0
		}
		if err != nil || got != want {
			t.Errorf("key %d: got %d, %v", i%n, got, err)
		}
	})
	before := reads.Load()
	if before > n/4 { // a busy machine may part them; alone there is one
		t.Errorf("%d reads for %d keys", before, n)
	}
	all, err := l.LoadAll(t.Context(), []string{"7", "5", "3"})
	if err != nil || len(all) != 3 || all[0] != 7 || all[1] != 0 || all[2] != 3 {
		t.Errorf("got %v, %v", all, err)
	}
	if after := reads.Load(); after != before {
		t.Errorf("keys that were read are read again: %d reads, before %d", after, before)
	}
}

func TestABatchThatFailsTellsEverybody(t *testing.T) {
	broken := errors.New("the disk is gone")
	for name, read := range map[string]func(context.Context, []int) (map[int]int, error){
		"an error": func(context.Context, []int) (map[int]int, error) { return nil, broken },
		"a panic":  func(context.Context, []int) (map[int]int, error) { panic(broken.Error()) },
	} {
		t.Run(name, func(t *testing.T) {
			l := loader(read)
			siblings(20, func(i int) {
				if _, err := l.Load(t.Context(), i); err == nil || !strings.Contains(err.Error(), broken.Error()) {
					t.Errorf("key %d: %v", i, err)
				}
			})
			if _, err := l.LoadAll(t.Context(), []int{1, 30}); err == nil {
				t.Error("reading many gave no error")
			}
		})
	}
}
