package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/spazio-in-comune/sportello/ent/roleassignment"
	"github.com/spazio-in-comune/sportello/graph/limits"
	"github.com/spazio-in-comune/sportello/internal/access"
	"github.com/spazio-in-comune/sportello/internal/catalogue"
	"github.com/spazio-in-comune/sportello/internal/demo"
	"github.com/spazio-in-comune/sportello/internal/identity"
	"github.com/spazio-in-comune/sportello/internal/store/dbtest"
	"github.com/spazio-in-comune/sportello/internal/town"
	"github.com/spazio-in-comune/sportello/plugins"
	"github.com/spazio-in-comune/sportello/plugins/sdk"
)

// gatehouse is the whole house in this process, with a generated town in it, behind
// the same doors as in a server: bearer tokens, HTTP, WebSocket.
type gatehouse struct {
	t        testing.TB
	app      *app
	town     *gtown
	oracle   *oracle
	viewers  []gviewer
	handler  http.Handler
	log      *bytes.Buffer
	queries  int            // operations sent
	checks   int            // answers compared with the oracle's
	problems map[string]int // by their kind
}

// The environment of a longer run: a larger town, and another seed.
const (
	envSoak = "SPORTELLO_SOAK"
	envSeed = "SPORTELLO_PATHS_SEED"
)

// newGatehouse opens the house on the database.
func newGatehouse(t testing.TB, db dbtest.DB) *gatehouse {
	t.Helper()
	seed, size := uint64(1), 1
	if text := os.Getenv(envSeed); text != "" {
		n, err := strconv.ParseUint(text, 10, 64)
		if err != nil {
			t.Fatal(err)
		}
		seed = n
	}
	if os.Getenv(envSoak) != "" {
		size = 6
	}
	t.Logf("the generated town has seed %d (%s) and size %d (%s)", seed, envSeed, size, envSoak)
	definition := anyDefinition(t)
	g := newTown(seed, size, definition.Service)
	h := &gatehouse{t: t, town: g, log: &bytes.Buffer{}, problems: map[string]int{}}
	cfg := appConfig{
		Alerts: alertsConfig{rules: nothingTold(t)}, // what the town's own facts would raise is not in the town
		Listen: "127.0.0.1:0", Data: shortDir(t), Demo: true, Hours: demo.AlwaysOpen(), Clock: town.NewManualClock(g.now),
		Logger: slog.New(slog.NewTextHandler(&lockedWriter{w: h.log}, &slog.HandlerOptions{Level: slog.LevelError})), Limits: noLimits(),
		Departments: func() ([]catalogue.Registration, error) { return nil, nil }, Statements: note,
	}
	if db.Name != dbtest.SQLite {
		cfg.Database = db.DSN
	}
	a, err := newApp(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := a.close(); err != nil {
			t.Error(err)
		}
	})
	h.app, h.handler = a, a.door.Middleware(a.graph)
	furnishTown(t, a, g, definition.Practices[0].ID, keepDefinition(t, a, definition))
	h.meetSeeded()
	h.oracle = newOracle(g)
	h.admit()
	return h
}

// nothingTold is a file by which no alert is raised.
func nothingTold(t testing.TB) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "alerts.csv")
	if err := os.WriteFile(file, []byte("kind,level,service,office,threshold,back,window,least\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

// lockedWriter is for many goroutines.
type lockedWriter struct {
	mu sync.Mutex
	w  io.Writer
}

func (l *lockedWriter) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.w.Write(p)
}

// shortDir is a folder in which sockets can live.
func shortDir(t testing.TB) string {
	t.Helper()
	folder, err := os.MkdirTemp("", "paths-") //nolint:usetesting // sockets live in it: the path must be short
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(folder) }) // in the system's temporary folder: nothing is lost
	return folder
}

// noLimits lets one operation ask for a whole town.
func noLimits() *limits.Table {
	const plenty = 1 << 30
	table := limits.Default()
	table.BodyBytes, table.QueryBytes, table.Tokens, table.JSONValues = plenty, plenty, plenty, plenty
	table.Aliases, table.RootFields, table.Fields, table.Repeats, table.Fragments = plenty, plenty, plenty, plenty, plenty
	table.Depth, table.Nesting = 100, 1000
	table.Nodes, table.Cost, table.Errors, table.Subscriptions = plenty, plenty, plenty, plenty
	table.SocketsPerUser, table.SocketsPerAddress, table.MessageRate, table.MessageBurst, table.MessageBytes = plenty, plenty, plenty, plenty, plenty
	table.QueueBytes, table.QueueEvents = plenty, plenty
	table.Request = time.Minute
	return &table
}

// anyDefinition is that of one department, which all cases are about.
func anyDefinition(t testing.TB) *sdk.Definition {
	t.Helper()
	bundled := plugins.All()[0]
	department, err := bundled.New()
	if err != nil {
		t.Fatal(err)
	}
	described, err := department.Describe(t.Context(), sdk.DescribeRequest{})
	if err != nil {
		t.Fatal(err)
	}
	return described.Definition
}

