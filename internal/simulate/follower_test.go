package simulate

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strconv"
	"testing"
	"time"

	"github.com/coder/websocket"
)

// log serves a subscription over events 1 to last: a snapshot at 0 first, or the
// events after the cursor.
func log(t *testing.T, last int, spoil func(event int) int) string {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		conn, err := websocket.Accept(rw, r, &websocket.AcceptOptions{Subprotocols: []string{"graphql-transport-ws"}})
		if err != nil {
			return
		}
		defer func() { _ = conn.CloseNow() }()
		ctx := r.Context()
		send := func(text string) bool { return conn.Write(ctx, websocket.MessageText, []byte(text)) == nil }
		var vars struct {
			Payload struct{ Variables struct{ After string } }
		}
		_, _, _ = conn.Read(ctx)
		send(`{"type":"connection_ack"}`)
		_, raw, err := conn.Read(ctx)
		if err != nil || json.Unmarshal(raw, &vars) != nil {
			return
		}
		next, _ := strconv.Atoi(vars.Payload.Variables.After)
		if vars.Payload.Variables.After == "" {
			send(`{"id":"1","type":"next","payload":{"data":{"update":{"kind":"SNAPSHOT","cursor":"0"}}}}`)
		}
		for next++; next <= last; next++ {
			event := next
			if spoil != nil {
				event = spoil(next)
			}
			if !send(fmt.Sprintf(`{"id":"1","type":"next","payload":{"data":{"update":{"kind":"EVENT","cursor":"%d","event":{"id":"%d","type":"leg.called","at":"2026-11-23T09:00:00Z"}}}}}`, next, event)) {
				return
			}
			time.Sleep(time.Millisecond)
		}
		<-ctx.Done()
	}))
	t.Cleanup(server.Close)
	return server.URL
}

func TestFollowerResumesAfterCuts(t *testing.T) {
	t.Parallel()
	const last = 200
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	s := &streams{url: log(t, last, nil)}
	defer s.end()
	p, err := s.follow(ctx, followed{name: "queue", document: "subscription Queue { x }"})
	if err != nil {
		t.Fatal(err)
	}
	for cut := range 5 {
		if err := await(ctx, 10*time.Second, func() bool { return len(p.live.received()) >= (cut+1)*30 }); err != nil {
			t.Fatal(err)
		}
		p.live.cut()
	}
	p.expected["leg.called"] = last
	s.settle(ctx)
	if faults := p.check(); len(faults) > 0 {
		t.Error(faults)
	}
	if opened, cut := p.live.connections(); opened < 6 || cut != 5 {
		t.Errorf("%d connections after %d cuts, want 6 after 5", opened, cut)
	}
}

// A server that forgets an event, or repeats one, after a cut is found out.
func TestLossIsFound(t *testing.T) {
	t.Parallel()
	const last = 60
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	s := &streams{url: log(t, last, nil)}
	defer s.end()
	reference, err := follow(ctx, s.url, followed{name: "reference", document: "subscription Queue { x }"})
	if err != nil {
		t.Fatal(err)
	}
	s.url = log(t, last, func(event int) int {
		if event == 40 {
			return 39
		}
		return event
	})
	p := s.followBeside(ctx, followed{name: "queue", document: "subscription Queue { x }"}, reference)
	s.settle(ctx)
	if faults := p.check(); len(faults) != 2 {
		t.Errorf("faults: %v, want a difference and a double", faults)
	}
}

func TestFollowerGivesUpOnRefusal(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		conn, err := websocket.Accept(rw, r, &websocket.AcceptOptions{Subprotocols: []string{"graphql-transport-ws"}})
		if err != nil {
			return
		}
		_, _, _ = conn.Read(r.Context())
		_ = conn.Write(r.Context(), websocket.MessageText, []byte(`{"type":"connection_ack"}`))
		_, _, _ = conn.Read(r.Context())
		_ = conn.Write(r.Context(), websocket.MessageText, []byte(`{"id":"1","type":"error","payload":[{"message":"no","extensions":{"code":"FORBIDDEN"}}]}`))
		<-r.Context().Done()
	}))
	defer server.Close()
	if _, err := follow(t.Context(), server.URL, followed{name: "queue", document: "subscription Queue { x }"}); err == nil {
		t.Error("a refused subscription counts as followed")
	}
}
