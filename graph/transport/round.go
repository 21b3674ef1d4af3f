package transport

// round is how far a state has come among the members of a group. They are a ring: a state that overtakes another goes on
// from where that one is, so that everybody is written to once in each time around, however fast states follow.
type round struct {
	message *template
	ring    []*operation // the members as the state began; those who came later have begun with a newer one
	at      int          // in the ring
	left    int          // who are still to get the state
	told    bool         // that it has got far enough for another
}

const (
	// stride is how many sockets one processor writes to before it looks for a newer state.
	stride = 256
	// pace is the part of the members that a state reaches before the next is made: making one costs as well.
	pace = 8
)

// begin sends a state on its way, in the place of one that is. The waiting get it as well where nobody has said that there
// is a snapshot to come.
func (g *group) begin(message *template, snapshots bool) {
	g.crowd.mu.Lock()
	defer g.crowd.mu.Unlock()
	if g.over {
		return
	}
	if !snapshots {
		g.admit()
	}
	g.snapshot = nil
	g.round = round{message: message, ring: g.members, at: g.round.at, left: len(g.members)}
	if g.round.left == 0 {
		nudge(g.passed)
		return
	}
	g.round.at %= len(g.members)
	nudge(g.due)
}

// deliverAll passes states on until the group ends.
func (g *group) deliverAll() {
	for {
		select {
		case <-g.due:
			for g.deliverSome() {
			}
		case <-g.ctx.Done():
			return
		}
	}
}

// deliverSome writes the state to the next few who are to get it; false says that there are none.
func (g *group) deliverSome() bool {
	g.passing.Lock()
	defer g.passing.Unlock()
	message, to, far := g.next()
	if len(to) == 0 {
		return false
	}
	g.broadcast(message, to)
	if far {
		nudge(g.passed)
	}
	return true
}

// next goes one step around the ring. It is far enough for another state, once, when it has reached a part of the members.
func (g *group) next() (message *template, to []*operation, far bool) {
	g.crowd.mu.Lock()
	defer g.crowd.mu.Unlock()
	r := &g.round
	if g.over || r.left == 0 {
		g.round = round{at: r.at}
		return nil, nil, false
	}
	n := min(stride*hands(), r.left, len(r.ring)-r.at)
	message, to = r.message, r.ring[r.at:r.at+n]
	r.at = (r.at + n) % len(r.ring)
	r.left -= n
	if !r.told && (r.left == 0 || (len(r.ring)-r.left)*pace >= len(r.ring)) {
		r.told, far = true, true
	}
	return message, to, far
}

// nudge leaves a value in a channel that holds one, for whoever looks next.
func nudge(c chan struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}
