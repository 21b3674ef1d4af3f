package transport

import (
	"bytes"
	"context"
	"sync"
	"time"
)

// outbox is the way out of one socket. A frame is written at once, without waiting, where nothing stands before it; what
// the network does not take waits, bounded by bytes and frames, for a goroutine that exists only while something does. So
// an idle socket has none, and nobody waits for the network who does not want to.
type outbox struct {
	maxBytes, maxFrames int
	write               func(frame []byte) error              // one frame, within the write deadline; an error ends the outbox
	try                 func(frame []byte) (n int, err error) // as much of it as goes without waiting; nil tries nothing

	turn sync.Mutex // held while a frame is written, which may take as long as the write deadline

	mu      sync.Mutex
	queue   []outFrame // the first may be in the middle of being written
	bytes   int
	writing bool
	closed  bool
	room    chan struct{} // closed at the next change, for those who wait for room
}

// outFrame is a frame and, for results, the operation it belongs to: when the client has completed that in the
// meantime the frame is not sent.
type outFrame struct {
	data []byte
	op   *operation
	// latest says that it takes the place of one of the same operation that still waits.
	latest bool
}

// offer sends or queues a frame. When the outbox is full it returns a channel that closes at the next change instead, for
// patiently; nil means that the frame was taken. A closed outbox takes everything and sends nothing.
func (o *outbox) offer(f outFrame) (full <-chan struct{}) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.direct(f, o.try) {
		return nil
	}
	return o.enqueue(f)
}

// share is offer for one who writes to many sockets with one pen: the frame is only lent, and nothing is allocated
// unless it has to wait.
func (o *outbox) share(f outFrame, try func([]byte) (int, error)) (taken bool) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.direct(f, try) {
		return true
	}
	f.data = bytes.Clone(f.data)
	return o.enqueue(f) == nil
}

// enqueue queues a frame within the bounds; o.mu is held.
func (o *outbox) enqueue(f outFrame) (full <-chan struct{}) {
	if f.latest && o.replace(f) {
		return nil
	}
	// A frame larger than the whole outbox passes alone: its size is bounded by the operation's cost.
	tooLarge := len(o.queue) > 0 && o.bytes+len(f.data) > o.maxBytes
	if !o.closed && (len(o.queue) >= o.maxFrames || tooLarge) {
		if o.room == nil {
			o.room = make(chan struct{})
		}
		return o.room
	}
	o.push(f)
	return nil
}

// replace puts the frame in the place of an older state of the same operation; o.mu is held. The first in the queue may
// be on its way.
func (o *outbox) replace(f outFrame) bool {
	for i := 1; i < len(o.queue); i++ {
		if old := &o.queue[i]; old.latest && old.op == f.op {
			o.bytes += len(f.data) - len(old.data)
			*old = f
			return true
		}
	}
	return false
}

// direct writes a frame at once, if nothing stands before it; o.mu is held. False is that it has to be queued.
func (o *outbox) direct(f outFrame, try func([]byte) (int, error)) bool {
	if o.closed || f.void() {
		return true
	}
	if try == nil || o.writing || !o.turn.TryLock() {
		return false
	}
	n, err := try(f.data)
	switch {
	case err != nil:
		o.turn.Unlock()
		o.shut()
		return true
	case n == 0:
		o.turn.Unlock()
		return false
	case n == len(f.data):
		o.turn.Unlock()
		return true
	default: // the turn goes to whoever writes the rest
		rest := outFrame{data: bytes.Clone(f.data[n:])}
		o.queue, o.bytes, o.writing = append(o.queue, rest), o.bytes+len(rest.data), true
		go o.finish(rest.data)
		return true
	}
}

// void reports whether the client has completed the operation of the frame.
func (f outFrame) void() bool { return f.op != nil && f.op.completed.Load() }

// force sends or queues a frame over the bounds. It is for the few bytes of the protocol itself, which a client with a
// long answer on its way must still get; how many there can be is bounded by the rate of messages and the write deadline.
func (o *outbox) force(frame []byte) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if f := (outFrame{data: frame}); !o.direct(f, o.try) {
		o.push(f)
	}
}

// push queues a frame and sees that it is written; o.mu is held.
func (o *outbox) push(f outFrame) {
	if o.closed {
		return
	}
	o.queue = append(o.queue, f)
	o.bytes += len(f.data)
	if !o.writing {
		o.writing = true
		go o.drain()
	}
}

// patiently repeats an offer until the frame is taken, at most as long as one frame may take to be written; false means
// that the patience is at its end. It is for those who produce for one socket alone, such as an operation that replays a
// thousand events to a client that has come back. When ctx ends there is nothing left to deliver, which counts as done.
func patiently(ctx context.Context, patience time.Duration, offer func() (full <-chan struct{})) bool {
	full := offer()
	if full == nil {
		return true
	}
	timer := time.NewTimer(patience)
	defer timer.Stop()
	for full != nil {
		select {
		case <-full:
			full = offer()
		case <-ctx.Done():
			return true
		case <-timer.C:
			return false
		}
	}
	return true
}

// finish writes the rest of a frame, in its turn already, and then what waits.
func (o *outbox) finish(rest []byte) {
	err := o.write(rest)
	o.turn.Unlock()
	if err != nil {
		o.close()
		return
	}
	o.written()
	o.drain()
}

func (o *outbox) drain() {
	for {
		frame, ok := o.next()
		if !ok {
			return
		}
		o.turn.Lock()
		err := o.write(frame)
		o.turn.Unlock()
		if err != nil {
			o.close()
			return
		}
		o.written()
	}
}

// next returns the frame to write, or false when the outbox is empty or closed and the goroutine ends.
func (o *outbox) next() ([]byte, bool) {
	o.mu.Lock()
	defer o.mu.Unlock()
	for !o.closed && len(o.queue) > 0 {
		if f := o.queue[0]; !f.void() {
			return f.data, true
		}
		o.pop()
	}
	o.writing = false
	o.queue = nil // an idle socket holds no buffer
	return nil, false
}

func (o *outbox) written() {
	o.mu.Lock()
	defer o.mu.Unlock()
	if !o.closed {
		o.pop()
	}
}

// pop removes the first frame; o.mu is held.
func (o *outbox) pop() {
	o.bytes -= len(o.queue[0].data)
	o.queue[0] = outFrame{}
	o.queue = o.queue[1:]
	o.wake()
}

// wake lets those who wait for room look again; o.mu is held.
func (o *outbox) wake() {
	if o.room != nil {
		close(o.room)
		o.room = nil
	}
}

// close drops what waits.
func (o *outbox) close() {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.shut()
}

// shut is close; o.mu is held.
func (o *outbox) shut() {
	o.closed = true
	o.queue, o.bytes = nil, 0
	o.wake()
}
