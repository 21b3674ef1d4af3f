package main

import (
	"context"

	"github.com/spazio-in-comune/sportello/internal/demo"
	"github.com/spazio-in-comune/sportello/internal/town"
	"github.com/spazio-in-comune/sportello/plugins/sdk"
)

// fillDemoDay gives the demonstration the day so far, once a day. It is played in
// rooms of its own, whose clock is moved; the house's clock stays in the present.
func (a *app) fillDemoDay(ctx context.Context) error {
	now := a.cfg.Clock.Now()
	clock := town.NewManualClock(now)
	s := a.store.WithClock(clock)
	desk, cases, voice, err := a.rooms(s)
	if err != nil {
		return err
	}
	return demo.FillDay(ctx, demo.House{
		Store: s, Clock: clock, Authority: a.authority, People: a.people, Desk: desk, Cases: cases, Voice: voice,
		Practice: a.practice, Town: a.town, Logger: a.cfg.Logger,
	}, now)
}

// practice is the form of a practice as it is now.
func (a *app) practice(code string) (*sdk.CompiledPractice, bool) {
	offer, found := departments{a.catalogue}.Practice(code)
	return offer.Practice, found
}
