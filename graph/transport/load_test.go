package transport_test

import (
	"context"
	"fmt"
	"net/http/httptest"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/coder/websocket"

	"github.com/spazio-in-comune/sportello/graph/transport"
)

// TestStuckReader lets one client ask for a flood and never read: it is closed, and another goes on meanwhile.
func TestStuckReader(t *testing.T) {
	codes := make(chan int, 10)
	url, srv, office := listen(t, func(c *transport.Config) {
		c.Limits.Write = 300 * time.Millisecond
		c.Hooks.SocketClosed = func(code int, _ time.Duration) { codes <- code }
	})
	stuck, healthy := connect(t, url), connect(t, url)
	healthy.subscribe("1", "subscription { pushed }")
	stuck.subscribe("1", "subscription { flood(kilobytes: 16) }")
	stuck.subscribe("2", "subscription { flood(kilobytes: 200) }")
	deadline := time.After(20 * time.Second)
	for i := 0; srv.Sockets() == 2; i++ {
		select {
		case office.pushed <- i:
		case <-deadline:
			t.Fatal("the stuck reader was never closed")
		}
		healthy.wantResult("1", fmt.Sprintf(`{"data":{"pushed":%d}}`, i))
	}
	if code := <-codes; code != 1013 {
		t.Errorf("closed with %d, want 1013", code)
	}
	healthy.send(`{"type":"ping"}`)
	healthy.want("pong")
	eventually(t, "its operations have ended", func() bool { return office.waiting.Load() == 1 })
}

// TestBacklog replays far more events than the outbox holds to a client that reads.
func TestBacklog(t *testing.T) {
	url, _, _ := listen(t, nil)
	p := connect(t, url)
	p.subscribe("1", "subscription { ticks(count: 3000) }")
	for i := 1; i <= 3000; i++ {
		p.wantResult("1", fmt.Sprintf(`{"data":{"ticks":%d}}`, i))
	}
	p.want("complete")
	p.subscribe("2", "{ big(kilobytes: 900) }") // one answer larger than the outbox
	if f := p.want("next"); len(f.Payload) < 900<<10 {
		t.Errorf("%d bytes", len(f.Payload))
	}
	p.want("complete")
}

// TestNothingIsLeftBehind opens many subscriptions in every stage of life and counts goroutines afterwards.
func TestNothingIsLeftBehind(t *testing.T) {
	srv, office := newServer(t, func(c *transport.Config) { c.Limits.MessageRate = 1e6 })
	server := httptest.NewServer(srv)
	defer server.Close()
	url := "ws" + strings.TrimPrefix(server.URL, "http")
	before := runtime.NumGoroutine()

	const sockets, each = 60, 50
	peers := make([]*peer, sockets)
	for i := range peers {
		peers[i] = connect(t, url)
		for j := range each {
			peers[i].subscribe(fmt.Sprint(j), "subscription { waits }")
		}
	}
	eventually(t, "3,000 subscriptions run", func() bool { return office.waiting.Load() == sockets*each })

	var wg sync.WaitGroup
	for i, p := range peers {
		wg.Go(func() {
			switch i % 3 {
			case 0:
				_ = p.conn.Close(websocket.StatusNormalClosure, "")
			case 1:
				_ = p.conn.CloseNow()
			default:
				for j := range each {
					_ = p.conn.Write(context.Background(), websocket.MessageText, fmt.Appendf(nil, `{"id":"%d","type":"complete"}`, j))
				}
			}
		})
	}
	wg.Wait()
	eventually(t, "every subscription has ended", func() bool { return office.waiting.Load() == 0 })
	for _, p := range peers {
		_ = p.conn.CloseNow()
	}
	eventually(t, "every socket is gone", func() bool { return srv.Sockets() == 0 })
	eventually(t, "every goroutine is gone", func() bool { return runtime.NumGoroutine() <= before+2 })
}

func TestShutdown(t *testing.T) {
	t.Run("closes all with 1012 and waits", func(t *testing.T) {
		url, srv, office := listen(t, nil)
		peers := []*peer{connect(t, url), connect(t, url), dial(t, url)}
		peers[0].subscribe("1", "subscription { waits }")
		done := make(chan error)
		go func() { done <- srv.Shutdown(t.Context()) }()
		for _, p := range peers {
			if got := p.wantClose(1012); got.Reason != "Service restart" {
				t.Errorf("reason %q", got.Reason)
			}
		}
		if err := <-done; err != nil {
			t.Error(err)
		}
		if srv.Sockets() != 0 || office.waiting.Load() != 0 {
			t.Errorf("%d sockets, %d subscriptions left", srv.Sockets(), office.waiting.Load())
		}
		dial(t, url).wantClose(1012) // too late
	})
	t.Run("by the server's context", func(t *testing.T) {
		ctx, stop := context.WithCancel(t.Context())
		url, _, _ := listen(t, func(c *transport.Config) { c.Socket.ServerContext = ctx })
		p := connect(t, url)
		stop()
		p.wantClose(1012)
	})
	t.Run("cuts those that do not answer", func(t *testing.T) {
		url, srv, office := listen(t, nil)
		connect(t, url).subscribe("1", "subscription { waits }") // and never reads the goodbye
		eventually(t, "it runs", func() bool { return office.waiting.Load() == 1 })
		ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
		defer cancel()
		if err := srv.Shutdown(ctx); err == nil {
			t.Error("no error although a socket had to be cut")
		}
		eventually(t, "it is gone", func() bool { return srv.Sockets() == 0 })
	})
}
