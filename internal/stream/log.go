package stream

import (
	"context"
	"fmt"
	"time"

	"github.com/spazio-in-comune/sportello/ent"
	"github.com/spazio-in-comune/sportello/ent/event"
	"github.com/spazio-in-comune/sportello/internal/access"
	"github.com/spazio-in-comune/sportello/internal/store"
	"github.com/spazio-in-comune/sportello/internal/town"
)

// patience bounds one read of the log, so that a database that hangs is noticed.
const patience = 5 * time.Second

// Log reads the numbered events from the table. It sees all of them: whoever
// passes events on asks for the rights of each receiver.
type Log struct {
	store     *store.Store
	retention time.Duration // of cursors; 0 is for ever
}

// NewLog reads the log of the given store. Cursors of clients are good for the retention,
// or for ever if it is 0.
func NewLog(s *store.Store, retention time.Duration) *Log {
	return &Log{store: s, retention: retention}
}

// Between returns up to limit events after one number and up to another, in
// order, and whether there may be more. The filter only narrows the search: the
// caller still asks it about each event.
func (l *Log) Between(ctx context.Context, f Filter, after, upTo int64, limit int) (events []town.Event, more bool, err error) {
	ctx, cancel := readContext(ctx)
	defer cancel()
	rows, err := l.store.Reader().Event.Query().
		Where(event.SeqGT(after), event.SeqLTE(upTo)).Where(f.where()...).
		Order(event.BySeq()).Limit(limit).All(ctx)
	if err != nil {
		return nil, false, fmt.Errorf("read the log after %d: %w", after, err)
	}
	return townEvents(rows), len(rows) == limit, nil
}

// Newest is the number of the last event, 0 in an empty log.
func (l *Log) Newest(ctx context.Context) (int64, error) {
	p, err := l.newest(ctx)
	return p.seq, err
}

func (l *Log) newest(ctx context.Context) (position, error) {
	return l.edge(ctx, ent.Desc(event.FieldSeq))
}

// Oldest is the number of the first event that is kept, 0 in an empty log.
func (l *Log) Oldest(ctx context.Context) (int64, error) {
	p, err := l.edge(ctx, ent.Asc(event.FieldSeq))
	return p.seq, err
}

func (l *Log) edge(ctx context.Context, order event.OrderOption) (position, error) {
	ctx, cancel := readContext(ctx)
	defer cancel()
	row, err := l.store.Reader().Event.Query().Where(event.SeqNotNil()).Order(order).First(ctx)
	if ent.IsNotFound(err) {
		return position{}, nil
	}
	if err != nil {
		return position{}, fmt.Errorf("find the end of the log: %w", err)
	}
	return position{seq: *row.Seq, tag: tagOf(row.UID)}, nil
}

func readContext(ctx context.Context) (context.Context, context.CancelFunc) {
	return context.WithTimeout(access.System(ctx, "stream"), patience)
}

func townEvents(rows []*ent.Event) []town.Event {
	events := make([]town.Event, len(rows))
	for i, r := range rows {
		events[i] = town.Event{
			ID: r.UID, At: r.At, Seq: *r.Seq, Type: r.Type,
			SiteID: r.SiteID, OfficeID: r.OfficeID, ServiceID: r.ServiceID,
			VisitID: r.VisitID, LegID: r.LegID, CounterID: r.CounterID, CaseID: r.CaseID,
			IntakeID: r.IntakeID, FeedbackID: r.FeedbackID, EscalationID: r.EscalationID,
			Level: r.Level, Parties: r.Parties, HolderID: r.HolderID, Confidential: r.Confidential,
			Actor: r.Actor, OnBehalfOf: r.OnBehalfOf, Data: r.Data,
		}
	}
	return events
}
