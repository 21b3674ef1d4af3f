package main

import (
	"context"
	"io"
	"net"
	"net/http"
	"net/url"
	"sync"
	"testing"
	"time"

	"github.com/spazio-in-comune/sportello/internal/store/dbtest"
)

// TestE2EDatabaseAway cuts the server from its database and lets it back: it says
// that it is not ready, answers UNAVAILABLE instead of hanging, and goes on by
// itself afterwards; a live stream misses nothing.
func TestE2EDatabaseAway(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, db dbtest.DB) {
		if db.Dialect != "mysql" {
			return // SQLite is in the process: there is no way to cut
		}
		t.Parallel()
		wire := newWire(t, &db)
		h := newHouse(t, db)
		kiosk, operator := h.as("kiosk"), h.as("operator1")
		queue := operator.follow(followQueue, variables{"office": "sportello"}, "")
		seen := queue.snapshot().text("cursor")
		input := variables{"idempotencyKey": "while it is away", "siteId": site, "officeCode": "sportello"}

		wire.cut()
		eventually(t, "the server says that it is not ready", func() bool {
			status, _ := h.get("/readyz")
			return status == http.StatusServiceUnavailable
		})
		if status, _ := h.get("/healthz"); status != http.StatusOK {
			t.Errorf("the process lives, and /healthz says %d", status)
		}
		text, _ := mutation(t, "issueTicket", "visit { id }")
		if a := kiosk.try(text, variables{"input": input}); a.code() != "UNAVAILABLE" {
			t.Errorf("a number without a database: status %d, %s", a.status, a.body)
		}
		if a := operator.try(`{ cases(first: 1) { edges { node { id } } } }`, nil); a.code() != "UNAVAILABLE" {
			t.Errorf("a list without a database: status %d, %s", a.status, a.body)
		}

		wire.mend()
		eventually(t, "the server is ready again", func() bool {
			status, _ := h.get("/readyz")
			return status == http.StatusOK
		})
		var given tree
		eventually(t, "a number is given", func() bool { // a busy machine may be taken for one that is away again
			var a answer
			given, a = kiosk.tryTo("issueTicket", "visit { legs { id } }", input)
			return a.code() != "UNAVAILABLE"
		})
		leg := given.text("visit.legs.0.id")
		// A stream that was told meanwhile that the database is away goes on after what it saw.
		queue = operator.follow(followQueue, variables{"office": "sportello"}, seen)
		queue.until("the number given after the cut", func(u tree) bool { return u.text("leg.id") == leg && u.text("event.type") == "leg.queued" })
	})
}

// wire is the way to a database, which can be cut and mended.
type wire struct {
	server string

	mu     sync.Mutex // guards all below
	broken bool
	open   map[net.Conn]bool
}

// newWire puts a wire before the database and changes its address to it.
func newWire(t *testing.T, db *dbtest.DB) *wire {
	t.Helper()
	address, err := url.Parse(db.DSN)
	if err != nil {
		t.Fatal(err)
	}
	w := &wire{server: address.Host, open: map[net.Conn]bool{}}
	var lc net.ListenConfig
	listener, err := lc.Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = listener.Close() }) // ends accept
	address.Host = listener.Addr().String()
	db.DSN = address.String()
	go w.accept(listener)
	return w
}

func (w *wire) accept(listener net.Listener) {
	for {
		near, err := listener.Accept()
		if err != nil {
			return
		}
		go w.carry(near)
	}
}

// carry copies both ways until one side ends.
func (w *wire) carry(near net.Conn) {
	defer func() { _ = near.Close() }()
	dialer := net.Dialer{Timeout: 5 * time.Second}
	far, err := dialer.DialContext(context.Background(), "tcp", w.server)
	if err != nil || !w.keep(near) {
		return
	}
	defer func() { _ = far.Close() }()
	go func() {
		_, _ = io.Copy(far, near) // how it ends is the same to both
		_ = far.Close()
	}()
	_, _ = io.Copy(near, far)
	w.mu.Lock()
	defer w.mu.Unlock()
	delete(w.open, near)
}

func (w *wire) keep(near net.Conn) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.broken {
		return false
	}
	w.open[near] = true
	return true
}

// cut ends every connection, and each that comes.
func (w *wire) cut() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.broken = true
	for near := range w.open {
		_ = near.Close()
	}
}

func (w *wire) mend() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.broken = false
}
