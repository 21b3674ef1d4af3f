package transport_test

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/vektah/gqlparser/v2/gqlerror"

	"github.com/spazio-in-comune/sportello/graph/transport"
)

// stream is a reader of events as they are on the wire.
type stream struct {
	t    *testing.T
	resp *http.Response
	body *bufio.Reader
}

// serveEvents serves a configuration on a loopback port.
func serveEvents(t *testing.T, change func(*transport.Config)) (string, *transport.Server, *office) {
	t.Helper()
	srv, office := newServer(t, change)
	server := httptest.NewServer(srv)
	t.Cleanup(server.Close)
	t.Cleanup(func() {
		if err := srv.Shutdown(context.WithoutCancel(t.Context())); err != nil {
			t.Error(err)
		}
	})
	return server.URL, srv, office
}

// postEvents sends an operation and asks for events.
func postEvents(t *testing.T, url, query string, headers ...string) *stream {
	t.Helper()
	body, err := json.Marshal(map[string]string{"query": query})
	if err != nil {
		t.Fatal(err)
	}
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, url, strings.NewReader(string(body)))
	if err != nil {
		t.Fatal(err)
	}
	setHeaders(r, append([]string{"Content-Type", "application/json", "Accept", "text/event-stream"}, headers...))
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = resp.Body.Close() })
	return &stream{t, resp, bufio.NewReader(resp.Body)}
}

// event reads up to the next blank line; comments are given as ":".
func (s *stream) event() (name, data string, err error) {
	for {
		line, err := s.body.ReadString('\n')
		if err != nil {
			return name, data, err
		}
		line = strings.TrimSuffix(line, "\n")
		switch line {
		case ":":
			name = ":"
		case "":
			return name, data, nil
		default:
			field, value, ok := strings.Cut(line, ":")
			if !ok || strings.ContainsRune(value, '\r') {
				return "", "", fmt.Errorf("not a line of an event stream: %q", line)
			}
			value = strings.TrimPrefix(value, " ")
			if field == "event" {
				name = value
			} else {
				data += value
			}
		}
	}
}

// rest reads all events until the response ends; comments are left out.
func (s *stream) rest() []string {
	s.t.Helper()
	var all []string
	for {
		name, data, err := s.event()
		if errors.Is(err, io.EOF) {
			return all
		}
		if err != nil {
			s.t.Fatalf("after %v: %v", all, err)
		}
		if name != ":" {
			all = append(all, strings.TrimSpace(name+" "+data))
		}
	}
}

// codeOf is the code of the first error in a `next` event.
func codeOf(t *testing.T, event string) string {
	t.Helper()
	var got struct {
		Data   any
		Errors []struct {
			Extensions struct{ Code string }
		}
	}
	payload, ok := strings.CutPrefix(event, "next ")
	if !ok || json.Unmarshal([]byte(payload), &got) != nil || len(got.Errors) == 0 || got.Data != nil {
		t.Fatalf("not an event with errors alone: %q", event)
	}
	return got.Errors[0].Extensions.Code
}

