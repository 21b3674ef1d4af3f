package store

import (
	"context"
	"fmt"

	"entgo.io/ent/dialect"

	"github.com/spazio-in-comune/sportello/ent"
	"github.com/spazio-in-comune/sportello/ent/numberseries"
	"github.com/spazio-in-comune/sportello/internal/town"
)

// advanceSeries is one statement, for whoever comes next waits for this unit's commit.
const advanceSeries = "UPDATE " + numberseries.Table + " SET last = %s WHERE site_id = ? AND letter = ? AND day = ?"

// TakeNumber gives the next number of a series, which begins with 1 under the id that newID
// makes. It is one with the transaction: a number is used or was never taken, so that a
// series has no gap and no double, whatever crashes. Whoever takes one holds the series
// until the commit. Who may take one the room has checked.
func (tx *Tx) TakeNumber(ctx context.Context, site, letter string, day town.Date, newID func() string) (int, error) {
	last, known, err := tx.advance(ctx, site, letter, day)
	if err == nil && !known {
		last = 1
		err = tx.NumberSeries.Create().SetID(newID()).SetSiteID(site).SetLetter(letter).SetDay(day).SetLast(last).Exec(ctx)
		if ent.IsConstraintError(err) { // another one began the series just now
			last, _, err = tx.advance(ctx, site, letter, day)
		}
	}
	if err != nil {
		return 0, fmt.Errorf("take a number of series %s: %w", letter, err)
	}
	return last, nil
}

// advance moves a series on and gives its number; false if there is no such series.
func (tx *Tx) advance(ctx context.Context, site, letter string, day town.Date) (int, bool, error) {
	if tx.dialect == dialect.MySQL {
		result, err := tx.ExecContext(ctx, fmt.Sprintf(advanceSeries, "LAST_INSERT_ID(last + 1)"), site, letter, day)
		if err != nil {
			return 0, false, err
		}
		moved, err := result.RowsAffected()
		if err != nil || moved == 0 {
			return 0, false, err
		}
		last, err := result.LastInsertId()
		return int(last), true, err
	}
	rows, err := tx.QueryContext(ctx, fmt.Sprintf(advanceSeries, "last + 1")+" RETURNING last", site, letter, day)
	if err != nil {
		return 0, false, err
	}
	defer func() { _ = rows.Close() }()
	var last int
	known := false
	for rows.Next() { // to the end: only then is it done
		known = true
		if err := rows.Scan(&last); err != nil {
			return 0, false, err
		}
	}
	return last, known, rows.Err()
}
