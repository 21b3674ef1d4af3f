package main

import (
	"bytes"
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"entgo.io/ent/dialect"

	"github.com/spazio-in-comune/sportello/ent"
	"github.com/spazio-in-comune/sportello/ent/caseentry"
	"github.com/spazio-in-comune/sportello/internal/access"
	bigtown "github.com/spazio-in-comune/sportello/internal/casework/crowd"
	"github.com/spazio-in-comune/sportello/internal/catalogue"
	"github.com/spazio-in-comune/sportello/internal/demo"
	"github.com/spazio-in-comune/sportello/internal/store"
	"github.com/spazio-in-comune/sportello/internal/store/dbtest"
	"github.com/spazio-in-comune/sportello/internal/town"
	"github.com/spazio-in-comune/sportello/internal/vault"
)

// envCases says how many cases the lists are read from; unset means 100,000.
const envCases = "SPORTELLO_BENCH_CASES"

// listRequest is a page of a list as a screen shows it; the words of the last message are
// personal data, which are opened and whose reading is recorded.
const listRequest = `query($after: PageCursor) { cases(first: 25, after: $after) {
	edges { node { id protocol phase dueOn office { title { it } } responsible { label } clocks { state dueOn } lastMessage { at%s } } }
	pageInfo { hasNextPage endCursor } } }`

// gatherings is how often a request is heard, to know its statements.
const gatherings = 10

// BenchmarkCasesRequest asks for the first page of a list and one deep in it, as callers
// of several kinds: without and with the words of the last messages, which makes the audit
// of reads, and in turns with the limit: the statements that the first of both sends,
// one after the other on the same pool.
func BenchmarkCasesRequest(b *testing.B) {
	for _, name := range dbtest.Expected(b) {
		h := newCrowdedHouse(b, dbtest.New(b, name))
		for who, token := range h.tokens {
			for depth, after := range map[string]string{"first": "", "deep": town.Cursor(bigtown.CaseID(h.cases / 5))} {
				b.Run(name+"/"+who+"/"+depth, func(b *testing.B) { h.turns(b, token, after) })
			}
		}
	}
}

// crowdedHouse is the whole house in this process, with a crowd of cases.
type crowdedHouse struct {
	*app
	handler http.Handler
	cases   int
	tokens  map[string]string // of callers
}

func newCrowdedHouse(b *testing.B, db dbtest.DB) *crowdedHouse {
	b.Helper()
	cfg := appConfig{
		Listen: "127.0.0.1:0", Data: shortDir(b), Demo: true, Hours: demo.AlwaysOpen(), Clock: town.SystemClock{},
		Logger:      slog.New(slog.NewTextHandler(io.Discard, nil)),
		Departments: func() ([]catalogue.Registration, error) { return nil, nil }, Statements: record,
	}
	path := filepath.Join(cfg.Data, "sportello.db")
	if db.Name != dbtest.SQLite {
		cfg.Database = db.DSN
	}
	a, err := newApp(b.Context(), cfg)
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() {
		if err := a.close(); err != nil {
			b.Error(err)
		}
	})
	a.stop() // its workers would go about the cases
	h := &crowdedHouse{app: a, handler: a.door.Middleware(a.graph), cases: 100_000, tokens: map[string]string{}}
	if text := os.Getenv(envCases); text != "" {
		if h.cases, err = strconv.Atoi(text); err != nil {
			b.Fatal(err)
		}
	}
	h.fill(b, db, path)
	h.admit(b)
	return h
}

// fill writes the cases. SQLite's readers cannot write: they get a neighbour.
func (h *crowdedHouse) fill(b *testing.B, db dbtest.DB, path string) {
	b.Helper()
	pool, began := h.store.ReadDB(), time.Now()
	if db.Name == dbtest.SQLite {
		var err error
		if pool, err = sql.Open("sqlite", "file:"+path+"?_pragma=busy_timeout(60000)&_pragma=synchronous(OFF)&_pragma=cache_size(-200000)"); err != nil {
			b.Fatal(err)
		}
		defer func() { _ = pool.Close() }()
	}
	if err := bigtown.Fill(b.Context(), pool, db.Dialect, h.cases); err != nil {
		b.Fatal(err)
	}
	b.Logf("%s: %d cases in %s", db.Name, h.cases, time.Since(began).Round(time.Second))
}