func TestEventStream(t *testing.T) {
	url, _, office := serveEvents(t, nil)
	tests := map[string]struct {
		query string
		want  []string
	}{
		"query":              {`{ hello(name: "Ada") }`, []string{`next {"data":{"hello":"Ada"}}`, "complete"}},
		"mutation":           {`mutation { note(text: "x") }`, []string{`next {"data":{"note":"done"}}`, "complete"}},
		"text with a break":  {`{ hello(name: "a\nb") }`, []string{`next {"data":{"hello":"a\nb"}}`, "complete"}},
		"subscription":       {`subscription { ticks(count: 2) }`, []string{`next {"data":{"ticks":1}}`, `next {"data":{"ticks":2}}`, "complete"}},
		"field that fails":   {`{ fails }`, []string{`next {"errors":[{"message":"no luck"}],"data":{"fails":null}}`, "complete"}},
		"resolver that ends": {`subscription { endsBadly }`, []string{`next {"data":{"endsBadly":1}}`, `next {"errors":[{"message":"take a new snapshot"}]}`, "complete"}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			s := postEvents(t, url, test.query)
			if diff := cmp.Diff(test.want, s.rest()); diff != "" {
				t.Errorf("events: (-want +got)\n%s", diff)
			}
			for header, want := range map[string]string{"Content-Type": "text/event-stream; charset=utf-8", "Cache-Control": "no-store"} {
				if got := s.resp.Header.Get(header); got != want {
					t.Errorf("%s = %q, want %q", header, got, want)
				}
			}
		})
	}
	for name, query := range map[string]string{"syntax": "{", "validation": "{ nothing }", "limits": "{ a: hello" + strings.Repeat(" b: hello", 40) + " }", "refused": "subscription { refused }"} {
		t.Run(name, func(t *testing.T) {
			s := postEvents(t, url, query)
			events := s.rest()
			if s.resp.StatusCode != http.StatusOK || len(events) != 2 || events[1] != "complete" {
				t.Fatalf("status %d, events %q", s.resp.StatusCode, events)
			}
			if code := codeOf(t, events[0]); name != "refused" && code == "" {
				t.Errorf("no code: %s", events[0])
			}
		})
	}
	eventually(t, "no subscription is left", func() bool { return office.waiting.Load() == 0 })
}

// TestEventStreamIsNotOverwritten: results that come faster than they are written are
// each written as they were.
func TestEventStreamIsNotOverwritten(t *testing.T) {
	url, _, _ := serveEvents(t, nil)
	const many = 2000
	want := make([]string, 0, many+1)
	for i := range many {
		want = append(want, fmt.Sprintf(`next {"data":{"ticks":%d}}`, i+1))
	}
	if diff := cmp.Diff(append(want, "complete"), postEvents(t, url, fmt.Sprintf("subscription { ticks(count: %d) }", many)).rest()); diff != "" {
		t.Errorf("events: (-want +got)\n%.2000s", diff)
	}
}

// TestEventStreamIsAskedFor: only a POST that prefers events gets them; a subscription
// without that is still refused.
func TestEventStreamIsAskedFor(t *testing.T) {
	url, _, _ := serveEvents(t, nil)
	for accept, want := range map[string]string{
		"text/event-stream":                                    "text/event-stream; charset=utf-8",
		"text/event-stream, application/json":                  "text/event-stream; charset=utf-8",
		"application/json;q=0.5, text/event-stream":            "text/event-stream; charset=utf-8",
		"application/json, text/event-stream":                  "application/json; charset=utf-8",
		"application/graphql-response+json, text/event-stream": "application/graphql-response+json; charset=utf-8",
		"text/event-stream;q=0.1, */*":                         "application/json; charset=utf-8",
		"*/*":                                                  "application/json; charset=utf-8",
	} {
		s := postEvents(t, url, `subscription { ticks(count: 1) }`, "Accept", accept)
		if got := s.resp.Header.Get("Content-Type"); got != want {
			t.Errorf("%s: %q, want %q", accept, got, want)
		}
		body, err := io.ReadAll(s.body)
		if err != nil {
			t.Fatal(err)
		}
		if refused := strings.Contains(string(body), "BAD_USER_INPUT"); refused == strings.HasPrefix(want, "text/event-stream") {
			t.Errorf("%s: refused: %v: %s", accept, refused, body)
		}
	}
	for name, test := range map[string]struct {
		headers []string
		status  int
	}{
		"a form":       {[]string{"Content-Type", "application/x-www-form-urlencoded"}, http.StatusUnsupportedMediaType},
		"no JSON":      {[]string{"Content-Type", "text/plain"}, http.StatusUnsupportedMediaType},
		"a compressed": {[]string{"Content-Encoding", "gzip"}, http.StatusUnsupportedMediaType},
	} {
		s := postEvents(t, url, "{ hello }", test.headers...)
		if got := s.resp.Header.Get("Content-Type"); s.resp.StatusCode != test.status || !strings.HasPrefix(got, "application/json") {
			t.Errorf("%s: status %d, %s", name, s.resp.StatusCode, got)
		}
	}
}

