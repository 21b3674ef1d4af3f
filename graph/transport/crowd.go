package transport

import (
	"context"
	"slices"
	"sync"
	"time"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/gqlerror"
)

// snapshotFor is how long a snapshot serves those who come after: waits change while nothing happens.
const snapshotFor = time.Second

// crowd are the operations that are executed for more than one.
type crowd struct {
	t     *WebSocket
	share ShareFunc // nil: none

	mu     sync.Mutex // guards groups and who is in which
	groups map[string]*group
}

func newCrowd(t *WebSocket, share ShareFunc) *crowd {
	return &crowd{t: t, share: share, groups: map[string]*group{}}
}

// join lets an operation be executed in a group; false means that it has to be executed for itself. One that is refused
// has ended.
func (c *crowd) join(ctx context.Context, op *operation, opCtx *graphql.OperationContext) bool {
	if c.share == nil {
		return false
	}
	shared, err := c.share(ctx, opCtx)
	if err != nil {
		resp := op.s.exec.DispatchError(graphql.WithOperationContext(ctx, opCtx), listOf(err))
		c.t.hooks.Operation(ctx, "ws", opCtx, time.Since(op.start), len(resp.Errors))
		op.s.fail(op, resp.Errors)
		return true
	}
	if shared == nil {
		return false
	}
	key, err := shared.key(opCtx)
	if err != nil { // variables that are no JSON did not come from a client
		return false
	}
	op.quoted = quote(op.id)
	c.mu.Lock()
	defer c.mu.Unlock()
	g := c.groups[key]
	if g == nil {
		g = newGroup(c, key, shared, opCtx, op.s.exec)
		c.groups[key] = g
		go g.run()
	}
	g.add(op)
	return true
}

// leave takes an operation out of its group, if it is in one; errors counts those it ended with. The group ends with the
// last.
func (c *crowd) leave(op *operation, errors int) {
	c.mu.Lock()
	g := op.group
	if g != nil {
		op.group = nil
		g.remove()
		if g.present == 0 {
			c.drop(g)
		}
	}
	c.mu.Unlock()
	if g != nil {
		c.t.hooks.Operation(g.ctx, "ws", g.op, time.Since(op.start), errors)
	}
}

// leaveAll takes the operations of a socket that is gone out of their groups.
func (c *crowd) leaveAll(s *socket) {
	s.mu.Lock()
	operations := slices.Clone(s.operations)
	s.mu.Unlock()
	for _, op := range operations {
		c.leave(op, 0)
	}
}

// drop ends a group; c.mu is held.
func (c *crowd) drop(g *group) {
	if c.groups[g.key] == g {
		delete(c.groups, g.key)
	}
	g.over = true
	g.cancel()
}

// dissolve ends a group and gives back who was in it; c.mu is not held.
func (c *crowd) dissolve(g *group) []*operation {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.drop(g)
	all := g.still(append(g.members, g.waiting...))
	g.members, g.waiting = nil, nil
	return all
}

// regroup judges everybody in a group again. Whoever may go on joins those of the same scope as it is now, and begins
// with a snapshot; for everybody else the session has other rights than it began with.
func (c *crowd) regroup(g *group) {
	g.passing.Lock() // nothing of the old group comes after the snapshot of the new
	defer g.passing.Unlock()
	for _, op := range c.dissolve(g) {
		s := op.s
		shared, err := c.share(s.session, g.op)
		key := ""
		if err == nil && shared != nil {
			key, err = shared.key(g.op)
		}
		if err != nil || shared == nil {
			s.shut(CloseForbidden, "Rights changed")
			continue
		}
		c.move(op, g, key, shared)
	}
}

// move puts an operation of a dissolved group into another, unless it has ended meanwhile.
func (c *crowd) move(op *operation, from *group, key string, shared *Shared) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if op.group != from {
		return
	}
	to := c.groups[key]
	if to == nil {
		to = newGroup(c, key, shared, from.op, op.s.exec)
		c.groups[key] = to
		go to.run()
	}
	to.add(op)
}

// finish ends a group whose execution has ended, and everybody in it: with errors, or complete.
func (c *crowd) finish(g *group, errs gqlerror.List) {
	for g.deliverSome() { // what came before the end
	}
	g.passing.Lock()
	defer g.passing.Unlock()
	kind, payload := "complete", []byte(nil)
	if len(errs) > 0 {
		kind, payload = "error", errorPayload(c.t.table.Trim(errs))
	}
	last := newTemplate(kind, payload)
	for _, op := range c.dissolve(g) {
		op.s.last(op, last.to(op.quoted))
		c.leave(op, len(errs))
	}
}
