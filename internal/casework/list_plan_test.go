package casework_test

import (
	"context"
	"database/sql"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/spazio-in-comune/sportello/internal/store/dbtest"
	"github.com/spazio-in-comune/sportello/internal/town"
)

// A page costs the same number of statements whatever its size and whoever reads it,
// none of them counts, and none looks through all cases: by whatever filter that is not
// refused.
func TestListStatements(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, db dbtest.DB) {
		t.Parallel()
		heard := &listener{}
		h := newHouseHeard(t, db, heard.hear)
		h.fill(t, db, 10_000)
		for who, c := range callers() {
			ctx := c.context(context.Background())
			asked := map[string]wanted{"its own list": {c.filter, c.order}}
			for name, w := range lists() {
				asked[name] = w
			}
			for name, w := range ofReaders() {
				asked[name] = w
			}
			for name, w := range asked {
				few, refused := heard.during(func() error {
					_, err := h.Cases.Cases(ctx, town.PageArgs{First: ptr(5)}, w.filter, w.order)
					return err
				})
				many, err := heard.during(func() error {
					_, err := h.Cases.Cases(ctx, town.PageArgs{First: ptr(50)}, w.filter, w.order)
					return err
				})
				if town.CodeOf(refused) == town.BadUserInput {
					if len(few) > 0 {
						t.Errorf("%s, %s: refused after %d statements", who, name, len(few))
					}
					continue
				}
				if refused != nil || err != nil || len(few) != len(many) || len(many) > 2 {
					t.Errorf("%s, %s: %d statements for 5, %d for 50, want the same, at most 2; %v, %v\n%v", who, name, len(few), len(many), refused, err, many)
				}
				for _, text := range many {
					if strings.Contains(strings.ToUpper(text), "COUNT(") {
						t.Errorf("%s, %s counts: %s", who, name, text)
					}
				}
				for _, text := range many {
					if problem := planOf(t, h.store.ReadDB(), db, text); problem != "" {
						t.Errorf("%s, %s: %s\n%s", who, name, problem, text)
					}
				}
			}
		}
	})
}

// listener keeps the statements of the house.
type listener struct {
	mu    sync.Mutex // guards texts
	texts []string
}

func (l *listener) hear(_ context.Context, text string, _ []any) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.texts = append(l.texts, text)
}

func (l *listener) during(work func() error) ([]string, error) {
	l.mu.Lock()
	l.texts = nil
	l.mu.Unlock()
	err := work()
	l.mu.Lock()
	defer l.mu.Unlock()
	return slices.Clone(l.texts), err
}

var scanned = regexp.MustCompile(`^SCAN (c|f|s|case_files|former_offices|escalations)\b`)

// planOf says what the database would look through as a whole. The plan is asked with
// values that nothing has: it does not depend on them.
func planOf(t *testing.T, pool *sql.DB, db dbtest.DB, text string) string {
	t.Helper()
	explain := "EXPLAIN "
	switch db.Name {
	case dbtest.SQLite:
		explain = "EXPLAIN QUERY PLAN "
	case dbtest.MySQL:
		explain = "EXPLAIN FORMAT=TRADITIONAL "
	}
	var args []any
	for _, before := range strings.SplitAfter(text, "?") {
		switch {
		case strings.HasSuffix(before, "LIMIT ?"):
			args = append(args, 1)
		case strings.HasSuffix(before, "?"):
			args = append(args, "1") // another type than the column's would find no index
		}
	}
	rows, err := pool.QueryContext(context.Background(), explain+text, args...)
	if err != nil {
		return fmt.Sprintf("no plan: %v", err)
	}
	defer func() { _ = rows.Close() }()
	columns, err := rows.Columns()
	if err != nil {
		t.Fatal(err)
	}
	values, into := make([]sql.NullString, len(columns)), make([]any, len(columns))
	for i := range values {
		into[i] = &values[i]
	}
	at := func(name string) string { return values[slices.Index(columns, name)].String }
	for rows.Next() {
		if err := rows.Scan(into...); err != nil {
			t.Fatal(err)
		}
		if db.Name == dbtest.SQLite {
			if scanned.MatchString(at("detail")) {
				return at("detail")
			}
		} else if kind := at("type"); (kind == "ALL" || kind == "index") && !strings.HasPrefix(at("table"), "<") {
			return kind + " on " + at("table")
		}
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return ""
}
