package casework_test

import (
	"context"
	"database/sql"
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/spazio-in-comune/sportello/internal/access"
	"github.com/spazio-in-comune/sportello/internal/casework"
	"github.com/spazio-in-comune/sportello/internal/casework/crowd"
	"github.com/spazio-in-comune/sportello/internal/store/dbtest"
	"github.com/spazio-in-comune/sportello/internal/town"
)

// EnvCases says how many cases the lists are read from; unset means 100,000.
const EnvCases = "SPORTELLO_BENCH_CASES"

// caller is somebody who reads a list.
type caller struct {
	id     string
	scope  map[access.Act]access.OfficeSet
	filter casework.CaseFilter
	order  *casework.CaseOrder
}

func (c caller) context(ctx context.Context) context.Context {
	scope := access.NewScope(1, time.Time{}, nil, c.scope)
	return access.With(ctx, &access.Viewer{ID: c.id, Kind: access.KindPerson, Scope: scope})
}

func reading(offices ...string) map[access.Act]access.OfficeSet {
	return map[access.Act]access.OfficeSet{access.CaseRead: {Offices: offices}}
}

// callers are those whose lists are as different as can be.
func callers() map[string]caller {
	all := crowd.Offices()
	granted, head := reading(all[:3]...), reading("sportello")
	granted[access.CaseConfidential] = access.OfficeSet{Offices: all[:3]}
	head[access.CaseConfidential] = access.OfficeSet{Offices: []string{"sportello"}}
	head[access.EscalationReview] = access.OfficeSet{Offices: []string{"sportello"}}
	soonest := &casework.CaseOrder{Field: casework.OrderDue, Direction: casework.Ascending}
	return map[string]caller{
		"three busy offices": {id: "per_reader", scope: reading(all[:3]...)},
		"a small office":     {id: "per_reader", scope: reading(crowd.Small)},
		"only old cases":     {id: "per_reader", scope: reading(crowd.Closed)},
		"fourteen offices":   {id: "per_reader", scope: reading(all[:14]...)},
		"fifteen offices":    {id: "per_reader", scope: reading(all...)},
		"the auditor":        {id: "per_reader", scope: map[access.Act]access.OfficeSet{access.CaseRead: {All: true}}},
		"with grants":        {id: "per_reader", scope: granted},
		"a head":             {id: "per_reader", scope: head},
		"the Help Point":     {id: "per_reader", scope: map[access.Act]access.OfficeSet{access.EscalationHelp: {Offices: []string{town.OfficeHelpPoint}}}},
		"a citizen":          {id: crowd.Citizen(7)},
		"who filed a tenth":  {id: crowd.Operator, scope: reading("sportello")},
		"mine, 6 in 100":     {id: crowd.Officer, scope: reading("sportello"), filter: casework.CaseFilter{Mine: ptr(true)}},
		"a phase":            {id: "per_reader", scope: reading("sportello"), filter: casework.CaseFilter{OfficeCode: ptr("sportello"), Phase: ptr(town.PhaseInProgress)}},
		"by due date":        {id: "per_reader", scope: reading("sportello"), filter: casework.CaseFilter{OfficeCode: ptr("sportello")}, order: soonest},
	}
}

// BenchmarkCasesPage reads the first page of 50 and one deep in the list as callers of
// all kinds, in turns with its limit: the same rows when their ids are known. What
// counts are its own figures, the middle of all turns.
func BenchmarkCasesPage(b *testing.B) {
	for _, name := range dbtest.Expected(b) {
		db := dbtest.New(b, name)
		h := newHouse(b, db)
		began := time.Now()
		h.fill(b, db, casesToRead(b))
		b.Logf("%s: %d cases in %s", name, casesToRead(b), time.Since(began).Round(time.Second))
		for who, c := range callers() {
			for depth, args := range map[string]town.PageArgs{"first": {First: ptr(50)}, "deep": {First: ptr(50), After: ptr(h.deep(b, c))}} {
				b.Run(name+"/"+strings.ReplaceAll(who, " ", "_")+"/"+depth, func(b *testing.B) { h.turns(b, c, args) })
			}
		}
	}
}

// fill gives the house its cases. SQLite's readers cannot write: they get a neighbour.
func (h *house) fill(t testing.TB, db dbtest.DB, n int) {
	t.Helper()
	pool := h.store.ReadDB()
	if db.Name == dbtest.SQLite {
		var err error
		if pool, err = sql.Open("sqlite", "file:"+db.DSN+"?_pragma=busy_timeout(60000)&_pragma=synchronous(OFF)&_pragma=cache_size(-200000)"); err != nil {
			t.Fatal(err)
		}
		defer func() { _ = pool.Close() }()
	}
	if err := crowd.Fill(t.Context(), pool, db.Dialect, n); err != nil {
		t.Fatal(err)
	}
}

// turns reads the page and its rows, one after the other.
func (h *house) turns(b *testing.B, c caller, args town.PageArgs) {
	ctx := c.context(b.Context())
	var page, rows []time.Duration
	for b.Loop() {
		start := time.Now()
		ids := h.page(ctx, b, c, args)
		page = append(page, time.Since(start))
		start = time.Now()
		readRows(b, h.store.ReadDB(), ids)
		rows = append(rows, time.Since(start))
	}
	b.ReportMetric(micros(page, 0.5), "µs-page")
	b.ReportMetric(micros(page, 0.95), "µs-page-p95")
	b.ReportMetric(micros(rows, 0.5), "µs-rows")
}

func micros(took []time.Duration, share float64) float64 {
	slices.Sort(took)
	return float64(took[int(share*float64(len(took)-1))].Nanoseconds()) / 1e3
}

func casesToRead(b *testing.B) int {
	b.Helper()
	text := os.Getenv(EnvCases)
	if text == "" {
		return 100_000
	}
	n, err := strconv.Atoi(text)
	if err != nil {
		b.Fatal(err)
	}
	return n
}

// deep is a cursor four fifths down the ids of all cases; in the order of due dates,
// of the years.
func (h *house) deep(b *testing.B, c caller) string {
	b.Helper()
	id := crowd.CaseID(casesToRead(b) / 5)
	if c.order == nil {
		return town.Cursor(id)
	}
	var day town.Date
	if err := day.UnmarshalText([]byte("2024-06-03")); err != nil {
		b.Fatal(err)
	}
	return casework.CaseCursor(c.filter, c.order, id, day)
}

func (h *house) page(ctx context.Context, b *testing.B, c caller, args town.PageArgs) []any {
	b.Helper()
	page, err := h.Cases.Cases(ctx, args, c.filter, c.order)
	if err != nil {
		b.Fatal(err)
	}
	ids := make([]any, len(page.Items))
	for i, file := range page.Items {
		ids[i] = file.ID
	}
	return ids
}

func readRows(b *testing.B, db *sql.DB, ids []any) {
	b.Helper()
	if len(ids) == 0 {
		return
	}
	rows, err := db.QueryContext(b.Context(), fmt.Sprintf("SELECT * FROM case_files WHERE id IN (?%s)", strings.Repeat(", ?", len(ids)-1)), ids...)
	if err != nil {
		b.Fatal(err)
	}
	defer rows.Close()
	columns, err := rows.Columns()
	if err != nil {
		b.Fatal(err)
	}
	values, into := make([]any, len(columns)), make([]any, len(columns))
	for i := range values {
		into[i] = &values[i]
	}
	for rows.Next() {
		if err := rows.Scan(into...); err != nil {
			b.Fatal(err)
		}
	}
	if err := rows.Err(); err != nil {
		b.Fatal(err)
	}
}
