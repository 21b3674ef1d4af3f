package main

import (
	"context"
	"time"

	"github.com/spazio-in-comune/sportello/graph/transport"
	"github.com/spazio-in-comune/sportello/internal/access"
	"github.com/spazio-in-comune/sportello/internal/town"
)

// openSocket names who opens a socket and ends the socket with their rights.
func (a *app) openSocket(ctx context.Context, payload map[string]any) (context.Context, map[string]any, time.Time, error) {
	ctx, ack, end, err := a.door.FromInitPayload(ctx, payload)
	if err != nil {
		return nil, nil, time.Time{}, err
	}
	return a.hold(ctx), ack, end, nil
}

// openEvents ends an event stream with the rights of who asks for it.
func (a *app) openEvents(ctx context.Context) (context.Context, time.Time) {
	var end time.Time
	if v := access.Asker(ctx); v != nil {
		end = v.Expires
	}
	return a.hold(ctx), end
}

// keepAsker is what a socket keeps of its request: who asks.
func keepAsker(ctx context.Context) context.Context {
	return access.With(context.Background(), access.Asker(ctx))
}

// hold gives a context that is cancelled as soon as the viewer in ctx is shut out, or
// may do more or less than now. The public, who has nothing to lose, is not held.
func (a *app) hold(ctx context.Context) context.Context {
	if _, err := access.From(ctx); err != nil {
		return ctx
	}
	ctx, cancel := context.WithCancelCause(ctx)
	held, release := a.authority.Hold(ctx, func(why error) { cancel(closing(why)) })
	context.AfterFunc(ctx, release)
	return held
}

// closing is what a socket closes with, and what an event stream tells.
func closing(why error) error {
	reason := "Rights changed"
	if town.CodeOf(why) == town.Unauthenticated {
		reason = "Session ended"
	}
	return &transport.CloseError{Code: transport.CloseForbidden, Reason: reason, Err: why}
}
