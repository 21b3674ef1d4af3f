package transport_test

import (
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"
	"time"

	"github.com/spazio-in-comune/sportello/graph/transport"
)

// namedByToken takes the token of a socket for its viewer.
func namedByToken(ctx context.Context, payload map[string]any) (context.Context, map[string]any, time.Time, error) {
	name, _ := payload["token"].(string)
	return context.WithValue(ctx, viewerKey{}, name), nil, time.Time{}, nil
}

func connectAs(t *testing.T, url, name string) *peer {
	t.Helper()
	p := dial(t, url)
	p.send(fmt.Sprintf(`{"type":"connection_init","payload":{"token":%q}}`, name))
	p.want("connection_ack")
	return p
}

const askBoard = `subscription S($after: String) { board(site: "1", after: $after) }`

// wantBoard reads one state of an operation.
func (p *peer) wantBoard(id, viewer, kind string) (state int) {
	p.t.Helper()
	f := p.want("next")
	var result struct{ Data struct{ Board string } }
	if err := json.Unmarshal(f.Payload, &result); err != nil {
		p.t.Fatal(err)
	}
	var gotViewer, gotKind string
	if _, err := fmt.Sscan(result.Data.Board, &gotViewer, &gotKind, &state); err != nil {
		p.t.Fatal(err)
	}
	if f.ID != id || gotViewer != viewer || gotKind != kind && kind != "" {
		p.t.Fatalf("got %q for %q, want %q of %q for %q", result.Data.Board, f.ID, kind, viewer, id)
	}
	return state
}

func everybody(string) (string, <-chan struct{}) { return "public", nil }

// TestShared: one execution serves all who ask the same, each under an id of its own, whatever its length and
// letters, and ends with the last of them. Nothing of a viewer reaches it.
func TestShared(t *testing.T) {
	url, _, office := listen(t, sharing(everybody))
	const many = 100
	peers, ids := make([]*peer, many), make([]string, many)
	for i := range peers {
		ids[i] = fmt.Sprint("é\"", i*i*i)
		peers[i] = connectAs(t, url, fmt.Sprint("viewer", i))
		peers[i].send(fmt.Sprintf(`{"id":%q,"type":"subscribe","payload":{"query":%q,"variables":{"after":"%d"}}}`, ids[i], askBoard, i))
		peers[i].wantBoard(ids[i], "public", "snapshot")
	}
	if executed, running := office.boards.counts(); executed != 1 || running != 1 {
		t.Errorf("%d executions, %d running", executed, running)
	}
	for range 3 {
		want := office.boards.tell()
		for i, p := range peers {
			if got := p.wantBoard(ids[i], "public", "event"); got != want {
				t.Fatalf("told of %d, want %d", got, want)
			}
		}
	}
	for i, p := range peers[1:] {
		p.send(fmt.Sprintf(`{"id":%q,"type":"complete"}`, ids[i+1]))
		p.send(`{"type":"ping"}`)
		p.want("pong")
	}
	want := office.boards.tell()
	if got := peers[0].wantBoard(ids[0], "public", "event"); got != want {
		t.Errorf("told of %d, want %d", got, want)
	}
	for _, p := range peers[1:] {
		p.send(`{"type":"ping"}`)
		p.want("pong") // nothing of the event
	}
	peers[0].cut()
	eventually(t, "the execution ends with the last", func() bool { _, running := office.boards.counts(); return running == 0 })
}

func (p *peer) cut() { _ = p.conn.CloseNow() }

// TestNotShared: another document, other variables, another scope and whoever may not share have executions of their
// own.
func TestNotShared(t *testing.T) {
	url, _, office := listen(t, sharing(func(viewer string) (string, <-chan struct{}) { return viewer, nil }))
	for i, tt := range []struct{ viewer, query, variables string }{
		{"one", askBoard, `{}`},
		{"two", askBoard, `{}`},
		{"one", askBoard + " ", `{}`},
		{"one", `subscription S($site: String!) { board(site: $site) }`, `{"site":"2"}`},
		{"one", `subscription S($site: String!) { board(site: $site) }`, `{"site":"3"}`},
		{"one", `subscription S { board(site: "1") } subscription T { board(site: "2") }`, `{}`},
	} {
		p := connectAs(t, url, tt.viewer)
		p.send(fmt.Sprintf(`{"id":"1","type":"subscribe","payload":{"query":%q,"operationName":"S","variables":%s}}`, tt.query, tt.variables))
		p.wantBoard("1", tt.viewer, "snapshot")
		if executed, _ := office.boards.counts(); executed != i+1 {
			t.Errorf("%d executions after %d", executed, i+1)
		}
	}
	alone := connectAs(t, url, "")
	alone.subscribe("1", askBoard)
	f := alone.want("next")
	if string(f.Payload) != `{"data":{"board":" snapshot 0 "}}` {
		t.Errorf("alone: %s", f.Payload)
	}
	refused := connectAs(t, url, "refused")
	refused.subscribe("1", askBoard)
	refused.wantErrors("1")
	nowhere := connectAs(t, url, "one")
	nowhere.subscribe("1", `subscription { board(site: "nowhere") }`)
	if list := nowhere.wantErrors("1"); list[0].Message != "no such site" {
		t.Errorf("got %+v", list)
	}
	nowhere.subscribe("1", askBoard) // the id is free, and the group of before is still there
	nowhere.wantBoard("1", "one", "snapshot")
}

