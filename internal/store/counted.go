package store

import (
	"context"
	"database/sql"
	"strings"

	entsql "entgo.io/ent/dialect/sql"
)

// counted tells each query of the readers' client, so that a list that asks once
// per row shows.
type counted struct {
	entsql.ExecQuerier
	tell func(kind string)
}

// countedIf is q, told where somebody listens.
func countedIf(q entsql.ExecQuerier, tell func(kind string)) entsql.ExecQuerier {
	if tell == nil {
		return q
	}
	return counted{q, tell}
}

// QueryContext implements ent's ExecQuerier.
func (c counted) QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error) {
	c.tell(kindOf(query))
	return c.ExecQuerier.QueryContext(ctx, query, args...)
}

// kindOf tells a count, which costs as much as what it counts, from other reads.
func kindOf(query string) string {
	if strings.HasPrefix(query, "SELECT COUNT(") {
		return "count"
	}
	return "select"
}
