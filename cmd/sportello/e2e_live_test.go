package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/coder/websocket"
)

// live is one subscription over a socket of its own. Its one root field is named
// update in the text, and $after is the cursor to resume from.
type live struct {
	t       testing.TB
	what    string
	conn    *websocket.Conn
	updates chan tree
	// Set when updates is closed.
	code   websocket.StatusCode // of the socket's close; -1 if it broke
	failed string               // code of the error that ended the subscription
	cursor string               // of the last update that next gave
	hangUp func()               // where there is no socket
}

// frame is a message of graphql-transport-ws.
type frame struct {
	ID      string          `json:"id,omitempty"`
	Type    string          `json:"type"`
	Payload json.RawMessage `json:"payload,omitempty"`
}

// socket opens a connection and shakes hands.
func (c *client) socket(ctx context.Context) (*websocket.Conn, error) {
	url := "ws" + strings.TrimPrefix(c.h.address(), "http") + "/graphql"
	conn, _, err := websocket.Dial(ctx, url, &websocket.DialOptions{Subprotocols: []string{"graphql-transport-ws"}}) //nolint:bodyclose // Dial says that there is nothing to close
	if err != nil {
		return nil, err
	}
	conn.SetReadLimit(4 << 20)
	payload := map[string]string{}
	if c.token != "" {
		payload["Authorization"] = "Bearer " + c.token
	}
	if c.ticket != nil {
		payload["ticket"] = c.ticket()
	}
	if c.acting != "" {
		payload["actingFor"] = c.acting
	}
	raw, err := json.Marshal(payload)
	if err == nil {
		err = write(ctx, conn, frame{Type: "connection_init", Payload: raw})
	}
	var got frame
	for err == nil && got.Type != "connection_ack" {
		got, err = read(ctx, conn)
	}
	if err != nil {
		_ = conn.CloseNow()
		return nil, err
	}
	return conn, nil
}

// tryFollow subscribes; an empty cursor starts with a snapshot. The error is the
// network's or the handshake's.
func (c *client) tryFollow(document string, vars variables, after string) (*live, error) {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	conn, err := c.socket(ctx)
	if err != nil {
		return nil, err
	}
	all := variables{"after": nil}
	if after != "" {
		all["after"] = after
	}
	for name, value := range vars {
		all[name] = value
	}
	payload, err := json.Marshal(map[string]any{"query": document, "variables": all})
	if err != nil {
		return nil, err
	}
	if err := write(ctx, conn, frame{ID: "1", Type: "subscribe", Payload: payload}); err != nil {
		_ = conn.CloseNow()
		return nil, err
	}
	l := &live{t: c.t, what: c.name + " follows", conn: conn, updates: make(chan tree, 1<<12), cursor: after}
	go l.receive()
	return l, nil
}

// follow subscribes and leaves the subscription when the test ends.
func (c *client) follow(document string, vars variables, after string) *live {
	c.t.Helper()
	l, err := c.tryFollow(document, vars, after)
	if err != nil {
		c.t.Fatalf("%s follows: %v", c.name, err)
	}
	c.t.Cleanup(l.cut)
	return l
}

// cut drops the connection without a word.
func (l *live) cut() {
	if l.conn == nil {
		l.hangUp()
		return
	}
	_ = l.conn.CloseNow()
}

// receive reads until the subscription or the connection ends.
func (l *live) receive() {
	defer close(l.updates)
	for {
		got, err := read(context.Background(), l.conn)
		if err != nil {
			l.code = websocket.CloseStatus(err)
			return
		}
		switch got.Type {
		case "next":
			var a struct {
				Data   any
				Errors []topError
			}
			if err := json.Unmarshal(got.Payload, &a); err != nil || len(a.Errors) > 0 {
				l.failed = fmt.Sprint(err, a.Errors)
				return
			}
			l.updates <- tree{l.t, a.Data}
		case "error":
			var all []topError
			if err := json.Unmarshal(got.Payload, &all); err != nil || len(all) == 0 {
				l.failed = "an error that cannot be read"
				return
			}
			l.failed = all[0].Extensions.Code
			return
		case "complete":
			l.failed = "complete"
			return
		}
	}
}

// next waits for the next update; ok is false when there will be none.
func (l *live) next() (update tree, ok bool) {
	l.t.Helper()
	select {
	case u, open := <-l.updates:
		if !open {
			return tree{l.t, nil}, false
		}
		update = u.at("update")
		l.cursor = update.text("cursor")
		return update, true
	case <-time.After(patience):
		l.t.Fatalf("%s: nothing came within %v", l.what, patience)
		return tree{}, false
	}
}

// until reads updates up to the first that the test wants.
func (l *live) until(what string, wanted func(tree) bool) tree {
	l.t.Helper()
	for {
		update, ok := l.next()
		if !ok {
			l.t.Fatalf("%s: ended with close code %d, error %q before %s", l.what, l.code, l.failed, what)
		}
		if wanted(update) {
			return update
		}
	}
}

// event reads updates up to the event of that type.
func (l *live) event(kind string) tree {
	l.t.Helper()
	return l.until(kind, func(u tree) bool { return u.text("event.type") == kind })
}

// snapshot reads the first update.
func (l *live) snapshot() tree {
	l.t.Helper()
	update, ok := l.next()
	if !ok || update.text("kind") != "SNAPSHOT" {
		l.t.Fatalf("%s: began with %v (close code %d, error %q), not with a snapshot", l.what, update, l.code, l.failed)
	}
	return update
}

// end waits until the subscription ends: with the code of an error, or of the
// socket's close.
func (l *live) end() (failed string, code websocket.StatusCode) {
	l.t.Helper()
	limit := time.After(patience)
	for {
		select {
		case _, open := <-l.updates:
			if !open {
				return l.failed, l.code
			}
		case <-limit:
			l.t.Fatalf("%s: does not end", l.what)
		}
	}
}

// errFrame says that a frame is none of the protocol's.
var errFrame = errors.New("not a frame of graphql-transport-ws")

func read(ctx context.Context, conn *websocket.Conn) (frame, error) {
	var got frame
	_, raw, err := conn.Read(ctx)
	if err != nil {
		return got, err
	}
	if json.Unmarshal(raw, &got) != nil {
		return got, errFrame
	}
	if got.Type == "ping" {
		return got, write(ctx, conn, frame{Type: "pong"})
	}
	return got, nil
}

func write(ctx context.Context, conn *websocket.Conn, f frame) error {
	raw, err := json.Marshal(f)
	if err != nil {
		return err
	}
	return conn.Write(ctx, websocket.MessageText, raw)
}
