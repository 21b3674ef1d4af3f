package main

import (
	"context"
	"errors"
	"time"

	"github.com/spazio-in-comune/sportello/internal/casework"
	"github.com/spazio-in-comune/sportello/internal/stream"
	"github.com/spazio-in-comune/sportello/internal/town"
)

// policyPoll is how often the roles held are read again, in case a message was
// lost.
const policyPoll = 2 * time.Second

// startWorkers starts the house's own work: what is due, what follows from events.
func (a *app) startWorkers(ctx context.Context) {
	a.background(ctx, func(ctx context.Context) { a.authority.Watch(ctx, policyPoll) })
	a.background(ctx, a.recheckStreams)
	a.background(ctx, a.logged("terms of cases", func(ctx context.Context) error { return a.cases.RunDue(ctx, a.cfg.Logger) }))
	a.background(ctx, a.logged("terms of the ladder", func(ctx context.Context) error { return a.voice.RunLapses(ctx, a.cfg.Logger) }))
	a.background(ctx, a.logged("end of the day", a.closeDays))
	a.background(ctx, a.logged("reviews after a department came back", func(ctx context.Context) error { return a.cases.RunReviews(ctx, a.cfg.Logger) }))
	a.background(ctx, a.logged("what citizens say of cases", func(ctx context.Context) error {
		return a.stream.Consume(ctx, stream.Consumer{Name: "casework.heard", Groups: casework.HeardGroups(), Handle: a.cases.Heard})
	}))
}

// logged turns a worker that fails into a line of the log.
func (a *app) logged(what string, work func(context.Context) error) func(context.Context) {
	return func(ctx context.Context) {
		if err := work(ctx); err != nil && !errors.Is(err, context.Canceled) {
			a.cfg.Logger.ErrorContext(ctx, "background work ended", "work", what, "error", err)
		}
	}
}

// recheckStreams makes live streams ask for their rights when roles change.
func (a *app) recheckStreams(ctx context.Context) {
	for {
		select {
		case <-a.authority.Changed():
			a.stream.Recheck()
		case <-ctx.Done():
			return
		}
	}
}

// closeDays closes at each midnight, and at the start, what past days left open.
func (a *app) closeDays(ctx context.Context) error {
	for {
		closed, err := a.desk.CloseDue(ctx)
		if err != nil && ctx.Err() == nil {
			a.cfg.Logger.ErrorContext(ctx, "past days could not be closed", "error", err)
		} else if closed.ExpiredLegs+closed.ClosedSessions > 0 {
			a.cfg.Logger.InfoContext(ctx, "past days closed", "legs", closed.ExpiredLegs, "sessions", closed.ClosedSessions)
		}
		midnight := town.Today(a.cfg.Clock.Now()).AddDays(1).At(0, 0, town.Rome())
		if err := a.cfg.Clock.WaitUntil(ctx, midnight); err != nil {
			return err
		}
	}
}
