package graph

import (
	"context"
	"fmt"
	"log/slog"
	"runtime/debug"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"

	"github.com/spazio-in-comune/sportello/graph/generated"
	"github.com/spazio-in-comune/sportello/graph/limits"
	"github.com/spazio-in-comune/sportello/graph/transport"
	"github.com/spazio-in-comune/sportello/internal/access"
	"github.com/spazio-in-comune/sportello/internal/town"
)

// Config is what the API needs beside its resolvers.
type Config struct {
	Logger *slog.Logger
	// Socket says who may open a WebSocket.
	Socket transport.SocketConfig
	// Events says how long an event stream lasts.
	Events transport.EventStreamConfig
	Hooks  transport.Hooks
	// Unavailable tells faults that pass, such as a database that cannot be reached,
	// from those of ours; nil knows none.
	Unavailable func(error) bool
	// Introspection opens the schema to everybody, for a demo town.
	Introspection bool
	// Limits of the API; nil are those that the product ships with.
	Limits *limits.Table
}

// NewServer serves the contract over HTTP and WebSocket.
func NewServer(r *Resolver, cfg Config) *transport.Server {
	hooks, table := cfg.Hooks, limits.Default()
	if cfg.Limits != nil {
		table = *cfg.Limits
	}
	hooks.Panic = func(ctx context.Context, value any) {
		cfg.Logger.ErrorContext(ctx, "resolver panicked", "operation", operationName(ctx), "panic", value, "stack", string(debug.Stack()))
	}
	srv := transport.New(generated.NewExecutableSchema(generated.Config{Resolvers: r}), transport.Config{
		Limits:        table,
		Introspection: func(context.Context) bool { return cfg.Introspection },
		Socket:        cfg.Socket,
		EventStream:   cfg.Events,
		Share:         r.share,
		Hooks:         hooks,
	})
	present := presenter(cfg.Logger, cfg.Unavailable)
	srv.SetErrorPresenter(present)
	srv.SetRecoverFunc(func(_ context.Context, value any) error { return fmt.Errorf("resolver panicked: %v", value) })
	srv.AroundOperations(forkViewer)
	srv.AroundRootFields(guardRootFields)
	srv.AroundRootFields(beginAction)
	srv.AroundOperations(guardSubscriptions)
	srv.AroundResponses(r.audited(present))
	srv.AroundResponses(r.withLoaders)
	return srv
}

// forkViewer gives each operation a viewer of its own: a stream's renewed rights
// are not those of its neighbours on the socket.
func forkViewer(ctx context.Context, next graphql.OperationHandler) graphql.ResponseHandler {
	return next(access.Fork(ctx))
}

// public are the root fields that need no token: the catalogue, the board and
// the published figures.
func public(field string) bool {
	switch field {
	case "services", "service", "practice", "orientation", "offices", "sites", "site", "board", "boardChanged", "publicResults",
		"viewer", "__schema", "__type", "__typename":
		return true
	default:
		return false
	}
}

// guardRootFields refuses whoever has no token, field by field. The rooms check
// again what a viewer may do; this line makes a forgotten check harmless.
func guardRootFields(ctx context.Context, next graphql.RootResolver) graphql.Marshaler {
	field := graphql.GetRootFieldContext(ctx).Field
	if !public(field.Name) {
		if _, err := access.From(ctx); err != nil {
			graphql.AddError(graphql.WithPathContext(ctx, graphql.NewPathWithField(field.Alias)), err)
			return graphql.Null
		}
	}
	return next(ctx)
}

// guardSubscriptions does the same for subscriptions, which have one root field.
func guardSubscriptions(ctx context.Context, next graphql.OperationHandler) graphql.ResponseHandler {
	op := graphql.GetOperationContext(ctx)
	if op.Operation.Operation != ast.Subscription {
		return next(ctx)
	}
	for _, field := range graphql.CollectFields(op, op.Operation.SelectionSet, []string{"Subscription"}) {
		if public(field.Name) {
			continue
		}
		if _, err := access.From(ctx); err != nil {
			return graphql.OneShot(refused(field.Alias, err))
		}
	}
	return next(ctx)
}

func refused(alias string, err error) *graphql.Response {
	message, code := "Sign in to do this.", string(town.CodeOf(err))
	return &graphql.Response{Errors: gqlerror.List{{
		Message: message, Path: ast.Path{ast.PathName(alias)}, Extensions: map[string]any{"code": code},
	}}}
}
