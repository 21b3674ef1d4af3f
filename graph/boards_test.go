package graph

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/spazio-in-comune/sportello/internal/desk"
)

// Everyone whom one event wakes gets one reading; the next event, another site, and
// a moment later get their own.
func TestBoardsShareAReading(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var b boards
		var reads atomic.Int32
		read := func(ctx context.Context, site string) (*desk.Board, error) {
			time.Sleep(10 * time.Millisecond)
			reads.Add(1)
			return &desk.Board{SiteID: site}, ctx.Err()
		}
		everybody := func(site, cursor string) {
			var wg sync.WaitGroup
			for range 50 {
				wg.Go(func() {
					board, err := b.after(t.Context(), site, cursor, read)
					if err != nil || board.SiteID != site {
						t.Errorf("%v, %v", board, err)
					}
				})
			}
			wg.Wait()
		}
		for i, step := range []struct {
			site, cursor string
			pause        time.Duration
			reads        int32
		}{
			{"a", "1", 0, 1},
			{"a", "1", 0, 1},
			{"a", "2", 0, 2},
			{"b", "2", 0, 3},
			{"a", "2", 2 * time.Second, 4},
		} {
			time.Sleep(step.pause)
			everybody(step.site, step.cursor)
			if got := reads.Load(); got != step.reads {
				t.Errorf("step %d: %d reads, want %d", i, got, step.reads)
			}
		}
	})
}

// Who hangs up gets nothing and takes nothing from the others.
func TestBoardsSurviveAHangUp(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var b boards
		read := func(ctx context.Context, site string) (*desk.Board, error) {
			time.Sleep(time.Second / 2)
			return &desk.Board{SiteID: site}, ctx.Err()
		}
		first, hangUp := context.WithCancel(t.Context())
		go func() { _, _ = b.after(first, "a", "1", read) }()
		synctest.Wait()
		impatient, giveUp := context.WithCancel(t.Context())
		giveUp()
		if _, err := b.after(impatient, "a", "1", read); !errors.Is(err, context.Canceled) {
			t.Errorf("who gave up got %v", err)
		}
		hangUp()
		if board, err := b.after(t.Context(), "a", "1", read); err != nil || board.SiteID != "a" {
			t.Errorf("the others got %v, %v", board, err)
		}
	})
}
