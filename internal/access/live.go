package access

import (
	"context"
	"reflect"
	"sync"
	"time"

	"github.com/spazio-in-comune/sportello/internal/town"
)

// live are the sessions that last longer than a request: sockets and event streams. One
// sweep looks after all of them, so that an idle one costs an entry in a map and no
// goroutine.
type live struct {
	mu          sync.Mutex // guards connections
	connections map[*connection]struct{}
}

// connection is somebody who stays connected, with the rights that they came with.
type connection struct {
	holder *holder
	over   func(error)
	once   sync.Once
}

// end tells once why the session is over.
func (c *connection) end(why error) { c.once.Do(func() { c.over(why) }) }

// Hold keeps an eye on the viewer in the context for as long as somebody stays connected:
// it returns a context with the same viewer, whose session is over when over is called.
// That happens once, from any goroutine, as soon as the viewer is shut out (UNAUTHENTICATED)
// or may do more or less than when the session began (FORBIDDEN): the next session has
// the new rights. It must return at once. Call release when the connection is gone.
//
// Whatever is read in the context by way of [Authority.Renew] notices it first, and nothing
// is delivered after; an idle session is noticed by [Authority.WatchSessions]. The public,
// who has no rights to lose, is not watched.
func (a *Authority) Hold(ctx context.Context, over func(error)) (held context.Context, release func()) {
	v := Asker(ctx)
	if v == nil || v.Kind == KindPublic || v.Kind == KindSystem {
		return ctx, func() {}
	}
	c := &connection{over: over}
	c.holder = &holder{connection: c}
	c.holder.current.Store(v)
	a.live.mu.Lock()
	defer a.live.mu.Unlock()
	if a.live.connections == nil {
		a.live.connections = map[*connection]struct{}{}
	}
	a.live.connections[c] = struct{}{}
	return context.WithValue(ctx, viewerKey{}, c.holder), func() { a.drop(c) }
}

func (a *Authority) drop(c *connection) {
	a.live.mu.Lock()
	defer a.live.mu.Unlock()
	delete(a.live.connections, c)
}

// WatchSessions ends the sessions whose rights have changed, until the context ends: at
// once when a new snapshot is taken, and at each interval for what ends by its date. It
// calls next after each new snapshot, when the sessions have been looked after.
func (a *Authority) WatchSessions(ctx context.Context, every time.Duration, next func()) {
	tick := time.NewTicker(every)
	defer tick.Stop()
	for changed := a.Changed(); ; {
		select {
		case <-ctx.Done():
			return
		case <-changed:
			changed = a.Changed()
			a.sweep()
			next()
		case <-tick.C:
			a.sweep()
		}
	}
}

// sweep asks for the rights of every session again. It costs some tens of nanoseconds for
// each whose snapshot is the present one.
func (a *Authority) sweep() {
	for _, e := range a.ofOtherRights() {
		e.connection.end(e.why)
	}
}

// ended is a session that is over.
type ended struct {
	connection *connection
	why        error
}

// ofOtherRights takes the sessions that are over out of the list.
func (a *Authority) ofOtherRights() []ended {
	a.live.mu.Lock()
	defer a.live.mu.Unlock()
	var over []ended
	seen := comparison{}
	for c := range a.live.connections {
		if why := a.renew(c.holder, seen); why != nil {
			over = append(over, ended{c, why})
			delete(a.live.connections, c)
		}
	}
	return over
}

// renew brings the holder's viewer up to date. With a session, a viewer who may do
// more or less than before is an error: the session does not go on with other rights.
func (a *Authority) renew(h *holder, seen comparison) error {
	v := h.current.Load()
	fresh, err := a.Refresh(v)
	if err != nil || fresh == v {
		return err
	}
	if h.connection != nil && !seen.same(v, fresh) {
		return errRightsChanged()
	}
	// Somebody may have shown a ticket meanwhile: then the next delivery renews.
	h.current.CompareAndSwap(v, fresh)
	return nil
}

// comparison remembers which scopes allow the same: many viewers share one.
type comparison map[[2]*Scope]bool

// same reports whether both viewers, who are one person, may do the same.
func (c comparison) same(before, now *Viewer) bool {
	pair := [2]*Scope{before.Scope, now.Scope}
	equal, known := c[pair]
	if !known {
		equal = before.Scope.allowsSame(now.Scope)
		c[pair] = equal
	}
	return equal && reflect.DeepEqual(before.ActsFor, now.ActsFor)
}

// allowsSame reports whether both scopes allow the same, whatever the snapshot and
// however long they last. What level 5 has opened with a reason is no right of a role:
// it is asked for at each reading.
func (s *Scope) allowsSame(other *Scope) bool {
	if s == other {
		return true
	}
	if s == nil || other == nil {
		return false
	}
	one, two := *s, *other
	for _, scope := range []*Scope{&one, &two} {
		scope.PolicyVersion, scope.Expires, scope.opened = 0, time.Time{}, nil
	}
	return reflect.DeepEqual(one, two)
}

func errRightsChanged() error {
	return town.Errorf(town.Forbidden, "Your rights have changed. Connect again to go on with those that you have now.",
		"I diritti sono cambiati. Ricollegarsi per continuare con quelli attuali.")
}
