package audit

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	"entgo.io/ent/dialect"

	"github.com/spazio-in-comune/sportello/internal/audit/chain"
	"github.com/spazio-in-comune/sportello/internal/town"
)

// row is an entry as it stands.
type row struct {
	id   int64
	seq  *int64
	hash []byte
	chain.Entry
	// byID: its list is in the order of rows, not of time.
	byID bool
}

// position is what a cursor of its list names: base 36, with the prefix of entries.
func (r row) position() string {
	if r.byID {
		return fmt.Sprintf("%s_%s", town.PrefixAudit, strconv.FormatInt(r.id, 36))
	}
	return fmt.Sprintf("%s_%s.%s", town.PrefixAudit, strconv.FormatInt(r.At.UnixMicro(), 36), strconv.FormatInt(r.id, 36))
}

// question is a page of entries in SQL: of one person's by rows, else by time. Both are
// read along an index; what else is asked narrows what that gives.
type question struct {
	dialect string
	person  string
	where   []string
	args    []any
	page    town.PageSpec
}

func (q *question) and(condition string, args ...any) {
	q.where = append(q.where, condition)
	q.args = append(q.args, args...)
}

// text is the statement with its arguments.
func (q *question) text() (string, []any, error) {
	var b strings.Builder
	b.WriteString("SELECT e.id, e.seq, e.hash, e.body FROM ")
	columns := []string{"e.at", "e.id"}
	if q.person != "" {
		// The words keep either database from beginning with the other table.
		join := " STRAIGHT_JOIN "
		if q.dialect == dialect.SQLite {
			join = " CROSS JOIN "
		}
		b.WriteString("audit_subjects s" + join + "audit_entries e ON e.id = s.entry_id")
		columns = []string{"s.entry_id"}
	} else {
		b.WriteString("audit_entries e")
	}
	if err := q.bound(columns, q.page.Below, "<"); err != nil {
		return "", nil, err
	}
	if err := q.bound(columns, q.page.Above, ">"); err != nil {
		return "", nil, err
	}
	for i, condition := range q.where {
		b.WriteString([]string{" WHERE ", " AND "}[min(i, 1)] + condition)
	}
	direction := " DESC"
	if q.page.Backward {
		direction = " ASC"
	}
	b.WriteString(" ORDER BY " + strings.Join(columns, direction+", ") + direction + " LIMIT ?")
	return b.String(), append(q.args, q.page.Size+1), nil
}

// bound adds where a page begins.
func (q *question) bound(columns []string, position, than string) error {
	if position == "" {
		return nil
	}
	words := strings.Split(strings.TrimPrefix(position, string(town.PrefixAudit)+"_"), ".")
	numbers := make([]int64, len(words))
	for i, word := range words {
		var err error
		if numbers[i], err = strconv.ParseInt(word, 36, 64); err != nil {
			return errCursor()
		}
	}
	switch {
	case len(numbers) != len(columns):
		return errCursor()
	case len(columns) == 1:
		q.and(columns[0]+" "+than+" ?", numbers[0])
	default:
		at := time.UnixMicro(numbers[0]).UTC()
		q.and("("+columns[0]+" "+than+"= ? AND ("+columns[0]+" "+than+" ? OR "+columns[1]+" "+than+" ?))", at, at, numbers[1])
	}
	return nil
}

func errCursor() error {
	return town.Errorf(town.BadUserInput, "This cursor is not from this list.", "Questo cursore non appartiene a questo elenco.")
}

// rows reads a page.
func (a *Audit) rows(ctx context.Context, q *question) (town.Page[row], error) {
	q.dialect = a.store.Dialect()
	statement, args, err := q.text()
	if err != nil {
		return town.Page[row]{}, err
	}
	found, err := a.store.ReadDB().QueryContext(ctx, statement, args...)
	if err != nil {
		return town.Page[row]{}, fmt.Errorf("read the audit: %w", err)
	}
	defer func() { _ = found.Close() }()
	var list []row
	for found.Next() {
		one := row{byID: q.person != ""}
		var body []byte
		if err := found.Scan(&one.id, &one.seq, &one.hash, &body); err != nil {
			return town.Page[row]{}, fmt.Errorf("read an entry of the audit: %w", err)
		}
		if one.Entry, err = chain.Decode(body); err != nil {
			return town.Page[row]{}, fmt.Errorf("entry %d of the audit: %w", one.id, err)
		}
		list = append(list, one)
	}
	if err := found.Err(); err != nil {
		return town.Page[row]{}, fmt.Errorf("read the audit: %w", err)
	}
	return town.CutPage(q.page, list), nil
}