// TestEventStreamEnds: whatever ends a session, the reader is told in a last result,
// and the response is complete.
func TestEventStreamEnds(t *testing.T) {
	over := &transport.CloseError{
		Code: transport.CloseForbidden, Reason: "Rights changed",
		Err: &gqlerror.Error{Message: "Your rights have changed.", Extensions: map[string]any{"code": "FORBIDDEN"}},
	}
	tests := map[string]struct {
		cause error // of the session's end; nil for none
		life  time.Duration
		stop  bool
		want  string
	}{
		"rights changed":   {cause: over, want: "FORBIDDEN"},
		"session ended":    {cause: &transport.CloseError{Code: transport.CloseForbidden, Reason: "Session ended"}, want: "UNAUTHENTICATED"},
		"token expired":    {life: 200 * time.Millisecond, want: "UNAUTHENTICATED"},
		"server stops":     {stop: true, want: "UNAVAILABLE"},
		"cause is unknown": {cause: errors.New("a secret"), want: ""},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			sessions := make(chan context.CancelCauseFunc, 1)
			url, srv, office := serveEvents(t, func(cfg *transport.Config) {
				cfg.EventStream.Open = func(ctx context.Context) (context.Context, time.Time) {
					ctx, cancel := context.WithCancelCause(ctx)
					sessions <- cancel
					if test.life > 0 {
						return ctx, time.Now().Add(test.life)
					}
					return ctx, time.Time{}
				}
			})
			s := postEvents(t, url, "subscription { pushed }")
			office.pushed <- 1
			for {
				if name, data, err := s.event(); err != nil || name == "next" {
					if data != `{"data":{"pushed":1}}` {
						t.Fatalf("first event %s, %v", data, err)
					}
					break
				}
			}
			cancel := <-sessions
			if test.cause != nil {
				cancel(test.cause)
			}
			if test.stop {
				if err := srv.Shutdown(t.Context()); err != nil {
					t.Fatal(err)
				}
			}
			events := s.rest()
			if test.want == "" {
				if diff := cmp.Diff([]string{"complete"}, events); diff != "" {
					t.Errorf("events: (-want +got)\n%s", diff)
				}
			} else if len(events) != 2 || events[1] != "complete" || codeOf(t, events[0]) != test.want {
				t.Errorf("events %q, want an error %s and complete", events, test.want)
			}
			eventually(t, "the stream and its operation are gone", func() bool { return srv.EventStreams() == 0 && office.waiting.Load() == 0 })
			if test.stop {
				if late := postEvents(t, url, "{ hello }"); late.resp.StatusCode != http.StatusServiceUnavailable {
					t.Errorf("after the stop: status %d", late.resp.StatusCode)
				}
			}
		})
	}
}

// TestEventStreamPings: an idle stream is kept open by comments, and a reader that is gone is
// noticed.
func TestEventStreamPings(t *testing.T) {
	url, srv, office := serveEvents(t, func(cfg *transport.Config) { cfg.Limits.Ping = 20 * time.Millisecond })
	s := postEvents(t, url, "subscription { waits }")
	for i := range 5 {
		if name, data, err := s.event(); name != ":" || data != "" || err != nil {
			t.Fatalf("event %d: %q %q %v", i, name, data, err)
		}
	}
	if err := s.resp.Body.Close(); err != nil {
		t.Fatal(err)
	}
	eventually(t, "the stream and its operation are gone", func() bool { return srv.EventStreams() == 0 && office.waiting.Load() == 0 })
}

// TestEventStreamsPerUser: streams and sockets of one user are counted together.
func TestEventStreamsPerUser(t *testing.T) {
	url, _, _ := serveEvents(t, func(cfg *transport.Config) {
		cfg.Limits.SocketsPerUser = 2
		cfg.Socket.UserKey = func(context.Context) string { return "ada" }
	})
	first := postEvents(t, url, "subscription { waits }")
	socket := dial(t, "ws"+strings.TrimPrefix(url, "http"))
	socket.send(`{"type":"connection_init"}`)
	socket.want("connection_ack")
	full := postEvents(t, url, "{ hello }")
	if full.resp.StatusCode != http.StatusTooManyRequests {
		t.Errorf("a third: status %d", full.resp.StatusCode)
	}
	if err := first.resp.Body.Close(); err != nil {
		t.Fatal(err)
	}
	eventually(t, "there is room again", func() bool {
		return postEvents(t, url, "{ hello }").resp.StatusCode == http.StatusOK
	})
}

