package town

import (
	"context"
	"sync"
	"time"
)

// Clock is the business clock: stamps, terms and due work follow it. Deadlines
// of calls, pings and tokens use real time instead.
type Clock interface {
	// Now is the present moment in UTC, to the microsecond, which is what every
	// database keeps.
	Now() time.Time
	// WaitUntil returns nil once the clock has reached t, or the context's error.
	WaitUntil(ctx context.Context, t time.Time) error
}

// Stamp is t as it is kept: UTC, to the microsecond.
func Stamp(t time.Time) time.Time { return t.UTC().Truncate(time.Microsecond) }

// SystemClock is the clock on the wall.
type SystemClock struct{}

// Now implements [Clock].
func (SystemClock) Now() time.Time { return Stamp(time.Now()) }

// WaitUntil implements [Clock].
func (SystemClock) WaitUntil(ctx context.Context, t time.Time) error {
	timer := time.NewTimer(time.Until(t))
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// ShiftedClock is the clock on the wall, ahead by By (behind if By is negative): a
// demonstration may be on any day.
type ShiftedClock struct{ By time.Duration }

// Now implements [Clock].
func (c ShiftedClock) Now() time.Time { return Stamp(time.Now().Add(c.By)) }

// WaitUntil implements [Clock].
func (c ShiftedClock) WaitUntil(ctx context.Context, t time.Time) error {
	return SystemClock{}.WaitUntil(ctx, t.Add(-c.By))
}

// ManualClock stands still until it is moved; the simulator and the tests use it.
type ManualClock struct {
	mu    sync.Mutex // guards now and moved
	now   time.Time
	moved chan struct{}
}

// NewManualClock starts at the given moment.
func NewManualClock(at time.Time) *ManualClock {
	return &ManualClock{now: Stamp(at), moved: make(chan struct{})}
}

// Now implements [Clock].
func (c *ManualClock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

// Set moves the clock, forward or back, and wakes everyone who waits.
func (c *ManualClock) Set(t time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = Stamp(t)
	close(c.moved)
	c.moved = make(chan struct{})
}

// Advance moves the clock by d.
func (c *ManualClock) Advance(d time.Duration) { c.Set(c.Now().Add(d)) }

// WaitUntil implements [Clock].
func (c *ManualClock) WaitUntil(ctx context.Context, t time.Time) error {
	for {
		c.mu.Lock()
		reached, moved := !c.now.Before(t), c.moved
		c.mu.Unlock()
		if reached {
			return nil
		}
		select {
		case <-moved:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}
