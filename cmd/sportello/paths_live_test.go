package main

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/coder/websocket"
	"github.com/google/go-cmp/cmp"

	"github.com/spazio-in-comune/sportello/internal/access"
	"github.com/spazio-in-comune/sportello/internal/store"
	"github.com/spazio-in-comune/sportello/internal/town"
)

// follower is one viewer's socket with all the streams of the contract on it.
type follower struct {
	v      gviewer
	conn   *websocket.Conn
	mu     sync.Mutex // guards what follows
	frames map[string][]frame
	last   *atomic.Int64 // when the last frame came, to anybody
}

// asked is one stream as it is asked of a server.
type asked struct {
	field string
	gstream
	document string
}

// followAll opens every stream as everyone, lets something happen to everything in
// town, and compares what came with the oracle; then the same again from the cursor of
// the snapshot.
func (h *gatehouse) followAll() {
	h.t.Helper()
	server := httptest.NewServer(h.handler)
	defer server.Close()
	list := h.streamsToAsk()
	last := &atomic.Int64{}
	var live []*follower
	for _, v := range h.viewers {
		f := h.follow(server.URL, v, last)
		f.subscribe(h, list, func(int) any { return nil })
		f.await(h, list, func(string) int { return 1 })
		for i, s := range list {
			h.snapshot(f, fmt.Sprint(i), s)
		}
		live = append(live, f)
	}
	happened := h.happen()
	quiet(last)
	for _, f := range live {
		again := h.follow(server.URL, f.v, last)
		again.subscribe(h, list, func(i int) any { return f.cursor(fmt.Sprint(i)) })
		again.await(h, list, func(id string) int { return len(f.of(id)) - 1 }) // all but the snapshot
		for i, s := range list {
			h.delivered(f, again, fmt.Sprint(i), s, happened)
		}
		_ = again.conn.CloseNow()
		_ = f.conn.CloseNow()
	}
}

func (h *gatehouse) streamsToAsk() []asked {
	b := newSelections(schema(h.t))
	var list []asked
	for _, field := range sortedKeys(streams()) {
		to := schema(h.t).Subscription.Fields.ForName(field).Type.Name()
		for _, s := range streams()[field](h.oracle) {
			args := "after: $after"
			if s.args != "" {
				args = s.args + ", " + args
			}
			selection := s.latest
			if s.at != "" {
				selection = b.of(to, 2)
			}
			list = append(list, asked{field, s, b.document(fmt.Sprintf("subscription($after: EventCursor) { update: %s(%s) %s }", field, args, selection))})
		}
	}
	return list
}

// follow opens a socket and keeps what comes.
func (h *gatehouse) follow(url string, v gviewer, last *atomic.Int64) *follower {
	h.t.Helper()
	conn, err := v.socket(h.t.Context(), url)
	if err != nil {
		h.t.Fatal(err)
	}
	conn.SetReadLimit(64 << 20)
	f := &follower{v: v, conn: conn, frames: map[string][]frame{}, last: last}
	go func() {
		for {
			got, err := read(context.Background(), conn)
			if err != nil {
				return
			}
			f.mu.Lock()
			f.frames[got.ID] = append(f.frames[got.ID], got)
			f.mu.Unlock()
			last.Store(time.Now().UnixNano())
		}
	}()
	return f
}

// socket opens a connection and shakes hands.
func (v gviewer) socket(ctx context.Context, url string) (*websocket.Conn, error) {
	protocol := &websocket.DialOptions{Subprotocols: []string{"graphql-transport-ws"}}
	conn, _, err := websocket.Dial(ctx, "ws"+strings.TrimPrefix(url, "http")+"/graphql", protocol) //nolint:bodyclose // Dial says that there is nothing to close
	if err != nil {
		return nil, err
	}
	payload := map[string]string{}
	if v.token != "" {
		payload["Authorization"] = "Bearer " + v.token
	}
	if v.actsFor != nil {
		payload["actingFor"] = v.actsFor.id
	}
	raw, err := json.Marshal(payload)
	if err == nil {
		err = write(ctx, conn, frame{Type: "connection_init", Payload: raw})
	}
	for got := (frame{}); err == nil && got.Type != "connection_ack"; {
		got, err = read(ctx, conn)
	}
	return conn, err
}

func (f *follower) subscribe(h *gatehouse, list []asked, after func(i int) any) {
	h.t.Helper()
	for i, s := range list {
		payload, err := json.Marshal(map[string]any{"query": s.document, "variables": map[string]any{"after": after(i)}})
		if err == nil {
			err = write(h.t.Context(), f.conn, frame{ID: fmt.Sprint(i), Type: "subscribe", Payload: payload})
		}
		if err != nil {
			h.t.Fatal(err)
		}
		h.queries++
	}
	f.last.Store(time.Now().UnixNano())
}

// await waits until so many frames of each stream have come.
func (f *follower) await(h *gatehouse, list []asked, want func(id string) int) {
	h.t.Helper()
	limit := time.Now().Add(patience)
	for i, s := range list {
		id := fmt.Sprint(i)
		for len(f.of(id)) < want(id) && (s.at != "" || len(f.of(id)) == 0) { // of the board only the latest state counts
			if time.Now().After(limit) {
				h.wrong(s.field, "%s, %s(%s): %d of %d came within %v", f.v.name, s.field, s.args, len(f.of(id)), want(id), patience)
				return
			}
			time.Sleep(time.Millisecond)
		}
	}
}

// quiet waits until nothing has come for a while.
func quiet(last *atomic.Int64) {
	const silence = time.Second
	for time.Since(time.Unix(0, last.Load())) < silence {
		time.Sleep(silence / 10)
	}
}

