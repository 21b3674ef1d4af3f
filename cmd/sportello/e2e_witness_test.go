package main

import (
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

// witness follows a stream through every interruption: it resumes where it was, at the
// same server or at the next, until it hears of the last thing of all.
type witness struct {
	c        *crowd
	what     string
	who      somebody
	document string
	office   string
	object   string // where an update names what it is about, such as leg.id
	over     chan struct{}

	mu    sync.Mutex // guards all below
	first string     // cursor of the snapshot
	told  []told
	last  string // what it is waiting for; empty until everybody has gone
}

// told is an event as it was delivered.
type told struct{ cursor, event, kind, about string }

// restless is how many updates a witness takes before it leaves by itself and resumes
// elsewhere.
const restless = 150

// newWitness returns once the snapshot has come.
func newWitness(c *crowd, what string, who somebody, document, office, object string) *witness {
	w := &witness{c: c, what: what, who: who, document: document, office: office, object: object, over: make(chan struct{})}
	go w.follow()
	eventually(c.t, "the stream is followed", func() bool { return w.started() != "" })
	return w
}

func (w *witness) started() string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.first
}

func (w *witness) follow() {
	defer close(w.over)
	cursor := ""
	for n := 0; !w.done(); n++ {
		l, err := w.who[n%len(w.who)].tryFollow(w.document, variables{"office": w.office}, cursor)
		if err != nil {
			time.Sleep(50 * time.Millisecond)
			continue
		}
		for range restless {
			update, open := w.next(l)
			if !open && !w.done() && strings.Contains(l.failed, "UNAVAILABLE") && l.failed != "UNAVAILABLE" {
				w.c.fault("%s: an update came that could not be read: %s", w.what, l.failed)
			}
			if !open || w.done() {
				break
			}
			cursor = update.text("cursor")
			w.note(update, cursor)
		}
		l.cut()
	}
}

// next waits for an update; false when there will be none.
func (w *witness) next(l *live) (tree, bool) {
	for !w.done() {
		select {
		case u, open := <-l.updates:
			if !open {
				return u, false
			}
			return u.at("update"), true
		case <-time.After(50 * time.Millisecond):
		}
	}
	return tree{w.c.t, nil}, false
}

func (w *witness) note(update tree, cursor string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if update.text("kind") == "SNAPSHOT" {
		if w.first != "" {
			w.c.fault("%s: a resumed stream began with a snapshot", w.what)
		}
		w.first = cursor
		return
	}
	w.told = append(w.told, toldBy(update, w.object))
}

func toldBy(update tree, object string) told {
	return told{update.text("cursor"), update.text("event.id"), update.text("event.type"), update.text(object)}
}

// events is how many it was told of.
func (w *witness) events() int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return len(w.told)
}

// done reports whether the last thing was told of.
func (w *witness) done() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.c.t.Failed() || w.last != "" && w.lastAt() >= 0
}

// lastAt is where the last thing was first told of, -1 if it was not.
func (w *witness) lastAt() int {
	return slices.IndexFunc(w.told, func(e told) bool { return e.about == w.last })
}

// heardOf reports whether it was told of something.
func (w *witness) heardOf(id string) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return slices.ContainsFunc(w.told, func(e told) bool { return e.about == id })
}

// finish waits until it has heard of the last thing.
func (w *witness) finish(last string) {
	w.c.t.Helper()
	w.mu.Lock()
	w.last = last
	w.mu.Unlock()
	select {
	case <-w.over:
	case <-time.After(patience):
		w.c.t.Fatalf("%s: the last was not told of within %v, after %d events", w.what, patience, w.events())
	}
	w.told = w.told[:w.lastAt()+1] // nobody writes there any more
}

// wholeLog is everything from the snapshot to the last thing, in one go.
func (w *witness) wholeLog(t testing.TB) []told {
	t.Helper()
	l := w.who[0].in(t).follow(w.document, variables{"office": w.office}, w.first)
	defer l.cut()
	var whole []told
	for len(whole) == 0 || whole[len(whole)-1].about != w.last {
		update, ok := l.next()
		if !ok {
			t.Fatalf("%s: the log ends after %d events: %q", w.what, len(whole), l.failed)
		}
		whole = append(whole, toldBy(update, w.object))
	}
	return whole
}
