package transport

import (
	"context"
	"sync"
	"time"
)

// outbox holds what waits to be written to one socket, bounded by bytes and frames. Writing is done by a goroutine that
// exists only while something waits, so an idle socket has none, and nobody waits for the network who does not want to.
type outbox struct {
	maxBytes, maxFrames int
	write               func(frame []byte) error // one frame, within the write deadline; an error ends the outbox

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
}

// offer queues a frame. When the outbox is full it returns a channel that closes at the next change instead, for
// patiently; nil means that the frame was taken. A closed outbox takes everything and sends nothing.
func (o *outbox) offer(f outFrame) (full <-chan struct{}) {
	o.mu.Lock()
	defer o.mu.Unlock()
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

// force queues a frame over the bounds. It is for the few bytes of the protocol itself, which a client with a long
// answer on its way must still get; how many there can be is bounded by the rate of messages and the write deadline.
func (o *outbox) force(frame []byte) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.push(outFrame{data: frame})
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

func (o *outbox) drain() {
	for {
		frame, ok := o.next()
		if !ok {
			return
		}
		if err := o.write(frame); err != nil {
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
		f := o.queue[0]
		if f.op == nil || !f.op.completed.Load() {
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
	o.closed = true
	o.queue, o.bytes = nil, 0
	o.wake()
}
