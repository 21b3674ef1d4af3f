package stream

import (
	"context"
	"fmt"
	"time"

	"github.com/spazio-in-comune/sportello/ent/event"
)

// DefaultRetention is how far back a cursor may reach where nothing else is said. Whoever
// was away for holidays still misses nothing; whoever was away for longer is better served
// by the present state than by a month of events.
const DefaultRetention = 30 * 24 * time.Hour

// holds reports whether a client may read on from p: p is of this log, everything after it
// is kept, and the first of it is younger than the retention. Nothing is deleted: the log
// is the record from which figures are made again, and durable consumers read it whole.
func (l *Log) holds(ctx context.Context, p position) (bool, error) {
	ctx, cancel := readContext(ctx)
	defer cancel()
	rows, err := l.store.Reader().Event.Query().Where(event.SeqGTE(p.seq)).Order(event.BySeq()).Limit(2).
		Select(event.FieldSeq, event.FieldUID, event.FieldAt).All(ctx)
	if err != nil {
		return false, fmt.Errorf("look for a cursor in the log: %w", err)
	}
	if p.seq > 0 { // else it is the place before the first event
		if len(rows) == 0 || *rows[0].Seq != p.seq || tagOf(rows[0].UID) != p.tag {
			return false, nil
		}
		rows = rows[1:]
	}
	if len(rows) == 0 {
		return true, nil
	}
	next := rows[0]
	return *next.Seq == p.seq+1 && (l.retention == 0 || next.At.After(l.store.Clock().Now().Add(-l.retention))), nil
}
