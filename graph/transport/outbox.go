package transport

import (
	"context"
	"sync"
	"time"
)

// outbox holds what waits to be written to one socket, bounded by bytes and frames. Writing is done by a goroutine that
// exists only while something waits, so an idle socket has none, and nobody who offers a frame ever waits for the
// network.
type outbox struct {
	maxBytes, maxFrames int
	write               func(frame []byte) error // one frame, within the write deadline
	failed              func()                   // called once after a write that failed

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

// offer queues a frame; false means that the outbox is full. A closed outbox takes everything and sends nothing.
func (o *outbox) offer(f outFrame) bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.offerLocked(f)
}

func (o *outbox) offerLocked(f outFrame) bool {
	if o.closed {
		return true
	}
	// A frame larger than the whole outbox passes alone: its size is bounded by the operation's cost.
	if len(o.queue) >= o.maxFrames || (len(o.queue) > 0 && o.bytes+len(f.data) > o.maxBytes) {
		return false
	}
	o.queue = append(o.queue, f)
	o.bytes += len(f.data)
	if !o.writing {
		o.writing = true
		go o.drain()
	}
	return true
}

// deliver queues a frame, waiting for room at most as long as a frame may take to be written. It is for those who
// produce for this socket alone, such as an operation that replays a thousand events to a client that has come back.
func (o *outbox) deliver(ctx context.Context, f outFrame, patience time.Duration) bool {
	var expired <-chan time.Time
	for {
		o.mu.Lock()
		if o.offerLocked(f) {
			o.mu.Unlock()
			return true
		}
		if o.room == nil {
			o.room = make(chan struct{})
		}
		room := o.room
		o.mu.Unlock()
		if expired == nil {
			timer := time.NewTimer(patience)
			defer timer.Stop()
			expired = timer.C
		}
		select {
		case <-room:
		case <-ctx.Done():
			return true // the operation is over: there is nothing left to deliver
		case <-expired:
			return false
		}
	}
}

func (o *outbox) drain() {
	for {
		frame, ok := o.next()
		if !ok {
			return
		}
		if err := o.write(frame); err != nil {
			o.close()
			o.failed()
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
