package transport_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"

	"github.com/99designs/gqlgen/graphql"

	"github.com/spazio-in-comune/sportello/graph/transport"
)

// boards are the states of the subscription "board", whose resolver knows newcomers: "viewer kind state".
type boards struct {
	mu        sync.Mutex
	state     int
	followers map[chan struct{}]struct{}
	executed  int
	running   int
}

// tell makes it the next state.
func (b *boards) tell() int {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.state++
	for f := range b.followers {
		select {
		case f <- struct{}{}:
		default:
		}
	}
	return b.state
}

func (b *boards) counts() (executed, running int) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.executed, b.running
}

func (b *boards) now() int {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.state
}

func (b *boards) follow(ctx context.Context, args map[string]any, data func(any) *graphql.Response) graphql.ResponseHandler {
	if args["site"] == "nowhere" {
		graphql.AddError(ctx, errors.New("no such site"))
		return nil
	}
	news := make(chan struct{}, 1)
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.followers == nil {
		b.followers = map[chan struct{}]struct{}{}
	}
	b.followers[news] = struct{}{}
	b.executed++
	b.running++
	context.AfterFunc(ctx, func() {
		b.mu.Lock()
		defer b.mu.Unlock()
		delete(b.followers, news)
		b.running--
	})
	viewer, _ := ctx.Value(viewerKey{}).(string)
	size, _ := args["kilobytes"].(int64)
	fill := strings.Repeat("x", int(size)<<10)
	newcomers := transport.Newcomers(ctx)
	if newcomers == nil { // alone: begins with a snapshot as well
		once := make(chan struct{}, 1)
		once <- struct{}{}
		newcomers = once
	}
	return func(ctx context.Context) *graphql.Response {
		kind := "event"
		select {
		case <-newcomers:
			kind = "snapshot"
		case <-news:
		case <-ctx.Done():
			return nil
		}
		transport.Announce(ctx, kind == "snapshot")
		return data(fmt.Sprintf("%s %s %d %s", viewer, kind, b.now(), fill))
	}
}

// sharing lets boards be shared among those for whom scope gives the same; "" is alone.
func sharing(scope func(viewer string) (string, <-chan struct{})) func(*transport.Config) {
	return func(c *transport.Config) {
		c.Socket.Init = namedByToken
		c.Share = func(ctx context.Context, op *graphql.OperationContext) (*transport.Shared, error) {
			viewer, _ := ctx.Value(viewerKey{}).(string)
			if viewer == "refused" {
				return nil, errors.New("not for you")
			}
			name, changed := scope(viewer)
			if name == "" || !strings.Contains(op.RawQuery, "board") {
				return nil, nil
			}
			variables := map[string]any{}
			for k, v := range op.Variables {
				if k != "after" {
					variables[k] = v
				}
			}
			return &transport.Shared{
				Context: context.WithValue(context.Background(), viewerKey{}, name), Scope: name, Variables: variables, Changed: changed,
			}, nil
		}
	}
}