// keepDefinition keeps it and gives its hash; the department's process is not needed.
func keepDefinition(t testing.TB, a *app, def *sdk.Definition) string {
	t.Helper()
	hash, err := def.Hash()
	if err != nil {
		t.Fatal(err)
	}
	body, err := json.Marshal(def)
	if err != nil {
		t.Fatal(err)
	}
	err = catalogue.NewStored(a.store).SaveDefinition(t.Context(), catalogue.StoredDefinition{
		Hash: hash, Service: def.Service, Version: def.Version, Body: body, CreatedAt: a.cfg.Clock.Now(),
	})
	if err != nil {
		t.Fatal(err)
	}
	return hash
}

// meetSeeded adds the people of the demonstration to the facts of the town.
func (h *gatehouse) meetSeeded() {
	known := map[string]bool{}
	for _, p := range h.town.people {
		known[p.id] = true
	}
	house := access.System(h.t.Context(), "test.town")
	for _, row := range h.app.store.Reader().Person.Query().AllX(house) {
		if known[row.ID] {
			continue
		}
		p := &gperson{id: row.ID, login: row.Login, kind: row.Kind, label: row.Label, seeded: true}
		for _, r := range h.app.store.Reader().RoleAssignment.Query().Where(roleassignment.PersonID(row.ID)).AllX(house) {
			p.roles = append(p.roles, grole{id: r.ID, person: row.ID, role: r.Role, office: r.OfficeID, from: r.From})
		}
		h.town.people = append(h.town.people, p)
	}
}

// admit makes a viewer of everyone in the generated town, of some holders of tickets and
// of the public.
func (h *gatehouse) admit() {
	h.viewers = []gviewer{{name: "the public"}}
	for _, p := range h.town.people {
		if p.seeded || p.disabled {
			continue
		}
		token, err := h.app.door.Tokens.Mint(h.t.Context(), p.login, time.Hour)
		if err != nil {
			h.t.Fatal(err)
		}
		h.viewers = append(h.viewers, gviewer{name: p.login, person: p, token: token})
	}
	for _, m := range h.town.mandates {
		for _, v := range h.viewers {
			if v.id() == m.delegate {
				v.name, v.actsFor = v.name+" for "+m.principal, m
				h.viewers = append(h.viewers, v)
				break
			}
		}
	}
	for _, v := range h.town.visits[:4] {
		h.viewers = append(h.viewers, gviewer{name: "ticket " + v.id, ticket: v, token: v.code})
	}
}

// statements are those of one request.
type statements struct {
	mu   sync.Mutex
	text []string
}

type statementsKey struct{}

// note remembers a statement for the request that made it.
func note(ctx context.Context, text string, _ []any) {
	if s, ok := ctx.Value(statementsKey{}).(*statements); ok {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.text = append(s.text, text)
	}
}

// reply is what came back for an operation, and which statements it took.
type reply struct {
	status     int
	body       []byte
	data       map[string]any
	errors     []topError
	statements []string
}

// ask sends an operation as the viewer.
func (h *gatehouse) ask(v gviewer, query string, vars variables) reply {
	h.t.Helper()
	body, err := json.Marshal(map[string]any{"query": query, "variables": vars})
	if err != nil {
		h.t.Fatal(err)
	}
	seen := &statements{}
	req := httptest.NewRequestWithContext(context.WithValue(h.t.Context(), statementsKey{}, seen), http.MethodPost, "/graphql", bytes.NewReader(body))
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Accept", "application/graphql-response+json")
	if v.token != "" {
		req.Header.Set("Authorization", "Bearer "+v.token)
	}
	if v.actsFor != nil {
		req.Header.Set(identity.ActingHeader, v.actsFor.id)
	}
	got := httptest.NewRecorder()
	h.handler.ServeHTTP(got, req)
	h.queries++
	r := reply{status: got.Code, body: got.Body.Bytes(), statements: seen.text}
	var parsed struct {
		Data   map[string]any
		Errors []topError
	}
	if err := json.Unmarshal(r.body, &parsed); err != nil {
		h.t.Fatalf("%s: %v: %s", v.name, err, r.body)
	}
	r.data, r.errors = parsed.Data, parsed.Errors
	return r
}

// examples bounds how many differences of one kind are told.
const examples = 3

// wrong tells of a difference between the house and the oracle; about is its kind.
func (h *gatehouse) wrong(about, format string, args ...any) {
	h.t.Helper()
	h.problems[about]++
	switch n := h.problems[about]; {
	case n <= examples:
		h.t.Errorf("%s: %s", about, fmt.Sprintf(format, args...))
	case n == examples+1:
		h.t.Errorf("%s: and more", about)
	}
}
