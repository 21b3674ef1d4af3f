package transport

import (
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// gated is an outbox whose writes wait for a word of the test.
func gated(maxBytes, maxFrames int) (o *outbox, written chan string, gate chan error) {
	written, gate = make(chan string, 100), make(chan error)
	o = &outbox{
		maxBytes:  maxBytes,
		maxFrames: maxFrames,
		write: func(frame []byte) error {
			if err := <-gate; err != nil {
				return err
			}
			written <- string(frame)
			return nil
		},
	}
	return o, written, gate
}

func text(s string) outFrame { return outFrame{data: []byte(s)} }

func TestOutboxBounds(t *testing.T) {
	tests := []struct {
		name   string
		bytes  int
		frames int
		offer  []string
		want   []bool
	}{
		{"by frames", 100, 2, []string{"a", "b", "c"}, []bool{true, true, false}},
		{"by bytes", 10, 100, []string{"aaaa", "bbbb", "cccc", "dd", "e"}, []bool{true, true, false, true, false}},
		{"a large one passes alone", 3, 100, []string{"aaaaaaaa", "b"}, []bool{true, false}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			o, written, gate := gated(tt.bytes, tt.frames)
			var got []bool
			sent := 0
			for _, s := range tt.offer {
				taken := o.offer(text(s)) == nil
				if got = append(got, taken); taken {
					sent++
				}
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Error(diff)
			}
			for range sent {
				gate <- nil
				<-written
			}
			if o.offer(text("a")) != nil {
				t.Error("there is no room after all was written")
			}
			gate <- nil
			<-written
		})
	}
}

func TestOutboxKeepsOrderAndDropsWhatIsCompleted(t *testing.T) {
	o, written, gate := gated(100, 100)
	op := &operation{}
	o.offer(text("1"))
	for _, f := range []outFrame{{data: []byte("x"), op: op}, text("2"), {data: []byte("y"), op: op}, text("3")} {
		o.offer(f)
	}
	op.completed.Store(true)
	for _, want := range []string{"1", "2", "3"} {
		gate <- nil
		if got := <-written; got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
}

func TestPatiently(t *testing.T) {
	o, written, gate := gated(100, 1)
	deliver := func(s string, patience time.Duration) bool {
		return patiently(t.Context(), patience, func() <-chan struct{} { return o.offer(text(s)) })
	}
	o.offer(text("1"))
	if deliver("2", time.Millisecond) {
		t.Error("delivered into a full outbox")
	}
	o.force([]byte("3"))
	delivered := make(chan bool)
	go func() { delivered <- deliver("4", time.Minute) }()
	for _, want := range []string{"1", "3", "4"} {
		gate <- nil
		if got := <-written; got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
	if !<-delivered {
		t.Error("not delivered although there was room")
	}
}

func TestOutboxAfterItsEnd(t *testing.T) {
	o, written, gate := gated(100, 1)
	o.offer(text("1"))
	delivered := make(chan bool)
	go func() {
		delivered <- patiently(t.Context(), time.Minute, func() <-chan struct{} { return o.offer(text("2")) })
	}()
	gate <- errors.New("gone")
	if !<-delivered {
		t.Error("a failed write must let those go who wait")
	}
	for range 3 {
		if o.offer(text("3")) != nil {
			t.Error("a closed outbox must take everything")
		}
	}
	if len(written) != 0 {
		t.Errorf("%d frames written after the end", len(written))
	}
}

// TestOutboxWritesAtOnce: what the network takes at once needs no goroutine; the rest of a frame it takes in part comes
// before everything else, even after the end of the outbox, and what it does not take at all waits.
func TestOutboxWritesAtOnce(t *testing.T) {
	o, written, gate := gated(100, 100)
	room := 0
	var direct string
	o.try = func(frame []byte) (int, error) {
		n := min(room, len(frame))
		direct, room = direct+string(frame[:n]), room-n
		return n, nil
	}
	room = 5
	o.offer(text("one"))
	o.force([]byte("four"))
	if direct != "onefo" || len(written) != 0 {
		t.Fatalf("written at once: %q", direct)
	}
	room = 10 // not asked while something waits
	o.offer(text("five"))
	if o.turn.TryLock() {
		t.Error("a control frame could be written in the middle of another")
	}
	gate <- nil
	if got := <-written; got != "ur" {
		t.Errorf("the rest is %q", got)
	}
	gate <- nil
	if got := <-written; got != "five" {
		t.Errorf("then comes %q", got)
	}
	for !o.idle() {
		time.Sleep(time.Millisecond)
	}
	room = 2
	o.offer(text("six"))
	o.close()
	gate <- nil
	if got := <-written; got != "x" {
		t.Errorf("the frame ends with %q", got)
	}
}

func (o *outbox) idle() bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	return !o.writing
}

// TestOutboxKeepsTheLatestState: of one operation's states only the newest waits, in the place of the first; what is lent
// is not kept.
func TestOutboxKeepsTheLatestState(t *testing.T) {
	o, written, gate := gated(100, 100)
	nothing := func([]byte) (int, error) { return 0, nil }
	one, two := &operation{}, &operation{}
	lent := []byte("?")
	share := func(op *operation, state string) {
		copy(lent, state)
		if !o.share(outFrame{data: lent, op: op, latest: true}, nothing) {
			t.Errorf("no room for %s", state)
		}
	}
	o.offer(text("0"))
	share(one, "a")
	share(two, "b")
	o.offer(outFrame{data: []byte("c"), op: one})
	share(one, "d")
	share(two, "e")
	copy(lent, "!")
	for _, want := range []string{"0", "d", "e", "c"} {
		gate <- nil
		if got := <-written; got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
}
