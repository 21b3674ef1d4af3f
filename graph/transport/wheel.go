package transport

import (
	"sync"
	"time"
)

// spokes is how many ticks a wheel looks ahead; who is due later is looked at on the way.
const spokes = 64

// wheel sees to the pings and time-outs of all sockets with one timer, which stands still when there are none.
type wheel struct {
	tick time.Duration

	mu      sync.Mutex // guards what follows, and the place of each socket
	slots   [spokes][]*socket
	now     int // slot of this tick
	count   int // sockets
	turning bool
}

// place is where a socket stands in the wheel; guarded by the wheel.
type place struct {
	slot, index int32
	in          bool
}

// newWheel makes one for intervals of which this is the shortest.
func newWheel(shortest time.Duration) *wheel {
	return &wheel{tick: min(max(shortest/spokes*4, 5*time.Millisecond), 250*time.Millisecond)}
}

// set sees to it that the socket is looked at after that time, one tick early or late.
func (w *wheel) set(s *socket, in time.Duration) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.take(s)
	ahead := min(max(int(in/w.tick)+1, 1), spokes-1)
	slot := (w.now + ahead) % spokes
	s.place = place{slot: int32(slot), index: int32(len(w.slots[slot])), in: true}
	w.slots[slot] = append(w.slots[slot], s)
	w.count++
	if !w.turning {
		w.turning = true
		time.AfterFunc(w.tick, w.turn)
	}
}

// remove forgets the socket.
func (w *wheel) remove(s *socket) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.take(s)
}

// take takes the socket off its slot, if it is on one; w.mu is held.
func (w *wheel) take(s *socket) {
	if !s.place.in {
		return
	}
	slot := w.slots[s.place.slot]
	last := len(slot) - 1
	slot[s.place.index] = slot[last]
	slot[s.place.index].place.index = s.place.index
	slot[last] = nil
	w.slots[s.place.slot] = slot[:last]
	s.place.in = false
	w.count--
}

// turn goes on by one tick and looks at the sockets that stand there.
func (w *wheel) turn() {
	for _, s := range w.due() {
		if next := s.look(time.Now()); next > 0 {
			w.set(s, next)
		}
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.turning = w.count > 0; w.turning {
		time.AfterFunc(w.tick, w.turn)
	}
}

func (w *wheel) due() []*socket {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.now = (w.now + 1) % spokes
	due := w.slots[w.now]
	w.slots[w.now] = nil
	for _, s := range due {
		s.place.in = false
		w.count--
	}
	return due
}
