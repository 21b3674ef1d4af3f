package transport

import (
	"context"
	"runtime"
	"slices"
	"sync"
	"time"

	"github.com/99designs/gqlgen/graphql"
)

// group is one execution for all operations that ask the same. A state that is on its way is overtaken by the next one
// where it has not come yet; newcomers are put in at a snapshot of the same sequence, so that they miss nothing and hear
// nothing twice.
type group struct {
	crowd  *crowd
	key    string
	op     *graphql.OperationContext
	exec   graphql.GraphExecutor
	ctx    context.Context
	cancel context.CancelFunc
	// changed is closed when everybody has to be judged again.
	changed <-chan struct{}
	// asked holds a value while newcomers wait for a snapshot.
	asked chan struct{}

	// due holds a value while a state is to be passed on, passed once it has got far enough for another.
	due, passed chan struct{}

	passing sync.Mutex // held while members are written to

	// Guarded by the crowd.
	members []*operation // who gets results; those that have left are taken out by and by
	waiting []*operation // for a snapshot
	present int          // in either
	over    bool
	// snapshot is the last one while nothing has happened since; nil otherwise.
	snapshot *template
	taken    time.Time
	round    round

	mu        sync.Mutex // guards announced
	announced []bool     // for whom the results to come are; true is for newcomers
}

func newGroup(c *crowd, key string, shared *Shared, op *graphql.OperationContext, exec graphql.GraphExecutor) *group {
	g := &group{
		crowd: c, key: key, exec: exec, changed: shared.Changed, op: shared.operationOf(op),
		asked: make(chan struct{}, 1), due: make(chan struct{}, 1), passed: make(chan struct{}, 1),
	}
	g.op.Stats.SetExtension(groupName, g)
	g.ctx, g.cancel = context.WithCancel(shared.Context)
	return g
}

// run executes until the execution ends, nobody is left or the scopes change.
func (g *group) run() {
	stop := make(chan struct{})
	defer close(stop)
	go func() {
		select {
		case <-g.changed:
			g.crowd.regroup(g)
		case <-stop:
		}
	}()
	go g.deliverAll()
	errs := internalError().Errors // unless it ends otherwise than by a panic
	defer func() {
		if value := recover(); value != nil {
			g.crowd.t.hooks.Panic(g.ctx, value)
		}
		g.crowd.finish(g, errs)
	}()
	errs = follow(graphql.StartOperationTrace(g.ctx), g.exec, g.op, func(_ context.Context, resp *graphql.Response) bool {
		g.pass(resp)
		return g.ctx.Err() == nil
	})
}

// add puts an operation in; the crowd is held. Where a snapshot is at hand, it begins with that at once.
func (g *group) add(op *operation) {
	op.group = g
	g.present++
	if g.snapshot != nil && time.Since(g.taken) < snapshotFor {
		g.members = append(g.members, op)
		op.s.deliver(op, g.snapshot.to(op.quoted))
		return
	}
	g.waiting = append(g.waiting, op)
	nudge(g.asked)
}

// remove counts an operation out; the crowd is held, and op.group is g no more. The lists may be in use: they are made
// anew when a fifth of them has left.
func (g *group) remove() {
	g.present--
	if left := len(g.members) + len(g.waiting) - g.present; left > g.present/4+enough {
		g.members = g.still(slices.Clone(g.members))
		g.waiting = g.still(slices.Clone(g.waiting))
	}
}

// still are those of a list who are in the group; it is used up.
func (g *group) still(list []*operation) []*operation {
	return slices.DeleteFunc(list, func(op *operation) bool { return op.group != g })
}

func (g *group) announce(forNewcomers bool) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.announced = append(g.announced, forNewcomers)
}

// forNewcomers says for whom the next result is. Without a word from the resolver it is for everybody.
func (g *group) forNewcomers() (newcomers, known bool) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if len(g.announced) == 0 {
		return false, false
	}
	newcomers, g.announced = g.announced[0], g.announced[1:]
	return newcomers, true
}

// pass hands a result to those whom it is for: at once to newcomers, and on its way to everybody.
func (g *group) pass(resp *graphql.Response) {
	newcomers, known := g.forNewcomers()
	resp.Errors = g.crowd.t.table.Trim(resp.Errors)
	message := newTemplate("next", appendResponse(nil, resp))
	if !newcomers {
		g.begin(message, known)
		return
	}
	g.passing.Lock()
	defer g.passing.Unlock()
	g.broadcast(message, g.welcome(message))
	nudge(g.passed)
}

// welcome makes members of those who wait for the snapshot, and gives them.
func (g *group) welcome(snapshot *template) []*operation {
	g.crowd.mu.Lock()
	defer g.crowd.mu.Unlock()
	if g.over {
		return nil
	}
	before := len(g.members)
	g.admit()
	g.snapshot, g.taken = snapshot, time.Now()
	return g.members[before:]
}

// admit makes members of those who wait; the crowd is held.
func (g *group) admit() {
	g.members = append(g.members, g.still(g.waiting)...)
	g.waiting = nil
}

// enough is how many sockets are worth a goroutine.
const enough = 64

// hands is how many write to the members of a group at the same time: half of the processors. Whoever reads, and
// everybody else in the house, goes on meanwhile.
func hands() int { return max(runtime.GOMAXPROCS(0)/2, 1) }

// broadcast writes one message to many sockets and returns when it is on its way to all of them.
func (g *group) broadcast(message *template, to []*operation) {
	hands := min(hands(), len(to)/enough+1)
	var wait sync.WaitGroup
	for i := range hands - 1 {
		wait.Go(func() { g.crowd.t.writeAll(message, to[i*len(to)/hands:(i+1)*len(to)/hands]) })
	}
	g.crowd.t.writeAll(message, to[(hands-1)*len(to)/hands:])
	wait.Wait()
}

// writeAll writes a message with one pen. The frame is made once for each length of the ids, which are nearly always of
// one; a socket that cannot take it now keeps the latest for later.
func (t *WebSocket) writeAll(message *template, to []*operation) {
	p, sent := newPen(), 0
	var socket *socket
	try := func(frame []byte) (int, error) {
		n, err := p.write(socket.wire.raw, frame)
		sent += n
		return n, err
	}
	blanks := map[int]blank{}
	for _, op := range to {
		b, ok := blanks[len(op.quoted)]
		if !ok {
			b = message.blank(len(op.quoted))
			blanks[len(op.quoted)] = b
		}
		socket = op.s
		if !socket.out.share(outFrame{data: b.with(op.quoted), op: op, latest: true}, try) {
			socket.tooSlow()
		}
	}
	t.hooks.Sent(sent)
}

// deliver sends a message of the group to one.
func (s *socket) deliver(op *operation, frame []byte) {
	if s.out.offer(outFrame{data: frame, op: op, latest: true}) != nil {
		s.tooSlow()
	}
}

// last sends the last message of an operation whose group has ended.
func (s *socket) last(op *operation, frame []byte) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.operation(op.id) != op {
		return
	}
	s.forget(op)
	if s.out.offer(outFrame{data: frame, op: op}) != nil {
		go s.tooSlow() // it takes s.mu
	}
}