// of are the frames of a stream.
func (f *follower) of(id string) []frame {
	f.mu.Lock()
	defer f.mu.Unlock()
	return slices.Clone(f.frames[id])
}

// update is what a frame tells; nil for errors.
func update(got frame) map[string]any {
	var a struct {
		Data struct{ Update map[string]any }
	}
	if got.Type != "next" || json.Unmarshal(got.Payload, &a) != nil {
		return nil
	}
	return a.Data.Update
}

// cursor is that of the snapshot; nil where there was none.
func (f *follower) cursor(id string) any {
	for _, got := range f.of(id) {
		if u := update(got); u != nil {
			return u["cursor"]
		}
	}
	return nil
}

// snapshot compares what a stream began with.
func (h *gatehouse) snapshot(f *follower, id string, s asked) {
	h.t.Helper()
	path := fmt.Sprintf("%s(%s)", s.field, s.args)
	frames := f.of(id)
	if len(frames) == 0 {
		h.wrong(s.field, "%s, %s: nothing came", f.v.name, path)
		return
	}
	h.checks++
	first := update(frames[0])
	opens := s.opens
	if opens == nil {
		opens = func(o *oracle, v gviewer) bool { return o.sees(v, s.kind, s.want[0]) }
	}
	if want := opens(h.oracle, f.v); want != (first != nil) {
		h.wrong(s.field, "%s, %s: opens %v, want %v: %.300s", f.v.name, path, first != nil, want, frames[0].Payload)
		return
	}
	h.scan(f.v, path, frames[0].Payload)
	if first == nil || s.at == "" {
		return
	}
	want := []string{}
	for _, thing := range s.want {
		if h.oracle.sees(f.v, s.kind, thing) && (s.most == 0 || len(want) < s.most) {
			want = append(want, thing)
		}
	}
	objects, have := itemsOf(first[s.at]), []string{}
	w := &walk{gatehouse: h, selections: newSelections(schema(h.t))}
	for _, object := range objects {
		have = append(have, h.keyOf(s.kind, object))
		w.inside(f.v, path, s.kind, object)
	}
	if diff := cmp.Diff(want, have); diff != "" {
		h.wrong(s.field, "%s, %s begins with: (-the oracle's +the house's)\n%s", f.v.name, path, diff)
	}
}

// happen emits an event about everything and gives them with their ids.
func (h *gatehouse) happen() map[string]town.Event {
	h.t.Helper()
	var ids []string
	all := h.oracle.happenings()
	house := access.System(h.t.Context(), "test.town")
	err := h.app.store.InTx(house, "let things happen", func(_ context.Context, tx *store.Tx) error {
		for _, e := range all {
			tx.Emit(e)
		}
		return nil
	})
	if err != nil {
		h.t.Fatal(err)
	}
	happened := map[string]town.Event{}
	rows := h.app.store.Reader().Event.Query().AllX(house)
	for _, row := range rows {
		ids = append(ids, row.UID)
		happened[row.UID] = town.Event{
			ID: row.UID, Type: row.Type, OfficeID: row.OfficeID, VisitID: row.VisitID, LegID: row.LegID, CaseID: row.CaseID,
			FeedbackID: row.FeedbackID, EscalationID: row.EscalationID, Data: row.Data,
		}
	}
	if len(ids) < len(all) {
		h.t.Fatalf("%d events are written of %d", len(ids), len(all))
	}
	return happened
}

// meetNewEntries adds the lines that the house wrote, a little later, of what happened.
func (h *gatehouse) meetNewEntries() {
	for _, row := range h.app.store.Reader().CaseEntry.Query().AllX(access.System(h.t.Context(), "test.town")) {
		if h.oracle.index[row.ID] == nil {
			h.oracle.index[row.ID] = &gentry{id: row.ID, actor: row.ActorID, internal: row.Internal}
			h.oracle.of[row.ID] = h.oracle.index[row.CaseID]
		}
	}
}

// delivered compares what came after the snapshot, and the same again from its cursor.
func (h *gatehouse) delivered(f, again *follower, id string, s asked, happened map[string]town.Event) {
	h.t.Helper()
	path := fmt.Sprintf("%s(%s)", s.field, s.args)
	if update(f.of(id)[0]) == nil || s.at == "" {
		return // it did not open; or only the latest state counts
	}
	told := h.told(f.v, path, f.of(id))
	resumed := h.told(f.v, path+" resumed", again.of(id))
	h.checks++
	if diff := cmp.Diff(told, resumed); diff != "" {
		h.wrong(s.field, "%s, %s: (-live +resumed)\n%s", f.v.name, path, diff)
	}
	for eventID, e := range happened {
		if s.tells != nil && s.tells(h.oracle, f.v, e) && !slices.Contains(told, eventID) {
			h.wrong(s.field, "%s, %s: was not told of %s of %s", f.v.name, path, e.Type, strings.Join([]string{e.CaseID, e.LegID, e.FeedbackID, e.EscalationID}, " "))
		}
	}
}

// told are the ids of the events that came, in order, once everything in them was
// looked through.
func (h *gatehouse) told(v gviewer, path string, frames []frame) []string {
	var events []string
	for _, got := range frames {
		h.scan(v, path, got.Payload)
		u := update(got)
		if u == nil {
			h.wrong("streams", "%s, %s: ended with %.300s", v.name, path, got.Payload)
			continue
		}
		if e, ok := u["event"].(map[string]any); ok {
			events = append(events, e["id"].(string))
		}
	}
	return events
}
