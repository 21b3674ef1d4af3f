package results

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/spazio-in-comune/sportello/ent"
	"github.com/spazio-in-comune/sportello/ent/consumeroffset"
	"github.com/spazio-in-comune/sportello/internal/access"
	"github.com/spazio-in-comune/sportello/internal/results/tally"
	"github.com/spazio-in-comune/sportello/internal/town"
)

// How long a follower waits for an event to be counted, and how often it looks.
const (
	awaitAtMost = 10 * time.Second
	awaitPause  = 200 * time.Millisecond
)

// Await waits until the event of that number is counted, so that who is told of it sees
// figures in which it is. While nobody counts it gives up after some seconds: the figures
// as they stand are told then, and the next event brings the rest.
func (r *Results) Await(ctx context.Context, seq int64) error {
	if seq == 0 { // a snapshot: no event has to be in it
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, awaitAtMost)
	defer cancel()
	for {
		place, err := r.store.Reader().ConsumerOffset.Query().Where(consumeroffset.ID(ConsumerName)).
			Only(access.System(ctx, "the place of the figures"))
		switch {
		case err == nil && place.Seq >= seq:
			return nil
		case err != nil && !ent.IsNotFound(err) && ctx.Err() == nil:
			return fmt.Errorf("find the place of the figures in the log: %w", err)
		}
		select {
		case <-time.After(awaitPause):
		case <-ctx.Done():
			if errors.Is(ctx.Err(), context.DeadlineExceeded) {
				return nil
			}
			return ctx.Err()
		}
	}
}

// Concerns reports whether figures that the viewer in ctx may see, and asked for, are
// counted from the event. It is asked instead of [access.MaySee], for who may see how
// often something happened need not be told what it was.
func (f Filter) Concerns(ctx context.Context, e town.Event) bool {
	viewer, err := access.From(ctx)
	if err != nil {
		return false
	}
	counts := tally.Counts{}
	counts.Apply(e)
	offices := viewer.Scope.Offices(access.ResultsRead)
	for key := range counts {
		if offices.Has(key.OfficeID) && !key.Day.Before(f.From) && !key.Day.After(f.To) &&
			(f.Office == nil || *f.Office == key.OfficeID) && (f.Service == nil || *f.Service == key.ServiceID) {
			return true
		}
	}
	return false
}
