package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/coder/websocket"

	"github.com/spazio-in-comune/sportello/internal/demo"
)

// followBoard is what a display asks for.
const followBoard = `subscription($siteId: ID!) { boardChanged(siteId: $siteId) { kind cursor
	board { at openCounters calls { label counter calledAt state callCount } queues { waiting medianSeconds p80Seconds } } } }`

// patience bounds the wait for one event to reach everybody.
const patience = 90 * time.Second

// audience are sockets that follow the board of one server.
type audience struct {
	server  *process
	path    string
	publish func(context.Context) error
	events  int // in a round

	socketKiB float64 // of the server, per socket
	received  atomic.Int64
	news      chan struct{} // something was received
	conns     []*websocket.Conn

	mu   sync.Mutex
	took []float64 // ms from the publication until each socket had heard of it
	sent time.Time
	last []byte // a message as it came
}

// measureFanOut tells many boards of each new number: the house, the limit's ready
// frames, and gqlgen as it comes, in turns.
func measureFanOut(ctx context.Context, o options, h *house, l *process, t *report) error {
	kiosk, err := h.token(ctx, "kiosk")
	if err != nil {
		return err
	}
	hall, limit := newAPI(h.url, kiosk), newAPI(l.url, "")
	ours := &audience{server: h.process, path: "/graphql", events: 1, publish: func(ctx context.Context) error { return ticket(ctx, hall, nil) }}
	stock := &audience{server: l, path: "/graphql", events: 10, publish: func(ctx context.Context) error {
		_, err := limit.post(ctx, "/publish/graphql", nil)
		return err
	}}
	raw := &audience{server: l, path: "/raw", events: 20}
	raw.publish = func(ctx context.Context) error {
		_, err := limit.post(ctx, "/publish/raw", ours.latest())
		return err
	}
	all := []*audience{ours, stock, raw}
	for _, a := range all {
		progress("%d sockets on %s of %s", o.sockets, a.path, a.server.url)
		defer a.leave()
		if err := a.gather(ctx, o.sockets); err != nil {
			return err
		}
	}
	add := func(path, unit, against, target string, rate bool) *row {
		return t.add(&row{path: path, unit: unit, against: against, target: target, rate: rate})
	}
	name := fmt.Sprintf("board to %d sockets, ", o.sockets)
	toRaw := add(name+"deliveries", "1/CPU-s", "ready frames", "≥ 0.80", true)
	toStock := add(name+"deliveries", "1/CPU-s", "stock gqlgen, from memory", "≥ 3", true)
	slowRaw := add(name+"p99", "ms", "ready frames", "≥ 0.77", false)
	slowStock := add(name+"p99", "ms", "stock gqlgen, from memory", "", false)
	memory := add("memory of an idle board", "KiB", "stock gqlgen, from memory", "≤ 10 KiB", false)
	memory.ours, memory.limit = []float64{ours.socketKiB}, []float64{stock.socketKiB}
	for round := range o.rounds {
		progress("round %d of %d: fan-out to %d sockets", round+1, o.rounds, o.sockets)
		var rates, slow [3]float64
		for i, a := range all {
			if rates[i], slow[i], err = a.measure(ctx); err != nil {
				return err
			}
		}
		for i, pair := range [][2]*row{{toRaw, slowRaw}, {toStock, slowStock}} {
			limit := 2 - i
			pair[0].ours, pair[0].limit = append(pair[0].ours, rates[0]), append(pair[0].limit, rates[limit])
			pair[1].ours, pair[1].limit = append(pair[1].ours, slow[0]), append(pair[1].limit, slow[limit])
		}
	}
	return nil
}

// gather connects the sockets and notes what each costs the server while it is idle.
func (a *audience) gather(ctx context.Context, n int) error {
	a.news = make(chan struct{}, 1)
	before, err := a.server.resident()
	if err != nil {
		return err
	}
	for range n {
		if err := a.join(ctx); err != nil {
			return err
		}
	}
	if a.path != "/raw" { // every board begins with a snapshot
		if err := a.await(ctx, int64(n)); err != nil {
			return err
		}
	}
	after, err := a.server.resident()
	a.socketKiB = (after - before) / float64(n)
	return err
}