// TestSocketsPerAddress: streams and sockets from one address are counted together, whoever asks; a handshake too many is
// answered 429, and one that is refused for another reason holds no place.
func TestSocketsPerAddress(t *testing.T) {
	url, srv, _ := serveEvents(t, func(cfg *transport.Config) {
		cfg.Limits.SocketsPerAddress = 2
	})
	ws := "ws" + strings.TrimPrefix(url, "http")
	header := http.Header{
		"Connection": {"Upgrade"}, "Upgrade": {"websocket"}, "Sec-Websocket-Version": {"8"},
		"Sec-Websocket-Key": {"dGhlIHNhbXBsZSBub25jZQ=="}, "Sec-Websocket-Protocol": {"graphql-transport-ws"},
	}
	for range 3 {
		if status, _ := refusedUpgrade(t, ws, header); status != http.StatusBadRequest {
			t.Fatalf("an old version: status %d", status)
		}
	}
	stream, socket := postEvents(t, url, "subscription { waits }"), dial(t, ws)
	header.Set("Sec-WebSocket-Version", "13")
	if status, _ := refusedUpgrade(t, ws, header); status != http.StatusTooManyRequests {
		t.Errorf("a third socket: status %d", status)
	}
	if status := postEvents(t, url, "{ hello }").resp.StatusCode; status != http.StatusTooManyRequests {
		t.Errorf("a third stream: status %d", status)
	}
	if err := socket.conn.CloseNow(); err != nil {
		t.Fatal(err)
	}
	eventually(t, "the socket is gone", func() bool { return srv.Sockets() == 0 })
	dial(t, ws).send(`{"type":"connection_init"}`)
	if err := stream.resp.Body.Close(); err != nil {
		t.Fatal(err)
	}
	eventually(t, "there is room again", func() bool {
		return postEvents(t, url, "{ hello }").resp.StatusCode == http.StatusOK
	})
}

// TestStuckEventReader: a reader that does not read is let go, and holds on no longer
// when its session is over.
func TestStuckEventReader(t *testing.T) {
	for name, test := range map[string]struct {
		write time.Duration
		end   bool
	}{"too slow": {write: 300 * time.Millisecond}, "its session is over": {write: time.Minute, end: true}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			sessions := make(chan context.CancelCauseFunc, 1)
			url, srv, _ := serveEvents(t, func(cfg *transport.Config) {
				cfg.Limits.Write = test.write
				cfg.EventStream.Open = func(ctx context.Context) (context.Context, time.Time) {
					ctx, cancel := context.WithCancelCause(ctx)
					sessions <- cancel
					return ctx, time.Time{}
				}
			})
			conn, err := (&net.Dialer{}).DialContext(t.Context(), "tcp", strings.TrimPrefix(url, "http://"))
			if err != nil {
				t.Fatal(err)
			}
			defer func() { _ = conn.Close() }()
			body := `{"query":"subscription { flood(kilobytes: 200) }"}`
			_, err = fmt.Fprintf(conn, "POST / HTTP/1.1\r\nHost: x\r\nAccept: text/event-stream\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s", len(body), body)
			if err != nil {
				t.Fatal(err)
			}
			cancel := <-sessions
			if test.end {
				time.Sleep(200 * time.Millisecond) // until the buffers are full
				cancel(errors.New("over"))
			}
			start := time.Now()
			eventually(t, "the stream is gone", func() bool { return srv.EventStreams() == 0 })
			if took := time.Since(start); took > 7*time.Second {
				t.Errorf("gone after %v", took)
			}
		})
	}
}
