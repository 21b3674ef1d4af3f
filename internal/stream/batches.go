package stream

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/spazio-in-comune/sportello/ent/consumeroffset"
	"github.com/spazio-in-comune/sportello/internal/access"
	"github.com/spazio-in-comune/sportello/internal/store"
	"github.com/spazio-in-comune/sportello/internal/town"
)

// BatchConsumer is work of a room that follows from events of others and may lag behind
// them by a moment, so that many are handled in one transaction.
type BatchConsumer struct {
	// Name keeps its place in the log; it never changes.
	Name string
	// Groups are the first words of the event types it wants; empty means all.
	Groups []string
	// Pause is how long it waits between two batches.
	Pause time.Duration
	// Handle does the work for the events, in the transaction that also moves the
	// consumer's place, under the rules of [Consumer.Handle].
	Handle func(ctx context.Context, tx *store.Tx, events []town.Event) error
}

// batchSize bounds the events of one transaction.
const batchSize = 500

// ConsumeBatches hands every event to the consumer, in order and in batches, from where it
// was, until the context ends. Replicas may run the same consumer: each event is handled
// by one of them.
func (s *Stream) ConsumeBatches(ctx context.Context, c BatchConsumer) error {
	ctx = access.System(ctx, "consumer."+c.Name)
	for ctx.Err() == nil {
		more, err := s.consumeBatch(ctx, c)
		if err != nil && !errors.Is(err, errMoved) && ctx.Err() == nil {
			s.stats.ConsumerFailures.Add(1)
			s.logger.WarnContext(ctx, "a consumer failed and tries again", "consumer", c.Name, "error", err)
		}
		if err == nil && more {
			continue
		}
		if !sleep(ctx, max(c.Pause, firstPause)) {
			break
		}
	}
	return nil
}

// consumeBatch handles what has come since; more if that was not all.
func (s *Stream) consumeBatch(ctx context.Context, c BatchConsumer) (more bool, err error) {
	upTo := s.hub.position() // without holes up to there, as far as anybody knows
	offset, err := s.offset(ctx, c.Name)
	if err != nil || offset >= upTo {
		return false, err
	}
	filter := Filter{Groups: c.Groups}
	events, more, err := s.events.Between(ctx, filter, offset, upTo, batchSize)
	if err != nil {
		return false, err
	}
	if more {
		upTo = events[len(events)-1].Seq
	}
	if len(events) == 0 {
		return false, nil // the place moves with the next event that it wants
	}
	err = s.store.InTx(ctx, "consumer "+c.Name, func(ctx context.Context, tx *store.Tx) error {
		moved, err := tx.ConsumerOffset.Update().
			Where(consumeroffset.ID(c.Name), consumeroffset.Seq(offset)).
			SetSeq(upTo).SetUpdatedAt(tx.Now).Save(ctx)
		if err != nil {
			return fmt.Errorf("move on in the log: %w", err)
		}
		if moved == 0 {
			return errMoved
		}
		tx.Derived()
		return c.Handle(ctx, tx, events)
	})
	if err != nil {
		return false, err
	}
	s.stats.Consumed.Add(int64(len(events)))
	return more, nil
}
