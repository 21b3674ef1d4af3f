package transport_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/99designs/gqlgen/graphql"

	"github.com/spazio-in-comune/sportello/graph/transport"
)

func TestOperationsOverSocket(t *testing.T) {
	url, _, office := listen(t, nil)
	p := connect(t, url)

	p.subscribe("q", `{ hello(name: "a") }`)
	p.wantResult("q", `{"data":{"hello":"a"}}`)
	p.want("complete")

	p.subscribe("m", `mutation { take(code: "x") }`)
	p.wantResult("m", `{"data":{"take":"done"}}`)
	p.want("complete")
	if n := office.taken.Load(); n != 1 {
		t.Errorf("%d mutations", n)
	}

	p.subscribe("partial", `{ hello(name: "a") fails }`)
	p.wantResult("partial", `{"errors":[{"message":"no luck"}],"data":{"hello":"a","fails":null}}`)
	p.want("complete")

	p.subscribe("s", `subscription { ticks(count: 3) }`)
	for i := 1; i <= 3; i++ {
		p.wantResult("s", fmt.Sprintf(`{"data":{"ticks":%d}}`, i))
	}
	if f := p.want("complete"); f.ID != "s" || f.Payload != nil {
		t.Errorf("complete of %q with %s", f.ID, f.Payload)
	}

	p.subscribe("s", `subscription { ticks(count: 1) }`) // the id is free again
	p.wantResult("s", `{"data":{"ticks":1}}`)
	p.want("complete")

	p.subscribe("\"\n€", `subscription { ticks(count: 1) }`)
	p.wantResult("\"\n€", `{"data":{"ticks":1}}`)
	p.want("complete")
}

// TestFailedOperations sends operations that end with `error`; the ping after each shows that nothing follows.
func TestFailedOperations(t *testing.T) {
	panics := 0
	url, _, _ := listen(t, func(c *transport.Config) {
		c.Limits.Request = 50 * time.Millisecond
		c.Hooks.Panic = func(context.Context, any) { panics++ }
	})
	p := connect(t, url)
	for _, tt := range []struct {
		name, query, code string
		results           int
	}{
		{"syntax", "{", "BAD_USER_INPUT", 0},
		{"validation", "subscription { nope }", "BAD_USER_INPUT", 0},
		{"two fields", "subscription { waits ticks(count: 1) }", "BAD_USER_INPUT", 0},
		{"limits", "{" + strings.Repeat(" hello", 21) + "}", "QUERY_TOO_COMPLEX", 0},
		{"subscription refused by its resolver", "subscription { refused }", "", 0},
		{"subscription that ends badly", "subscription { endsBadly }", "", 1},
		{"panic", "{ panics }", "INTERNAL", 0},
	} {
		p.subscribe(tt.name, tt.query)
		for range tt.results {
			p.want("next")
		}
		if list := p.wantErrors(tt.name); list[0].Extensions.Code != tt.code {
			t.Errorf("%s: got %+v, want %s", tt.name, list, tt.code)
		}
		p.send(`{"type":"ping"}`)
		p.want("pong")
	}
	if panics != 1 {
		t.Errorf("%d panics told", panics)
	}
}

func TestNoEventAfterComplete(t *testing.T) {
	url, _, office := listen(t, nil)
	p := connect(t, url)
	p.subscribe("1", "subscription { pushed }")
	office.pushed <- 1
	p.wantResult("1", `{"data":{"pushed":1}}`)
	p.send(`{"id":"1","type":"complete"}`)
	p.send(`{"id":"nobody","type":"complete"}`)
	eventually(t, "the subscription has ended", func() bool { return office.waiting.Load() == 0 })

	p.subscribe("1", "subscription { pushed }") // the id is free again
	office.pushed <- 2
	p.wantResult("1", `{"data":{"pushed":2}}`)
	p.send(`{"type":"ping"}`)
	p.want("pong")
}

func TestSubscriptionsPerSocket(t *testing.T) {
	url, _, office := listen(t, func(c *transport.Config) {
		c.Limits.Subscriptions = 3
		c.Limits.MessageRate = 1e6
	})
	p := connect(t, url)
	for i := range 3 {
		p.subscribe(fmt.Sprint(i), "subscription { waits }")
	}
	for i := 3; i < 500; i++ {
		p.subscribe(fmt.Sprint(i), "subscription { waits }")
		if list := p.wantErrors(fmt.Sprint(i)); list[0].Extensions.Code != "RATE_LIMITED" {
			t.Fatalf("got %+v", list)
		}
	}
	eventually(t, "three run", func() bool { return office.waiting.Load() == 3 })
	p.send(`{"id":"0","type":"complete"}`)
	p.subscribe("again", "subscription { ticks(count: 1) }")
	p.wantResult("again", `{"data":{"ticks":1}}`)
}

// TestMessageRate shows that a fast client is slowed down and not lost.
func TestMessageRate(t *testing.T) {
	url, _, _ := listen(t, func(c *transport.Config) {
		c.Limits.MessageRate = 50
		c.Limits.MessageBurst = 5
	})
	p := connect(t, url)
	start := time.Now()
	for range 24 {
		p.send(`{"type":"ping"}`)
	}
	for range 24 {
		p.want("pong")
	}
	if took := time.Since(start); took < 300*time.Millisecond { // 20 messages over the burst at 50 a second: 400 ms
		t.Errorf("24 messages were taken in %s", took)
	}
}

func TestOperationHook(t *testing.T) {
	type told struct {
		via    string
		name   string
		errors int
	}
	seen := make(chan told, 10)
	url, srv, _ := listen(t, func(c *transport.Config) {
		c.Hooks.Operation = func(_ context.Context, via string, op *graphql.OperationContext, _ time.Duration, errors int) {
			name := ""
			if op.Operation != nil {
				name = op.Operation.Name
			}
			seen <- told{via, name, errors}
		}
	})
	p := connect(t, url)
	p.subscribe("1", "query Greet { hello }")
	if got := <-seen; got != (told{"ws", "Greet", 0}) {
		t.Errorf("got %+v", got)
	}
	p.subscribe("2", "{")
	if got := <-seen; got != (told{"ws", "", 1}) {
		t.Errorf("got %+v", got)
	}
	send(t, srv, post(`{"query":"query Greet { fails }"}`))
	if got := <-seen; got != (told{"http", "Greet", 1}) {
		t.Errorf("got %+v", got)
	}
}
