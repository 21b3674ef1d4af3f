package main

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/coder/websocket"

	"github.com/spazio-in-comune/sportello/internal/demo"
)

// wall are displays that watch the board, and when each first showed which number.
type wall struct {
	displays []*websocket.Conn

	mu     sync.Mutex             // guards all below
	shown  map[string][]time.Time // by number and display; zero is not yet
	called map[string]time.Time   // the clicks of this round, by number
}

func newWall() *wall {
	return &wall{called: map[string]time.Time{}, shown: map[string][]time.Time{}}
}

// expect says that a number was called by a click at that moment.
func (w *wall) expect(label string, clicked time.Time) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.called[label] = clicked
}

// hang puts displays at a server.
func (w *wall) hang(ctx context.Context, h *house, n int) error {
	for range n {
		conn, _, err := websocket.Dial(ctx, "ws"+strings.TrimPrefix(h.url, "http")+"/graphql", //nolint:bodyclose // Dial says that there is nothing to close
			&websocket.DialOptions{Subprotocols: []string{"graphql-transport-ws"}})
		if err != nil {
			return fmt.Errorf("open a socket: %w", err)
		}
		conn.SetReadLimit(1 << 20)
		w.displays = append(w.displays, conn)
		if err := subscribe(ctx, conn); err != nil {
			return err
		}
		go w.watch(ctx, len(w.displays)-1, conn)
	}
	return nil
}

func (w *wall) watch(ctx context.Context, display int, conn *websocket.Conn) {
	for {
		_, message, err := conn.Read(ctx)
		if err != nil {
			return
		}
		now := time.Now()
		if bytes.Contains(message, []byte(`"ping"`)) {
			_ = conn.Write(ctx, websocket.MessageText, []byte(`{"type":"pong"}`)) // a display that is lost fails the round
			continue
		}
		var got struct {
			Payload struct {
				Data struct {
					BoardChanged struct {
						Board struct{ Calls []struct{ Label string } }
					}
				}
			}
		}
		if json.Unmarshal(message, &got) != nil {
			continue
		}
		for _, call := range got.Payload.Data.BoardChanged.Board.Calls {
			w.show(display, call.Label, now)
		}
	}
}

// show notes that a display shows a number at that moment.
func (w *wall) show(display int, label string, at time.Time) {
	w.mu.Lock()
	defer w.mu.Unlock()
	times := w.shown[label]
	if display >= len(times) {
		times = append(times, make([]time.Time, display+1-len(times))...)
		w.shown[label] = times
	}
	if times[display].IsZero() {
		times[display] = at
	}
}

// leave takes the displays down.
func (w *wall) leave() {
	for _, conn := range w.displays {
		_ = conn.CloseNow()
	}
}

// result gives the times of the round in ms, from the click to each display, once every
// call is on every display.
func (w *wall) result(ctx context.Context) ([]float64, error) {
	for end := time.Now().Add(patience); ; time.Sleep(quiet) {
		took, pending := w.times()
		switch {
		case pending == 0:
			w.mu.Lock()
			defer w.mu.Unlock()
			clear(w.called)
			return took, nil
		case ctx.Err() != nil:
			return nil, ctx.Err()
		case time.Now().After(end):
			return nil, fmt.Errorf("%d times a call is not on a display", pending)
		}
	}
}

func (w *wall) times() (took []float64, pending int) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for label, clicked := range w.called {
		pending += len(w.displays)
		for _, at := range w.shown[label] {
			if !at.IsZero() {
				took = append(took, at.Sub(clicked).Seconds()*1e3)
				pending--
			}
		}
	}
	return took, pending
}

// clerk is an officer who calls one after the other, asking one server and then the other.
type clerk struct {
	office         string
	kiosk, officer []*api
	session        string
	served         int
}

func (d *clerk) open(ctx context.Context) error {
	var site struct {
		Site struct {
			Counters []struct {
				ID      string
				Office  struct{ Code string }
				Session *struct{ ID string }
			}
		}
	}
	err := d.officer[0].ask(ctx, `query($site: ID!) { site(id: $site) { counters { id office { code } session { id } } } }`, variables{"site": demo.SiteID}, &site)
	if err != nil {
		return err
	}
	for _, c := range site.Site.Counters {
		if c.Office.Code != d.office || c.Session != nil {
			continue
		}
		var opened struct {
			OpenCounter struct{ Session *struct{ ID string } }
		}
		err := d.officer[0].ask(ctx, `mutation($input: OpenCounterInput!) { openCounter(input: $input) { userErrors { code } session { id } } }`,
			variables{"input": variables{"idempotencyKey": rand.Text(), "counterId": c.ID}}, &opened)
		if err == nil && opened.OpenCounter.Session != nil {
			d.session = opened.OpenCounter.Session.ID
			return nil
		}
		if err != nil {
			return err
		}
	}
	return fmt.Errorf("no counter of %s is free", d.office)
}

// serveOne lets somebody in, calls the next, and brings the service to its end in two steps
// with a pause before each.
func (d *clerk) serveOne(ctx context.Context, w *wall, pause time.Duration) error {
	d.served++
	kiosk, officer := d.kiosk[d.served%2], d.officer[d.served%2]
	var issued struct{ IssueTicket struct{ Visit *visit } }
	err := kiosk.ask(ctx, issueTicket, variables{"input": variables{"idempotencyKey": rand.Text(), "siteId": demo.SiteID, "officeCode": d.office}}, &issued)
	if err != nil {
		return err
	}
	type leg struct {
		ID, Label string
		Version   int
	}
	var called struct{ CallNext struct{ Leg *leg } }
	clicked := time.Now()
	err = officer.ask(ctx, `mutation($input: CallNextInput!) { callNext(input: $input) { userErrors { code } leg { id label version } } }`,
		variables{"input": variables{"idempotencyKey": rand.Text(), "sessionId": d.session}}, &called)
	if err != nil {
		return err
	}
	now := called.CallNext.Leg
	if now == nil {
		return errors.New("nobody was called, though somebody waits")
	}
	w.expect(now.Label, clicked)
	time.Sleep(pause)
	var started struct{ StartLeg struct{ Leg *leg } }
	err = officer.ask(ctx, `mutation($input: LegInput!) { startLeg(input: $input) { userErrors { code } leg { id label version } } }`,
		variables{"input": variables{"legId": now.ID, "expectedVersion": now.Version}}, &started)
	if err != nil || started.StartLeg.Leg == nil {
		return errors.Join(err, errors.New("a service was not begun"))
	}
	time.Sleep(pause)
	var ended struct{ CompleteLeg struct{ Leg *leg } }
	err = officer.ask(ctx, `mutation($input: CompleteLegInput!) { completeLeg(input: $input) { userErrors { code } leg { id label version } } }`,
		variables{"input": variables{"legId": now.ID, "expectedVersion": started.StartLeg.Leg.Version, "outcome": "SERVED"}}, &ended)
	if err != nil || ended.CompleteLeg.Leg == nil {
		return errors.Join(err, errors.New("a service was not ended"))
	}
	return nil
}

// subscribe asks for the board on a socket that has just been opened.
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
