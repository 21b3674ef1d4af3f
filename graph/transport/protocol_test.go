package transport_test

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/coder/websocket"

	"github.com/spazio-in-comune/sportello/graph/transport"
)

func TestMalformedMessages(t *testing.T) {
	url, _, _ := listen(t, nil)
	for name, message := range map[string]string{
		"empty":                      ``,
		"not JSON":                   `hello`,
		"cut":                        `{"type":"ping"`,
		"two documents":              `{"type":"ping"}{"type":"ping"}`,
		"null":                       `null`,
		"number":                     `1`,
		"string":                     `"ping"`,
		"list":                       `[{"type":"ping"}]`,
		"no type":                    `{"id":"1"}`,
		"type number":                `{"type":1}`,
		"type null":                  `{"type":null}`,
		"type twice":                 `{"type":"ping","type":"connection_init"}`,
		"unknown type":               `{"type":"start","id":"1","payload":{"query":"{ hello }"}}`,
		"type of the server":         `{"type":"next","id":"1","payload":{}}`,
		"too deep":                   `{"type":"ping","payload":` + strings.Repeat(`{"a":`, 70) + `1` + strings.Repeat(`}`, 71),
		"init payload list":          `{"type":"connection_init","payload":[]}`,
		"init payload string":        `{"type":"connection_init","payload":"token"}`,
		"ping payload number":        `{"type":"ping","payload":1}`,
		"subscribe without id":       `{"type":"subscribe","payload":{"query":"{ hello }"}}`,
		"subscribe with empty id":    `{"type":"subscribe","id":"","payload":{"query":"{ hello }"}}`,
		"subscribe with number id":   `{"type":"subscribe","id":1,"payload":{"query":"{ hello }"}}`,
		"subscribe with a long id":   `{"type":"subscribe","id":"` + strings.Repeat("x", 129) + `","payload":{"query":"{ hello }"}}`,
		"subscribe without payload":  `{"type":"subscribe","id":"1"}`,
		"subscribe payload string":   `{"type":"subscribe","id":"1","payload":"{ hello }"}`,
		"subscribe without query":    `{"type":"subscribe","id":"1","payload":{}}`,
		"subscribe query number":     `{"type":"subscribe","id":"1","payload":{"query":1}}`,
		"subscribe variables list":   `{"type":"subscribe","id":"1","payload":{"query":"{ hello }","variables":[]}}`,
		"subscribe operation number": `{"type":"subscribe","id":"1","payload":{"query":"{ hello }","operationName":1}}`,
		"subscribe extensions list":  `{"type":"subscribe","id":"1","payload":{"query":"{ hello }","extensions":[]}}`,
		"complete without id":        `{"type":"complete"}`,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := connect(t, url)
			p.send(message)
			p.wantClose(4400)
		})
	}
}

func TestCloseCodes(t *testing.T) {
	url, _, _ := listen(t, nil)
	const init, waits = `{"type":"connection_init"}`, `{"id":"1","type":"subscribe","payload":{"query":"subscription { waits }"}}`
	tests := []struct {
		name   string
		send   []string
		code   int
		reason string
	}{
		{"subscribe before init", []string{waits}, 4401, "Unauthorized"},
		{"id in use", []string{init, waits, waits}, 4409, "Subscriber already exists"},
		{"second init", []string{init, init}, 4429, "Too many initialisation requests"},
		{"invalid UTF-8", []string{init, "{\"type\":\"ping\",\"payload\":{\"a\":\"\xff\"}}"}, 1007, "Invalid UTF-8"},
		{"too large", []string{init, `{"type":"ping","payload":{"a":"` + strings.Repeat("x", 64<<10) + `"}}`}, 1009, ""},
		{"far too large", []string{init, strings.Repeat("x", 900<<10)}, 1009, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			p := dial(t, url)
			for _, message := range tt.send {
				p.send(message)
			}
			if got := p.wantClose(tt.code); tt.reason != "" && got.Reason != tt.reason {
				t.Errorf("reason %q, want %q", got.Reason, tt.reason)
			}
		})
	}
	t.Run("binary", func(t *testing.T) {
		p := connect(t, url)
		if err := p.conn.Write(t.Context(), websocket.MessageBinary, []byte(`{"type":"ping"}`)); err != nil {
			t.Fatal(err)
		}
		p.wantClose(4400)
	})
	t.Run("no subprotocol", func(t *testing.T) {
		dialAs(t, url, nil).wantClose(4406)
	})
	t.Run("the legacy subprotocol", func(t *testing.T) {
		dialAs(t, url, &websocket.DialOptions{Subprotocols: []string{"graphql-ws"}}).wantClose(4406)
	})
}

func TestHandshake(t *testing.T) {
	url, _, _ := listen(t, func(c *transport.Config) {
		c.Socket.OriginAllowed = func(origin string) bool { return origin == "https://comune.example" }
	})
	host := strings.TrimPrefix(url, "ws://")
	upgrade := func(pairs ...string) http.Header {
		h := http.Header{
			"Connection": {"Upgrade"}, "Upgrade": {"websocket"}, "Sec-Websocket-Version": {"13"},
			"Sec-Websocket-Key": {"dGhlIHNhbXBsZSBub25jZQ=="}, "Sec-Websocket-Protocol": {"graphql-transport-ws"},
		}
		for i := 0; i < len(pairs); i += 2 {
			h.Set(pairs[i], pairs[i+1])
		}
		return h
	}
	for _, tt := range []struct {
		name   string
		header http.Header
		want   int
	}{
		{"foreign origin", upgrade("Origin", "https://evil.example"), 403},
		{"origin null", upgrade("Origin", "null"), 403},
		{"origin that begins alike", upgrade("Origin", "http://"+host+".evil.example"), 403},
		{"no key", upgrade("Sec-WebSocket-Key", "evil.example"), 400},
		{"old version", upgrade("Sec-WebSocket-Version", "8"), 400},
	} {
		t.Run(tt.name, func(t *testing.T) {
			status, body := refusedUpgrade(t, url, tt.header)
			if status != tt.want || strings.Contains(body, "evil") {
				t.Errorf("got %d %q, want %d", status, body, tt.want)
			}
		})
	}
	for _, origin := range []string{"http://" + host, "https://comune.example"} {
		p := dialAs(t, url, &websocket.DialOptions{Subprotocols: []string{"graphql-transport-ws"}, HTTPHeader: http.Header{"Origin": {origin}}})
		p.send(`{"type":"connection_init"}`)
		p.want("connection_ack")
	}
}

