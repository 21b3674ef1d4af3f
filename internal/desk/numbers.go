package desk

import (
	"context"

	"github.com/spazio-in-comune/sportello/internal/store"
	"github.com/spazio-in-comune/sportello/internal/town"
)

// takeNumber gives the next number of a day's series; see [store.Tx.TakeNumber].
func takeNumber(ctx context.Context, tx *store.Tx, site, letter string, day town.Date) (int, error) {
	return tx.TakeNumber(ctx, site, letter, day, func() string { return town.NewID("num", tx.Now) })
}
