package access

import (
	"context"
	"sync"
)

// Read says that personal data were opened: what goes into the audit before the
// answer leaves the house.
type Read struct {
	// Object is the id of the row in which the data stand.
	Object string
	// Subject is the id of the person whom they are about; empty where nobody knows.
	Subject string
	// Field is the column.
	Field string
}

// Check is a question to the policy that was answered with yes: the reason why
// something was allowed. Office is "" for acts that concern no office.
type Check struct {
	Act    Act
	Office string
}

// Trail is what one operation has opened, and what it was allowed to do. It belongs
// to one context (see [Fork]) and is safe for many goroutines.
type Trail struct {
	mu     sync.Mutex // guards what follows
	reads  map[Read]bool
	checks map[Check]bool
	reason string
}

// NoteRead remembers that personal data were opened for whoever asks in the context.
// The house's own work leaves no trail of reading: nobody looks.
func NoteRead(ctx context.Context, reads ...Read) {
	if t := trailOf(ctx); t != nil {
		t.mu.Lock()
		defer t.mu.Unlock()
		if t.reads == nil {
			t.reads = map[Read]bool{}
		}
		for _, r := range reads {
			t.reads[r] = true
		}
	}
}

// NoteReason remembers why personal data are opened, in the words of who asks.
func NoteReason(ctx context.Context, reason string) {
	if t := trailOf(ctx); t != nil {
		t.mu.Lock()
		defer t.mu.Unlock()
		t.reason = reason
	}
}

func (t *Trail) allow(c Check) {
	if t == nil {
		return
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.checks == nil {
		t.checks = map[Check]bool{}
	}
	t.checks[c] = true
}

// Noted is what a trail holds.
type Noted struct {
	Reads  []Read
	Checks []Check
	Reason string
}

// TakeReads gives what was opened in the context since the last call, in no order, and
// forgets it: each answer of a stream tells of its own. Checks stay.
func TakeReads(ctx context.Context) Noted {
	t := trailOf(ctx)
	if t == nil {
		return Noted{}
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	n := Noted{Reason: t.reason}
	for r := range t.reads {
		n.Reads = append(n.Reads, r)
	}
	for c := range t.checks {
		n.Checks = append(n.Checks, c)
	}
	t.reads = nil
	return n
}

// Checks are the questions to the policy that were answered with yes in the context.
func Checks(ctx context.Context) []Check {
	t := trailOf(ctx)
	if t == nil {
		return nil
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	list := make([]Check, 0, len(t.checks))
	for c := range t.checks {
		list = append(list, c)
	}
	return list
}

// trailOf is the trail of whoever asks; nil for the house's own work.
func trailOf(ctx context.Context) *Trail {
	h, ok := ctx.Value(viewerKey{}).(*holder)
	if !ok {
		return nil
	}
	if v := h.current.Load(); v == nil || v.Kind == KindSystem {
		return nil
	}
	return &h.trail
}