func TestInitTimeout(t *testing.T) {
	url, _, _ := listen(t, func(c *transport.Config) { c.Limits.InitTimeout = 30 * time.Millisecond })
	p := dial(t, url)
	p.send(`{"type":"ping"}`)
	p.wantClose(4408)
}

func TestInit(t *testing.T) {
	expired, expire := context.WithCancelCause(t.Context())
	url, srv, _ := listen(t, func(c *transport.Config) {
		c.Socket.Init = func(ctx context.Context, payload map[string]any) (context.Context, map[string]any, time.Time, error) {
			switch name, _ := payload["token"].(string); name {
			case "wrong":
				return ctx, nil, time.Time{}, errors.New("the key of user 7 does not match")
			case "later":
				return ctx, nil, time.Time{}, &transport.CloseError{Code: 1013, Reason: "Database away"}
			case "short":
				return ctx, nil, time.Now().Add(50 * time.Millisecond), nil
			case "revoked":
				return expired, nil, time.Time{}, nil
			default:
				return context.WithValue(ctx, viewerKey{}, name), map[string]any{"hello": name}, time.Time{}, nil
			}
		}
	})
	begin := func(token string) *peer {
		p := dial(t, url)
		p.send(`{"type":"connection_init","payload":{"token":"` + token + `"}}`)
		return p
	}
	t.Run("refused", func(t *testing.T) {
		if got := begin("wrong").wantClose(4403); got.Reason != "Forbidden" {
			t.Errorf("reason %q", got.Reason)
		}
	})
	t.Run("refused with a code", func(t *testing.T) {
		if got := begin("later").wantClose(1013); got.Reason != "Database away" {
			t.Errorf("reason %q", got.Reason)
		}
	})
	t.Run("session that ends", func(t *testing.T) {
		p := begin("short")
		p.want("connection_ack")
		p.subscribe("1", "subscription { waits }")
		if got := p.wantClose(4403); got.Reason != "Session ended" {
			t.Errorf("reason %q", got.Reason)
		}
	})
	t.Run("rights that end", func(t *testing.T) {
		p := begin("revoked")
		p.want("connection_ack")
		p.subscribe("1", "subscription { waits }")
		expire(nil)
		p.wantClose(4403)
	})
	t.Run("viewer", func(t *testing.T) {
		p := begin("anna")
		if f := p.want("connection_ack"); string(f.Payload) != `{"hello":"anna"}` {
			t.Errorf("payload %s", f.Payload)
		}
		p.subscribe("1", "{ viewer }")
		p.wantResult("1", `{"data":{"viewer":"anna"}}`)
	})
	eventually(t, "closed sockets are forgotten", func() bool { return srv.Sockets() <= 1 })
}

func TestSocketsPerUser(t *testing.T) {
	type userKey struct{}
	url, srv, _ := listen(t, func(c *transport.Config) {
		c.Limits.SocketsPerUser = 2
		c.Socket.Init = func(ctx context.Context, payload map[string]any) (context.Context, map[string]any, time.Time, error) {
			return context.WithValue(ctx, userKey{}, payload["user"]), nil, time.Time{}, nil
		}
		c.Socket.UserKey = func(ctx context.Context) string {
			user, _ := ctx.Value(userKey{}).(string)
			return user
		}
	})
	open := func(user string) *peer {
		p := dial(t, url)
		p.send(`{"type":"connection_init","payload":{"user":"` + user + `"}}`)
		return p
	}
	first := open("anna")
	first.want("connection_ack")
	open("anna").want("connection_ack")
	open("bruno").want("connection_ack")
	for range 5 {
		open("").want("connection_ack") // not counted
	}
	open("anna").wantClose(4429)

	before := srv.Sockets()
	if err := first.conn.Close(websocket.StatusNormalClosure, ""); err != nil {
		t.Fatal(err)
	}
	eventually(t, "the first socket is gone", func() bool { return srv.Sockets() < before })
	open("anna").want("connection_ack")
}

func TestPing(t *testing.T) {
	url, srv, _ := listen(t, func(c *transport.Config) {
		c.Limits.Ping = 60 * time.Millisecond
		c.Limits.Silence = 2 * time.Second
	})
	alive, silent := connect(t, url), connect(t, url)
	alive.send(`{"type":"ping","payload":{"a":1}}`)
	alive.want("pong")
	for range 67 { // twice the time after which a silent peer is dropped
		alive.want("ping")
		alive.send(`{"type":"pong"}`)
	}
	eventually(t, "the silent peer is dropped", func() bool { return srv.Sockets() == 1 })
	silent.wantClose(-1)
	alive.send(`{"type":"ping"}`)
	alive.want("pong")
}