// admit writes the offices and the officers of the crowd, and gives the callers tokens.
func (h *crowdedHouse) admit(b *testing.B) {
	b.Helper()
	house, offices, now := access.System(b.Context(), "test.crowd"), bigtown.Offices(), time.Now().UTC()
	offices = append(offices, town.OfficeHelpPoint, town.OfficeMayor)
	err := h.store.InTx(house, "a crowd", func(ctx context.Context, tx *store.Tx) error {
		known, err := tx.Office.Query().IDs(ctx)
		if err != nil {
			return err
		}
		for _, id := range offices {
			if slices.Contains(known, id) {
				continue
			}
			if err := tx.Office.Create().SetID(id).SetLevel(town.Level(2)).SetTitleIt(id).SetTitleEn(id).Exec(ctx); err != nil {
				return err
			}
		}
		people := []string{bigtown.Operator, bigtown.Officer, "per_three", "per_fourteen", "per_auditor", bigtown.Citizen(7)}
		for n := range 60 {
			people = append(people, fmt.Sprintf("per_crowd_r%d", n))
		}
		for _, id := range people {
			kind := town.PersonStaff
			if id == bigtown.Citizen(7) {
				kind = town.PersonCitizen
			}
			if err := tx.Person.Create().SetID(id).SetLogin(id).SetKind(kind).SetLabel(id).SetCreatedAt(now).Exec(ctx); err != nil {
				return err
			}
		}
		grant := func(person string, role town.Role, offices ...string) error {
			for n, office := range offices {
				if err := tx.RoleAssignment.Create().SetID(fmt.Sprintf("role_%s_%d", person, n)).SetPersonID(person).SetRole(role).SetOfficeID(office).SetFrom(now.AddDate(-1, 0, 0)).Exec(ctx); err != nil {
					return err
				}
			}
			return nil
		}
		for _, err := range []error{
			grant("per_three", town.RoleOfficer, offices[:3]...), grant("per_fourteen", town.RoleOfficer, offices[:14]...), grant("per_auditor", town.RoleAuditor, "*"),
		} {
			if err != nil {
				return err
			}
		}
		return access.RolesChanged(ctx, tx)
	})
	if err == nil {
		err = h.authority.Reload(house)
	}
	if err != nil {
		b.Fatal(err)
	}
	for who, login := range map[string]string{
		"three busy offices": "per_three", "fourteen offices": "per_fourteen", "the auditor": "per_auditor", "a citizen": bigtown.Citizen(7),
	} {
		token, err := h.door.Tokens.Mint(b.Context(), login, time.Hour)
		if err != nil {
			b.Fatal(err)
		}
		h.tokens[strings.ReplaceAll(who, " ", "_")] = token
	}
}

// turns asks without the words, runs the same statements by themselves, and asks with the
// words, one after the other.
func (h *crowdedHouse) turns(b *testing.B, token, after string) {
	plain, words := fmt.Sprintf(listRequest, ""), fmt.Sprintf(listRequest, " note")
	heard := &recorder{}
	for range gatherings { // on a busy machine what is gathered may part: the fewest count
		again := &recorder{}
		cases := h.ask(context.WithValue(b.Context(), recorderKey{}, again), b, token, plain, after)
		if len(heard.list) == 0 {
			h.writeWords(b, cases)
		}
		if len(heard.list) == 0 || len(again.list) < len(heard.list) {
			heard = again
		}
	}
	if slices.ContainsFunc(heard.list, func(s sent) bool {
		return !strings.HasPrefix(s.text, "SELECT") && !strings.HasPrefix(s.text, "(SELECT")
	}) {
		b.Fatalf("a list of nothing personal writes: %v", heard.list)
	}
	h.prepare(b, heard.list)
	var asked, alone, audited []time.Duration
	for b.Loop() {
		asked = append(asked, took(func() { h.ask(b.Context(), b, token, plain, after) }))
		alone = append(alone, took(func() { h.sendAll(b, heard.list) }))
		audited = append(audited, took(func() { h.ask(b.Context(), b, token, words, after) }))
	}
	b.ReportMetric(float64(len(heard.list)), "statements")
	b.ReportMetric(middle(asked, 0.5), "µs-request")
	b.ReportMetric(middle(asked, 0.95), "µs-request-p95")
	b.ReportMetric(middle(alone, 0.5), "µs-statements")
	b.ReportMetric(middle(audited, 0.5), "µs-audited")
	b.ReportMetric(middle(audited, 0.95), "µs-audited-p95")
	b.ReportMetric(max(0, middle(audited, 0.5)-middle(asked, 0.5)), "µs-audit")
}

func took(work func()) time.Duration {
	start := time.Now()
	work()
	return time.Since(start)
}

func middle(list []time.Duration, share float64) float64 {
	slices.Sort(list)
	return float64(list[int(share*float64(len(list)-1))].Nanoseconds()) / 1e3
}

