package stream

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/spazio-in-comune/sportello/ent"
	"github.com/spazio-in-comune/sportello/ent/consumeroffset"
	"github.com/spazio-in-comune/sportello/internal/access"
	"github.com/spazio-in-comune/sportello/internal/store"
	"github.com/spazio-in-comune/sportello/internal/town"
)

// Consumer is work of a room that follows from events of others.
type Consumer struct {
	// Name keeps its place in the log; it never changes.
	Name string
	// Groups are the first words of the event types it wants; empty means all.
	Groups []string
	// Handle does the work for one event, in the transaction that also moves the
	// consumer's place: what it writes happens once, however often the process
	// is killed. It does no I/O but the database and may be run again.
	Handle func(ctx context.Context, tx *store.Tx, e town.Event) error
}

// The pauses of a consumer whose work fails: it tries the same event again, for
// the order matters more than speed.
const (
	firstPause   = 100 * time.Millisecond
	longestPause = 10 * time.Second
)

var errMoved = errors.New("another replica handled the event")

// Consume hands every event to the consumer, in order, from the beginning of the
// log or from where it was, until the context ends; a database that is away it waits
// for. Replicas may run the same consumer: each event is handled by one of them.
func (s *Stream) Consume(ctx context.Context, c Consumer) error {
	ctx = access.System(ctx, "consumer."+c.Name)
	offset, err := s.offset(ctx, c.Name)
	for err != nil {
		s.logger.WarnContext(ctx, "a consumer does not find its place and tries again", "consumer", c.Name, "error", err)
		if !sleep(ctx, poll) {
			return nil
		}
		offset, err = s.offset(ctx, c.Name)
	}
	sub, err := s.hub.followFrom(ctx, Filter{Groups: c.Groups}, offset)
	if err != nil {
		return err
	}
	defer func() { sub.Close() }()
	for {
		d, err := sub.Next(ctx)
		if town.CodeOf(err) == town.SnapshotNeeded { // a hole in the log, which the hub reported
			sub.Close()
			sub, err = s.hub.followFrom(ctx, Filter{Groups: c.Groups}, offset)
			if err == nil {
				continue
			}
		}
		if ctx.Err() != nil {
			return nil
		}
		if err != nil {
			return err
		}
		if d.Event.Seq <= offset {
			continue
		}
		if offset, err = s.handle(ctx, c, offset, d.Event); err != nil {
			return nil // the context ended
		}
	}
}

// handle tries until the event is handled, here or by another replica, and gives
// the consumer's new place. It fails only when the context ends.
func (s *Stream) handle(ctx context.Context, c Consumer, offset int64, e town.Event) (int64, error) {
	pause := firstPause
	for {
		err := s.tryHandle(ctx, c, offset, e)
		if err == nil {
			s.stats.Consumed.Add(1)
			return e.Seq, nil
		}
		if errors.Is(err, errMoved) {
			if moved, err := s.offset(ctx, c.Name); err == nil {
				return moved, nil
			}
		}
		s.stats.ConsumerFailures.Add(1)
		s.logger.WarnContext(ctx, "a consumer failed and tries again", "consumer", c.Name, "event", e.ID, "type", e.Type, "error", err)
		if !sleep(ctx, pause) {
			return offset, ctx.Err()
		}
		pause = min(2*pause, longestPause)
	}
}

func (s *Stream) tryHandle(ctx context.Context, c Consumer, offset int64, e town.Event) error {
	return s.store.InTx(ctx, "consumer "+c.Name, func(ctx context.Context, tx *store.Tx) error {
		moved, err := tx.ConsumerOffset.Update().
			Where(consumeroffset.ID(c.Name), consumeroffset.Seq(offset)).
			SetSeq(e.Seq).SetUpdatedAt(tx.Now).Save(ctx)
		if err != nil {
			return fmt.Errorf("move on in the log: %w", err)
		}
		if moved == 0 {
			return errMoved
		}
		return c.Handle(ctx, tx, e)
	})
}

// offset is the consumer's place in the log; it makes one at the beginning.
func (s *Stream) offset(ctx context.Context, name string) (int64, error) {
	row, err := s.store.Reader().ConsumerOffset.Get(ctx, name)
	if err == nil {
		return row.Seq, nil
	}
	if !ent.IsNotFound(err) {
		return 0, fmt.Errorf("find the place of consumer %s: %w", name, err)
	}
	err = s.store.InTx(ctx, "consumer "+name, func(ctx context.Context, tx *store.Tx) error {
		return tx.ConsumerOffset.Create().SetID(name).SetUpdatedAt(tx.Now).Exec(ctx)
	})
	if err != nil && !ent.IsConstraintError(err) {
		return 0, err
	}
	return 0, nil
}
