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
	reason string // of the operation: the last one said
	why    string // of the action that was begun last
	action string
}

// onTrail is the viewer who leaves traces on the trail; the house's own work leaves none.
func (v *Viewer) onTrail(t *Trail) *Viewer {
	if v == nil || v.Kind == KindSystem {
		return v
	}
	fresh := *v
	fresh.trail = t
	return &fresh
}

// Used remembers that the viewer did something by an act that the policy allows them in
// the office; "" for acts that concern no office.
func (v *Viewer) Used(act Act, office string) {
	if v != nil {
		v.trail.allow(Check{Act: act, Office: office})
	}
}

// Allow is [Viewer.Can] at the moment at which something is done or opened: a yes is
// remembered as the rule that allowed it.
func (v *Viewer) Allow(act Act, office string) bool {
	if !v.Can(act, office) {
		return false
	}
	v.Used(act, office)
	return true
}

// AllowFor is [Viewer.CanFor] at that moment.
func (v *Viewer) AllowFor(act Act, office, service string) bool {
	if !v.CanFor(act, office, service) {
		return false
	}
	v.Used(act, office)
	return true
}

// Begin starts an action of an operation, such as one of several mutations, under its
// name in the API: what allowed the one before, and why it was done, is none of its.
func Begin(ctx context.Context, action string) {
	if t := trailOf(ctx); t != nil {
		t.mu.Lock()
		defer t.mu.Unlock()
		t.action, t.checks, t.why = action, nil, ""
	}
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

// NoteReason remembers why personal data are opened or something is done, in the words of
// who asks: for the operation's entry of reads, and for the entry of the action.
func NoteReason(ctx context.Context, reason string) {
	if t := trailOf(ctx); t != nil {
		t.mu.Lock()
		defer t.mu.Unlock()
		t.reason, t.why = reason, reason
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
	// Action is the one begun last; empty where none was.
	Action string
}

// TakeReads gives what was opened in the context since the last call, in no order, and
// forgets it: each answer of a stream tells of its own. The rest stays.
func TakeReads(ctx context.Context) Noted {
	t := trailOf(ctx)
	if t == nil {
		return Noted{}
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	n := t.noted(t.reason)
	for r := range t.reads {
		n.Reads = append(n.Reads, r)
	}
	t.reads = nil
	return n
}

// Traces are what whoever is [Behind] the work in the context was allowed, which action
// they began and why; without reads.
func Traces(ctx context.Context) Noted {
	v := Behind(ctx)
	if v == nil || v.trail == nil {
		return Noted{}
	}
	v.trail.mu.Lock()
	defer v.trail.mu.Unlock()
	return v.trail.noted(v.trail.why)
}

// noted is everything but the reads. The caller holds the lock.
func (t *Trail) noted(reason string) Noted {
	n := Noted{Reason: reason, Action: t.action}
	for c := range t.checks {
		n.Checks = append(n.Checks, c)
	}
	return n
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
