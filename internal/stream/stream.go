package stream

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"entgo.io/ent/dialect"

	"github.com/spazio-in-comune/sportello/internal/store"
)

// Config says what a stream is made of.
type Config struct {
	Store *store.Store
	Log   *slog.Logger
	// Replica names this process among those on one database.
	Replica string
	// Committed rings when units with events were committed, Numbered when events
	// can be read in order. Nil means a bell inside the process.
	Committed, Numbered Doorbell
	// Retention is how old the first event after a client's cursor may be; 0 is any age.
	// Durable consumers are not concerned: they read the whole log.
	Retention time.Duration
}

// Stream is the live side of the event log.
type Stream struct {
	store     *store.Store
	logger    *slog.Logger
	events    *Log
	hub       *hub
	relay     *relay // nil where the commit numbers the events
	committed Doorbell
	numbered  Doorbell
	stats     Stats
}

// New makes a stream over the store and hangs its doorbell there. Call it before
// the first unit runs, and [Stream.Run] after it.
func New(ctx context.Context, cfg Config) (*Stream, error) {
	s := &Stream{store: cfg.Store, logger: cfg.Log, events: NewLog(cfg.Store, cfg.Retention), committed: cfg.Committed, numbered: cfg.Numbered}
	last, err := s.events.newest(ctx)
	if err != nil {
		return nil, err
	}
	s.hub = newHub(s.events, last.seq, &s.stats, cfg.Log)
	if s.numbered == nil {
		s.numbered = &Bell{}
	}
	if cfg.Store.Dialect() == dialect.MySQL {
		if s.committed == nil {
			s.committed = &Bell{}
		}
		s.relay = newRelay(cfg.Store, cfg.Replica, &s.stats, cfg.Log)
	} else {
		s.committed = s.numbered // one and the same moment
	}
	cfg.Store.OnCommit(s.committed.Ring)
	return s, nil
}

// Run passes events on until the context ends, then ends all subscriptions. It
// returns when everything it started has ended.
func (s *Stream) Run(ctx context.Context) {
	var wait sync.WaitGroup
	if s.relay != nil {
		wait.Go(func() { s.relay.run(ctx, s.committed, s.numbered) })
	}
	wait.Go(func() { s.hub.run(ctx, s.numbered) })
	wait.Wait()
}

// Follow starts a subscription. Without a cursor its first delivery is a snapshot
// to read the state at; then come the events, each once and in order, across
// whatever the reader or the database do. It ends with the context, or by Close.
//
// A cursor that is none gives BAD_USER_INPUT; one that the log cannot continue
// from (too old, of another database, or of what a restore undid) gives
// SNAPSHOT_NEEDED.
func (s *Stream) Follow(ctx context.Context, r Request) (*Subscription, error) {
	return s.hub.follow(ctx, r)
}

// Recheck makes every subscription ask for its rights again at once; call it
// when the policy or a role has changed.
func (s *Stream) Recheck() { s.hub.recheck() }

// Leads reports whether this process is the one that orders what is committed: always
// where the commit does it, else while it holds the lease.
func (s *Stream) Leads() bool { return s.relay == nil || s.relay.leads.Load() }

// Stats counts what the stream does.
func (s *Stream) Stats() *Stats { return &s.stats }

// Log reads the log itself.
func (s *Stream) Log() *Log { return s.events }
