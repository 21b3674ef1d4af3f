package main

import (
	"context"
	"errors"
	"time"

	"github.com/spazio-in-comune/sportello/internal/casework"
	"github.com/spazio-in-comune/sportello/internal/clocks/due"
	"github.com/spazio-in-comune/sportello/internal/results"
	"github.com/spazio-in-comune/sportello/internal/stream"
	"github.com/spazio-in-comune/sportello/internal/town"
)

const (
	// policyPoll is how often the policy version is read, in case its announcement was
	// lost: two reads of one row a second, some 30 µs each, so that nobody keeps a right
	// for a second.
	policyPoll = 500 * time.Millisecond
	// sessionPoll is how often sessions that last are asked for what ends by its date.
	sessionPoll = 500 * time.Millisecond
	// announcementPause is how long the listener waits after a fault.
	announcementPause = time.Second
	// closeAgain is how long the end of the day waits after a fault.
	closeAgain = 5 * time.Second
)

// startWorkers starts the house's own work: what is due, what follows from events.
func (a *app) startWorkers(ctx context.Context) {
	a.background(ctx, func(ctx context.Context) { a.authority.Watch(ctx, policyPoll) })
	a.background(ctx, a.hearOfRights)
	a.background(ctx, func(ctx context.Context) { a.audit.Heads(ctx, a.stream.Leads) })
	a.background(ctx, func(ctx context.Context) { a.authority.WatchSessions(ctx, sessionPoll, a.stream.Recheck) })
	a.background(ctx, a.logged("terms of cases", func(ctx context.Context) error { return a.cases.RunDue(ctx, a.cfg.Logger) }))
	a.background(ctx, a.logged("terms of the ladder", func(ctx context.Context) error { return a.voice.RunLapses(ctx, a.cfg.Logger) }))
	a.background(ctx, a.logged("end of the day", a.closeDays))
	a.background(ctx, a.logged("reviews after a department came back", func(ctx context.Context) error { return a.cases.RunReviews(ctx, a.cfg.Logger) }))
	a.background(ctx, a.logged("figures", func(ctx context.Context) error { return a.stream.ConsumeBatches(ctx, results.Consumer()) }))
	a.background(ctx, a.logged("what citizens say of cases", func(ctx context.Context) error {
		return a.stream.Consume(ctx, stream.Consumer{Name: "casework.heard", Groups: casework.HeardGroups(), Handle: a.cases.Heard})
	}))
	a.background(ctx, a.logged("documents", a.papers.Run))
	a.startAlerts(ctx)
	a.startNotices(ctx)
}

// logged turns a worker that fails into a line of the log.
func (a *app) logged(what string, work func(context.Context) error) func(context.Context) {
	return func(ctx context.Context) {
		if err := work(ctx); err != nil && !errors.Is(err, context.Canceled) {
			a.cfg.Logger.ErrorContext(ctx, "background work ended", "work", what, "error", err)
		}
	}
}

// hearOfRights takes a new snapshot of who may do what as soon as the log of events tells
// that something has changed, whichever process changed it.
func (a *app) hearOfRights(ctx context.Context) {
	for ctx.Err() == nil {
		if err := a.followRights(ctx); err != nil && ctx.Err() == nil {
			a.cfg.Logger.WarnContext(ctx, "changes of rights are not heard of; they are asked for", "error", err)
			select {
			case <-time.After(announcementPause):
			case <-ctx.Done():
			}
		}
	}
}

// followRights reloads at each fact about rights, several at once where they come fast.
func (a *app) followRights(ctx context.Context) error {
	sub, err := a.stream.Follow(ctx, stream.Request{Filter: stream.Filter{Groups: town.RightsGroups()}, Mode: stream.Latest})
	if err != nil {
		return err
	}
	defer sub.Close()
	for {
		if _, err := sub.Next(ctx); err != nil {
			return err
		}
		if err := a.authority.ReloadIfChanged(ctx); err != nil {
			return err
		}
	}
}

// closeDays closes at each midnight, and at the start, what past days left open.
func (a *app) closeDays(ctx context.Context) error {
	for {
		closed, err := a.desk.CloseDue(ctx)
		if err != nil && ctx.Err() == nil {
			a.cfg.Logger.ErrorContext(ctx, "past days could not be closed; it is tried again", "error", err)
			due.Pause(ctx, closeAgain)
			continue
		}
		if closed.ExpiredLegs+closed.ClosedSessions > 0 {
			a.cfg.Logger.InfoContext(ctx, "past days closed", "legs", closed.ExpiredLegs, "sessions", closed.ClosedSessions)
		}
		midnight := town.Today(a.cfg.Clock.Now()).AddDays(1).At(0, 0, town.Rome())
		if err := a.cfg.Clock.WaitUntil(ctx, midnight); err != nil {
			return err
		}
	}
}
