package casework_test

import (
	"context"
	"database/sql"
	"fmt"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/spazio-in-comune/sportello/internal/access"
	"github.com/spazio-in-comune/sportello/internal/casework"
	"github.com/spazio-in-comune/sportello/internal/store"
	"github.com/spazio-in-comune/sportello/internal/store/dbtest"
	"github.com/spazio-in-comune/sportello/internal/town"
)

// EnvCases says how many cases the lists are read from; unset means 100,000.
const EnvCases = "SPORTELLO_BENCH_CASES"

// readers are officers of these offices: busy, hardly any case, and only old ones.
var readers = map[string][]string{
	"busy": {"sportello", "tributi-patrimonio", "stato-civile"}, "small": {"small"}, "closed": {"closed"},
	"everywhere": {"sportello", "tributi-patrimonio", "stato-civile", "small", "closed", "o1", "o2", "o3", "o4", "o5", "o6", "o7", "o8", "o9"},
}

// BenchmarkCasesPage reads the first page and one deep in the list as officers of
// different offices, and, as its limit, the same rows when their ids are known.
func BenchmarkCasesPage(b *testing.B) {
	h := newHouse(b, dbtest.New(b, dbtest.SQLite))
	h.fill(b, casesToRead(b))
	for name, offices := range readers {
		scope := access.NewScope(1, time.Time{}, nil, map[access.Act]access.OfficeSet{access.CaseRead: {Offices: offices}})
		ctx := access.With(b.Context(), &access.Viewer{ID: "per_reader", Kind: access.KindPerson, Scope: scope})
		for depth, args := range map[string]town.PageArgs{"first": {}, "deep": {After: ptr(town.Cursor(h.deep(b, offices)))}} {
			b.Run(name+"/"+depth+"/page", func(b *testing.B) {
				for b.Loop() {
					h.page(ctx, b, args)
				}
			})
			ids := h.page(ctx, b, args)
			b.Run(name+"/"+depth+"/rows", func(b *testing.B) {
				for b.Loop() {
					readRows(b, h.store.ReadDB(), ids)
				}
			})
		}
	}
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

// fill copies one case many times: a tenth went to an office that was then closed,
// one in a thousand to a small one, the others to eleven.
func (h *house) fill(b *testing.B, n int) {
	b.Helper()
	h.file(b, "certificato-anagrafico", nil)
	rows, err := h.store.ReadDB().QueryContext(b.Context(), "SELECT * FROM case_files")
	if err != nil {
		b.Fatal(err)
	}
	columns, err := rows.Columns()
	_ = rows.Close()
	if err != nil {
		b.Fatal(err)
	}
	values := map[string]string{
		"id": "printf('case_%026d', i)", "protocol": "printf('x/%d', i)", "applicant_id": "'per_x'", "submitted_by": "'per_y'",
		"office_id": fmt.Sprintf(`CASE WHEN i < %d THEN 'closed' WHEN i %% 1000 = 0 THEN 'small' WHEN i %% 3 = 0 THEN 'sportello'
			WHEN i %% 3 = 1 THEN 'tributi-patrimonio' WHEN i %% 2 = 0 THEN 'stato-civile' ELSE 'o' || (1 + i / 2 %% 9) END`, n/10),
	}
	list := make([]string, len(columns))
	for i, c := range columns {
		list[i] = c
		if v, ok := values[c]; ok {
			list[i] = v
		}
	}
	statement := fmt.Sprintf(`INSERT INTO case_files (%s) WITH RECURSIVE numbers(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM numbers WHERE i < %d)
		SELECT %s FROM numbers, (SELECT * FROM case_files LIMIT 1)`, strings.Join(columns, ", "), n, strings.Join(list, ", "))
	err = h.store.InTx(h.system(), "fill", func(ctx context.Context, tx *store.Tx) error {
		_, err := tx.ExecContext(ctx, statement)
		return err
	})
	if err != nil {
		b.Fatal(err)
	}
}

// deep is a case with nine tenths of the offices' cases before it.
func (h *house) deep(b *testing.B, offices []string) string {
	b.Helper()
	in := "('" + strings.Join(offices, "', '") + "')"
	var id string
	err := h.store.ReadDB().QueryRowContext(b.Context(), "SELECT id FROM case_files WHERE office_id IN "+in+
		" ORDER BY id LIMIT 1 OFFSET (SELECT count(*) / 10 FROM case_files WHERE office_id IN "+in+")").Scan(&id)
	if err != nil {
		b.Fatal(err)
	}
	return id
}

func (h *house) page(ctx context.Context, b *testing.B, args town.PageArgs) []any {
	b.Helper()
	page, err := h.Cases.Cases(ctx, args, casework.CaseFilter{})
	if err != nil || len(page.Items) == 0 {
		b.Fatalf("%d cases, %v", len(page.Items), err)
	}
	ids := make([]any, len(page.Items))
	for i, file := range page.Items {
		ids[i] = file.ID
	}
	return ids
}

func readRows(b *testing.B, db *sql.DB, ids []any) {
	b.Helper()
	rows, err := db.QueryContext(b.Context(), "SELECT * FROM case_files WHERE id IN (?"+strings.Repeat(", ?", len(ids)-1)+")", ids...)
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