// TestLateJoiners lets many come and go while states change all the time: each begins with a snapshot, hears of no older
// state after a newer one, and of the last one in the end.
func TestLateJoiners(t *testing.T) {
	url, _, office := listen(t, sharing(everybody))
	done := make(chan struct{})
	go func() {
		defer close(done)
		for range 300 {
			office.boards.tell()
			time.Sleep(time.Millisecond)
		}
	}()
	var wait sync.WaitGroup
	for i := range 40 {
		p := connectAs(t, url, fmt.Sprint(i))
		wait.Go(func() {
			for round := 0; ; round++ {
				id := fmt.Sprint(round)
				p.subscribe(id, askBoard)
				last := p.wantBoard(id, "public", "snapshot")
				for range rand.IntN(10) {
					if last == 300 {
						break
					}
					state := p.wantBoard(id, "public", "event")
					if state < last {
						t.Errorf("state %d after %d", state, last)
					}
					last = state
				}
				if last == 300 {
					return
				}
				if rand.IntN(3) == 0 { // go away, and come again
					p.send(fmt.Sprintf(`{"id":%q,"type":"complete"}`, id))
					p.send(`{"type":"ping"}`)
					for f := p.want(""); f.Type != "pong"; f = p.want("") {
					}
					continue
				}
				for last < 300 {
					state := p.wantBoard(id, "public", "event")
					if state < last {
						t.Errorf("state %d after %d", state, last)
					}
					last = state
				}
				return
			}
		})
	}
	wait.Wait()
	<-done
	if executed, running := office.boards.counts(); running > 1 || executed > 300 {
		t.Errorf("%d executions, %d running", executed, running)
	}
}

// TestRegroup: when the policy changes everybody is judged again before anything else is sent: who may go on begins with
// a snapshot under the new scope, for others the session is over.
func TestRegroup(t *testing.T) {
	var mu sync.Mutex
	version, changed := 1, make(chan struct{})
	url, _, office := listen(t, sharing(func(viewer string) (string, <-chan struct{}) {
		mu.Lock()
		defer mu.Unlock()
		if version == 2 && viewer == "out" {
			return "", nil
		}
		return fmt.Sprint("v", version), changed
	}))
	stays, out := connectAs(t, url, "stays"), connectAs(t, url, "out")
	for _, p := range []*peer{stays, out} {
		p.subscribe("1", askBoard)
		p.wantBoard("1", "v1", "snapshot")
	}
	mu.Lock()
	version = 2
	old := changed
	changed = make(chan struct{})
	mu.Unlock()
	close(old)
	stays.wantBoard("1", "v2", "snapshot")
	if got := out.wantClose(4403); got.Reason != "Rights changed" {
		t.Errorf("reason %q", got.Reason)
	}
	office.boards.tell()
	stays.wantBoard("1", "v2", "event")
	eventually(t, "the old group has ended", func() bool { _, running := office.boards.counts(); return running == 1 })
}

// TestStuckMember: a member that does not read makes nobody wait, keeps no more than one state waiting for itself, and
// is closed with 1013; the others hear of every state.
func TestStuckMember(t *testing.T) {
	codes := make(chan int, 10)
	url, srv, office := listen(t, func(c *transport.Config) {
		sharing(everybody)(c)
		c.Limits.Write = 2 * time.Second
		c.Hooks.SocketClosed = func(code int, _ time.Duration) { codes <- code }
	})
	const ask = `subscription { board(site: "1", kilobytes: 200) }`
	stuck, healthy := connectAs(t, url, "stuck"), connectAs(t, url, "healthy")
	for _, p := range []*peer{stuck, healthy} {
		p.subscribe("1", ask)
	}
	healthy.wantBoard("1", "public", "snapshot")
	slowest := time.Duration(0)
	for deadline := time.Now().Add(20 * time.Second); srv.Sockets() == 2; {
		if time.Now().After(deadline) {
			t.Fatal("the stuck member was never closed")
		}
		start, want := time.Now(), office.boards.tell()
		if got := healthy.wantBoard("1", "public", "event"); got != want {
			t.Fatalf("told of %d, want %d", got, want)
		}
		slowest = max(slowest, time.Since(start))
	}
	if code := <-codes; code != 1013 {
		t.Errorf("closed with %d, want 1013", code)
	}
	if slowest > 1500*time.Millisecond {
		t.Errorf("a state took %v to a member that reads", slowest)
	}
}
