package desk

import (
	"context"
	"fmt"

	"github.com/spazio-in-comune/sportello/ent"
	"github.com/spazio-in-comune/sportello/ent/numberseries"
	"github.com/spazio-in-comune/sportello/internal/store"
	"github.com/spazio-in-comune/sportello/internal/town"
)

// takeNumber gives the next number of a series. It is one with the transaction:
// a number is used or was never taken, so that a day's series has no gap and no
// double, whatever crashes. Whoever takes one holds the series until the commit.
func takeNumber(ctx context.Context, tx *store.Tx, site, letter string, day town.Date) (int, error) {
	moved, err := advance(ctx, tx, site, letter, day)
	if err == nil && !moved {
		err = tx.NumberSeries.Create().SetID(town.NewID("num", tx.Now)).
			SetSiteID(site).SetLetter(letter).SetDay(day).SetLast(1).Exec(ctx)
		if ent.IsConstraintError(err) { // another one began the series just now
			_, err = advance(ctx, tx, site, letter, day)
		}
	}
	if err != nil {
		return 0, fmt.Errorf("take a number of series %s: %w", letter, err)
	}
	series, err := tx.NumberSeries.Query().
		Where(numberseries.SiteID(site), numberseries.Letter(letter), numberseries.Day(day)).Only(ctx)
	if err != nil {
		return 0, fmt.Errorf("read the number of series %s: %w", letter, err)
	}
	return series.Last, nil
}

func advance(ctx context.Context, tx *store.Tx, site, letter string, day town.Date) (bool, error) {
	moved, err := tx.NumberSeries.Update().
		Where(numberseries.SiteID(site), numberseries.Letter(letter), numberseries.Day(day)).
		AddLast(1).Save(ctx)
	return moved > 0, err
}