// ask gives the ids of the cases of the page.
func (h *crowdedHouse) ask(ctx context.Context, b *testing.B, token, query, after string) []string {
	b.Helper()
	vars := map[string]any{}
	if after != "" {
		vars["after"] = after
	}
	body, err := json.Marshal(map[string]any{"query": query, "variables": vars})
	if err != nil {
		b.Fatal(err)
	}
	req := httptest.NewRequestWithContext(ctx, http.MethodPost, "/graphql", bytes.NewReader(body))
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Authorization", "Bearer "+token)
	got := httptest.NewRecorder()
	h.handler.ServeHTTP(got, req)
	var answer struct {
		Data struct {
			Cases struct {
				Edges []struct{ Node struct{ ID string } }
			}
		}
		Errors json.RawMessage
	}
	if err := json.Unmarshal(got.Body.Bytes(), &answer); err != nil || len(answer.Errors) > 0 || len(answer.Data.Cases.Edges) == 0 {
		b.Fatalf("%v: %.600s", err, got.Body)
	}
	ids := make([]string, len(answer.Data.Cases.Edges))
	for i, edge := range answer.Data.Cases.Edges {
		ids[i] = edge.Node.ID
	}
	return ids
}

// writeWords seals words into the lines of the cases: the crowd's are no sealed text.
func (h *crowdedHouse) writeWords(b *testing.B, cases []string) {
	b.Helper()
	house := access.System(b.Context(), "test.crowd")
	err := h.store.InTx(house, "words", func(ctx context.Context, tx *store.Tx) error {
		lines, err := tx.CaseEntry.Query().Where(caseentry.CaseIDIn(cases...)).All(ctx)
		if err != nil {
			return err
		}
		for _, line := range lines {
			if err := h.seal(ctx, tx, line); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		b.Fatal(err)
	}
}

func (h *crowdedHouse) seal(ctx context.Context, tx *store.Tx, line *ent.CaseEntry) error {
	file, err := tx.CaseFile.Get(ctx, line.CaseID)
	if err != nil {
		return err
	}
	at := vault.Place{Table: caseentry.Table, Column: caseentry.FieldNote, Row: line.ID}
	sealed, err := h.vault.Seal(ctx, tx, file.ApplicantID, at, []byte("Il documento manca della firma."))
	if err != nil {
		return err
	}
	return tx.CaseEntry.UpdateOneID(line.ID).SetNote(sealed).Exec(ctx)
}

// prepare prepares the statements on SQLite, as the house does.
func (h *crowdedHouse) prepare(b *testing.B, list []sent) {
	b.Helper()
	if h.store.Dialect() != dialect.SQLite {
		return
	}
	for i := range list {
		ready, err := h.store.ReadDB().PrepareContext(b.Context(), list[i].text)
		if err != nil {
			b.Fatal(err)
		}
		b.Cleanup(func() { _ = ready.Close() })
		list[i].ready = ready
	}
}

// sendAll runs the statements by themselves and reads what they give.
func (h *crowdedHouse) sendAll(b *testing.B, list []sent) {
	b.Helper()
	for _, s := range list {
		if err := h.send(b.Context(), s); err != nil {
			b.Fatalf("%s: %v", s.text, err)
		}
	}
}

func (h *crowdedHouse) send(ctx context.Context, s sent) error {
	query := func() (*sql.Rows, error) { return h.store.ReadDB().QueryContext(ctx, s.text, s.values...) }
	if s.ready != nil {
		query = func() (*sql.Rows, error) { return s.ready.QueryContext(ctx, s.values...) }
	}
	rows, err := query()
	if err != nil {
		return err
	}
	defer func() { _ = rows.Close() }()
	columns, err := rows.Columns()
	if err != nil {
		return err
	}
	into := make([]any, len(columns))
	for i := range into {
		into[i] = new(sql.RawBytes)
	}
	for rows.Next() {
		if err := rows.Scan(into...); err != nil {
			return err
		}
	}
	return rows.Err()
}

// sent is a statement with its values, prepared where the house prepares.
type sent struct {
	text   string
	values []any
	ready  *sql.Stmt
}

// recorder keeps the statements of a request.
type recorder struct {
	mu   sync.Mutex // guards list
	list []sent
}

type recorderKey struct{}

// record remembers a statement for the request that made it.
func record(ctx context.Context, text string, values []any) {
	if r, ok := ctx.Value(recorderKey{}).(*recorder); ok {
		r.mu.Lock()
		defer r.mu.Unlock()
		r.list = append(r.list, sent{text: text, values: values})
	}
}