func (a *audience) join(ctx context.Context) error {
	conn, _, err := websocket.Dial(ctx, "ws"+strings.TrimPrefix(a.server.url, "http")+a.path, //nolint:bodyclose // Dial says that there is nothing to close
		&websocket.DialOptions{Subprotocols: subprotocols(a.path)})
	if err != nil {
		return fmt.Errorf("open a socket: %w", err)
	}
	conn.SetReadLimit(1 << 20)
	a.conns = append(a.conns, conn)
	if a.path != "/raw" {
		if err := subscribe(ctx, conn); err != nil {
			return err
		}
	}
	go a.listen(ctx, conn)
	return nil
}

func subprotocols(path string) []string {
	if path == "/raw" {
		return nil
	}
	return []string{"graphql-transport-ws"}
}

func subscribe(ctx context.Context, conn *websocket.Conn) error {
	payload, err := json.Marshal(map[string]any{
		"id": "3f2b8a4e-6d1c-4b7e-9a53-1c0d2e4f6a8b", "type": "subscribe",
		"payload": map[string]any{"query": followBoard, "variables": variables{"siteId": demo.SiteID}},
	})
	if err != nil {
		return fmt.Errorf("write a subscription: %w", err)
	}
	for _, message := range [][]byte{[]byte(`{"type":"connection_init"}`), payload} {
		if err := conn.Write(ctx, websocket.MessageText, message); err != nil {
			return fmt.Errorf("subscribe: %w", err)
		}
		if message[2] == 't' { // the server acknowledges the first message
			if _, _, err := conn.Read(ctx); err != nil {
				return fmt.Errorf("subscribe: %w", err)
			}
		}
	}
	return nil
}

// listen counts what one socket receives until it is closed.
func (a *audience) listen(ctx context.Context, conn *websocket.Conn) {
	for {
		_, message, err := conn.Read(ctx)
		if err != nil {
			return
		}
		switch {
		case bytes.Contains(message, []byte(`"next"`)):
			a.heard(message)
		case bytes.Contains(message, []byte(`"ping"`)):
			_ = conn.Write(ctx, websocket.MessageText, []byte(`{"type":"pong"}`)) // a lost socket is missed at the next event
		}
	}
}

func (a *audience) heard(message []byte) {
	a.mu.Lock()
	a.took = append(a.took, time.Since(a.sent).Seconds()*1e3)
	a.last = message
	a.mu.Unlock()
	a.received.Add(1)
	select {
	case a.news <- struct{}{}:
	default:
	}
}

func (a *audience) latest() []byte {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.last
}

// await waits until that many messages have come in all.
func (a *audience) await(ctx context.Context, messages int64) error {
	timeout := time.After(patience)
	for a.received.Load() < messages {
		select {
		case <-a.news:
		case <-ctx.Done():
			return ctx.Err()
		case <-timeout:
			return fmt.Errorf("%d of %d messages came within %s", a.received.Load(), messages, patience)
		}
	}
	return nil
}

// quiet is how long nothing comes once everything has.
const quiet = 300 * time.Millisecond

// measure publishes and gives the deliveries per CPU second of the server, and the
// time by which 99 of 100 had come. A server that tells a change in two messages has
// made two deliveries.
func (a *audience) measure(ctx context.Context) (rate, p99 float64, err error) {
	a.settle()
	before, err := a.server.cpu()
	if err != nil {
		return 0, 0, err
	}
	start := a.received.Load()
	a.mu.Lock()
	a.took = a.took[:0]
	a.mu.Unlock()
	for range a.events {
		now := a.received.Load()
		a.mu.Lock()
		a.sent = time.Now()
		a.mu.Unlock()
		if err := a.publish(ctx); err != nil {
			return 0, 0, err
		}
		if err := a.await(ctx, now+int64(len(a.conns))); err != nil {
			return 0, 0, err
		}
	}
	a.settle()
	after, err := a.server.cpu()
	a.mu.Lock()
	defer a.mu.Unlock()
	return float64(a.received.Load()-start) / max(after-before, 1.0/ticksPerSecond), quantile(a.took, 0.99), err
}

// settle waits until nothing comes any more.
func (a *audience) settle() {
	for {
		n := a.received.Load()
		time.Sleep(quiet)
		if a.received.Load() == n {
			return
		}
	}
}

func (a *audience) leave() {
	for _, c := range a.conns {
		_ = c.CloseNow()
	}
}
