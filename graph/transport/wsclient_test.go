package transport_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/coder/websocket"

	"github.com/spazio-in-comune/sportello/graph/transport"
)

// peer is a client that sends and reads frames as they are.
type peer struct {
	t    *testing.T
	conn *websocket.Conn
}

// frame is a message of the server.
type frame struct {
	ID      string          `json:"id"`
	Type    string          `json:"type"`
	Payload json.RawMessage `json:"payload"`
}

// listen serves a configuration on a loopback port.
func listen(t *testing.T, change func(*transport.Config)) (string, *transport.Server, *office) {
	t.Helper()
	srv, office := newServer(t, change)
	server := httptest.NewServer(srv)
	t.Cleanup(server.Close)
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 15*time.Second)
		defer cancel()
		if err := srv.Shutdown(ctx); err != nil {
			t.Errorf("sockets left over: %v", err)
		}
	})
	return "ws" + strings.TrimPrefix(server.URL, "http"), srv, office
}

func dial(t *testing.T, url string) *peer {
	t.Helper()
	return dialAs(t, url, &websocket.DialOptions{Subprotocols: []string{"graphql-transport-ws"}})
}

func dialAs(t *testing.T, url string, options *websocket.DialOptions) *peer {
	t.Helper()
	conn, resp, err := websocket.Dial(t.Context(), url, options)
	if err != nil {
		t.Fatal(err)
	}
	if resp.Body != nil {
		t.Cleanup(func() { _ = resp.Body.Close() })
	}
	conn.SetReadLimit(-1)
	t.Cleanup(func() { _ = conn.CloseNow() })
	return &peer{t: t, conn: conn}
}

// connect opens a session.
func connect(t *testing.T, url string) *peer {
	t.Helper()
	p := dial(t, url)
	p.send(`{"type":"connection_init"}`)
	p.want("connection_ack")
	return p
}

func (p *peer) send(message string) {
	p.t.Helper()
	if err := p.conn.Write(p.t.Context(), websocket.MessageText, []byte(message)); err != nil {
		p.t.Fatalf("sending %.60s: %v", message, err)
	}
}

func (p *peer) subscribe(id, query string) {
	p.t.Helper()
	p.send(fmt.Sprintf(`{"id":%q,"type":"subscribe","payload":{"query":%q}}`, id, query))
}

func (p *peer) read() (frame, error) {
	ctx, cancel := context.WithTimeout(p.t.Context(), 10*time.Second)
	defer cancel()
	var f frame
	_, data, err := p.conn.Read(ctx)
	if err != nil {
		return f, err
	}
	return f, json.Unmarshal(data, &f)
}

// want reads one message, pings aside, and checks its type; "" is any.
func (p *peer) want(kind string) frame {
	p.t.Helper()
	for {
		f, err := p.read()
		if err != nil {
			p.t.Fatalf("waiting for %s: %v", kind, err)
		}
		if f.Type == "ping" && kind != "ping" {
			continue
		}
		if f.Type != kind && kind != "" {
			p.t.Fatalf("got %s %s %s, want %s", f.Type, f.ID, f.Payload, kind)
		}
		return f
	}
}

// wantResult reads a `next` of an operation with exactly this payload.
func (p *peer) wantResult(id, payload string) {
	p.t.Helper()
	if f := p.want("next"); f.ID != id || string(f.Payload) != payload {
		p.t.Fatalf("got %s %s, want %s %s", f.ID, f.Payload, id, payload)
	}
}

// wantErrors reads an `error` of an operation and returns its list.
func (p *peer) wantErrors(id string) []struct {
	Message    string
	Extensions struct{ Code string }
} {
	p.t.Helper()
	var list []struct {
		Message    string
		Extensions struct{ Code string }
	}
	f := p.want("error")
	if err := json.Unmarshal(f.Payload, &list); err != nil || f.ID != id || len(list) == 0 {
		p.t.Fatalf("got %s %s, want errors of %s", f.ID, f.Payload, id)
	}
	return list
}

// wantClose reads to the end and checks the close code; messages before it are dropped.
func (p *peer) wantClose(code int) websocket.CloseError {
	p.t.Helper()
	for {
		_, err := p.read()
		if err == nil {
			continue
		}
		if got := websocket.CloseStatus(err); int(got) != code {
			p.t.Fatalf("closed with %d (%v), want %d", got, err, code)
		}
		return closeErrorOf(err)
	}
}

func closeErrorOf(err error) (c websocket.CloseError) {
	errors.As(err, &c)
	return c
}

// refusedUpgrade sends an upgrade that the server must answer with a plain status.
func refusedUpgrade(t *testing.T, url string, header http.Header) (int, string) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http"+strings.TrimPrefix(url, "ws"), nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Header = header
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	body := make([]byte, 1000)
	n, _ := resp.Body.Read(body) // the body is a line; what is beyond does not matter
	return resp.StatusCode, string(body[:n])
}
