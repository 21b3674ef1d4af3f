package store

import (
	"context"
	"database/sql"
	"fmt"

	"entgo.io/ent/dialect"
	entsql "entgo.io/ent/dialect/sql"
)

// overheard tells each statement before it runs.
type overheard struct {
	entsql.ExecQuerier
	tell func(ctx context.Context, text string, values []any)
}

type unitKey struct{}

// OfUnit reports to whoever hears a statement whether it is one of a unit, by the context
// in which it was told.
func OfUnit(ctx context.Context) bool { return ctx.Value(unitKey{}) != nil }

// ofUnits tells statements as those of units.
func ofUnits(tell func(context.Context, string, []any)) func(context.Context, string, []any) {
	return func(ctx context.Context, text string, values []any) {
		tell(context.WithValue(ctx, unitKey{}, true), text, values)
	}
}

// overheardIf is q, told where somebody listens.
func overheardIf(q entsql.ExecQuerier, tell func(context.Context, string, []any)) entsql.ExecQuerier {
	if tell == nil {
		return q
	}
	return overheard{q, tell}
}

// QueryContext implements ent's ExecQuerier.
func (o overheard) QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error) {
	o.tell(ctx, query, args)
	return o.ExecQuerier.QueryContext(ctx, query, args...)
}

// ExecContext implements ent's ExecQuerier.
func (o overheard) ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error) {
	o.tell(ctx, query, args)
	return o.ExecQuerier.ExecContext(ctx, query, args...)
}

// overheardDriver is a driver whose transactions tell their statements.
type overheardDriver struct {
	*entsql.Driver
	tell func(ctx context.Context, text string, values []any)
}

// overheardUnits is the driver, told where somebody listens.
func overheardUnits(d *entsql.Driver, tell func(context.Context, string, []any)) dialect.Driver {
	if tell == nil {
		return d
	}
	return overheardDriver{d, ofUnits(tell)}
}

// Tx implements dialect.Driver.
func (d overheardDriver) Tx(ctx context.Context) (dialect.Tx, error) {
	tx, err := d.DB().BeginTx(ctx, nil)
	if err != nil {
		return nil, fmt.Errorf("begin: %w", err)
	}
	d.tell(ctx, "BEGIN", nil)
	undone := func() { d.tell(ctx, "ROLLBACK", nil) }
	return &entsql.Tx{Conn: entsql.Conn{ExecQuerier: overheard{tx, d.tell}}, Tx: overheardTx{tx, undone}}, nil
}

// overheardTx tells that it was undone.
type overheardTx struct {
	*sql.Tx
	undone func()
}

// Rollback implements driver.Tx.
func (t overheardTx) Rollback() error {
	t.undone()
	return t.Tx.Rollback()
}
