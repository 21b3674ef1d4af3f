package transport

import (
	"context"
	"net/http"
	"net/netip"
	"time"

	"github.com/99designs/gqlgen/graphql"
	"github.com/99designs/gqlgen/graphql/handler"
	"github.com/vektah/gqlparser/v2/validator/rules"

	"github.com/spazio-in-comune/sportello/graph/limits"
)

// Config is what a server needs besides its schema. The zero value with Limits set is closed: no introspection, no
// foreign origin, every mutation on its own.
type Config struct {
	Limits        limits.Table
	Sensitive     func(mutation string) bool // see limits.Guard
	Introspection func(ctx context.Context) bool
	Socket        SocketConfig
	EventStream   EventStreamConfig
	Share         ShareFunc // nil: every subscription is executed for itself
	Hooks         Hooks
}

// Hooks tell the outside what happens, for metrics and logs. Each may be nil, is called from many goroutines and must
// return at once.
type Hooks struct {
	// SocketOpened and SocketClosed frame the life of a WebSocket; code is the close code sent or received, 1006 when
	// the connection just went away.
	SocketOpened func()
	SocketClosed func(code int, open time.Duration)
	// Operation ends: via is "http", "ws" or "sse", errors counts those of its last answer. It is called for refused
	// operations too; op.Operation is nil when the document could not be read.
	Operation func(ctx context.Context, via string, op *graphql.OperationContext, took time.Duration, errors int)
	// Sent counts what is written to WebSockets and event streams.
	Sent func(bytes int)
	// Panic is called while the stack is still there: debug.Stack shows where it came from.
	Panic func(ctx context.Context, value any)
}

func (h Hooks) withDefaults() Hooks {
	if h.SocketOpened == nil {
		h.SocketOpened = func() {}
	}
	if h.SocketClosed == nil {
		h.SocketClosed = func(int, time.Duration) {}
	}
	if h.Operation == nil {
		h.Operation = func(context.Context, string, *graphql.OperationContext, time.Duration, int) {}
	}
	if h.Sent == nil {
		h.Sent = func(int) {}
	}
	if h.Panic == nil {
		h.Panic = func(context.Context, any) {}
	}
	return h
}

// Server is a gqlgen server with our transports and limits. The embedded server takes the error presenter, the recover
// function and further extensions.
type Server struct {
	*handler.Server
	sockets *WebSocket
	events  *EventStream
}

// New assembles a server for a schema.
func New(es graphql.ExecutableSchema, cfg Config) *Server {
	hooks := cfg.Hooks.withDefaults()
	seats := places{newSeats[string](cfg.Limits.SocketsPerUser), newSeats[netip.Addr](cfg.Limits.SocketsPerAddress)}
	sockets := newWebSocket(cfg.Limits, cfg.Socket, hooks, seats, cfg.Share)
	plain := HTTP{Limits: cfg.Limits, Hooks: hooks}
	events := newEventStream(plain, cfg.EventStream, cfg.Socket, seats)

	srv := handler.New(es)
	srv.AddTransport(sockets)
	srv.AddTransport(events)
	srv.AddTransport(plain)

	documents := limits.NewDocuments()
	srv.SetQueryCache(documents)
	srv.SetParserTokenLimit(cfg.Limits.Tokens)
	srv.SetDisableSuggestion(true)
	srv.SetValidationRulesFn(rulesWithoutSuggestions)
	srv.Use(&limits.Guard{
		Table:         cfg.Limits,
		Documents:     documents,
		Sensitive:     cfg.Sensitive,
		Introspection: cfg.Introspection,
	})
	return &Server{Server: srv, sockets: sockets, events: events}
}

// Shutdown closes every WebSocket with 1012, takes no new one and waits until all are gone. When ctx ends first, what
// is left is cut and ctx's error returned. Event streams end with UNAVAILABLE. They and plain HTTP requests are for
// http.Server.Shutdown to wait for, which in turn knows nothing of sockets: call both.
func (s *Server) Shutdown(ctx context.Context) error {
	s.events.close()
	return s.sockets.Shutdown(ctx)
}

// EventStreams is the number of event streams open now.
func (s *Server) EventStreams() int { return int(s.events.open.Load()) }

// Sockets is the number of WebSockets open now.
func (s *Server) Sockets() int { return s.sockets.count() }

var _ http.Handler = (*Server)(nil)

// rulesWithoutSuggestions are the validation rules of the specification. Suggestions ("did you mean …") would tell the
// schema to whom introspection is closed; gqlgen itself silences two of the five rules that make them.
func rulesWithoutSuggestions() *rules.Rules {
	r := rules.NewDefaultRules()
	r.ReplaceRule(rules.KnownArgumentNamesRule.Name, rules.KnownArgumentNamesRuleWithoutSuggestions.RuleFunc)
	r.ReplaceRule(rules.KnownTypeNamesRule.Name, rules.KnownTypeNamesRuleWithoutSuggestions.RuleFunc)
	r.ReplaceRule(rules.ValuesOfCorrectTypeRule.Name, rules.ValuesOfCorrectTypeRuleWithoutSuggestions.RuleFunc)
	return r
}
