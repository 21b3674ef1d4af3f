package casework

import (
	"context"
	"fmt"

	"github.com/spazio-in-comune/sportello/ent"
	"github.com/spazio-in-comune/sportello/ent/numberseries"
	"github.com/spazio-in-comune/sportello/internal/access"
	"github.com/spazio-in-comune/sportello/internal/store"
	"github.com/spazio-in-comune/sportello/internal/town"
)

// protocolLetter marks the one series that is not of tickets.
const protocolLetter = "P#"

// nextProtocol gives the next protocol number of a year, such as 2026/000123. It
// is one with the transaction: a number is used or was never taken, so that a
// year has no gap and no double, whatever crashes. Whoever takes one holds the
// series until the commit, so take it late.
func nextProtocol(ctx context.Context, tx *store.Tx, year int) (string, error) {
	ctx = access.System(ctx, "protocol numbers")
	id := fmt.Sprintf("protocol_%d", year)
	moved, err := moveOn(ctx, tx, id)
	if err == nil && moved == 0 {
		err = tx.NumberSeries.Create().SetID(id).SetSiteID(id).SetLetter(protocolLetter).
			SetDay(town.Date{Year: year, Month: 1, Day: 1}).SetLast(1).Exec(ctx)
		if ent.IsConstraintError(err) { // another one began the year just now
			_, err = moveOn(ctx, tx, id)
		}
	}
	if err != nil {
		return "", fmt.Errorf("take a protocol number: %w", err)
	}
	series, err := tx.NumberSeries.Get(ctx, id)
	if err != nil {
		return "", fmt.Errorf("read the protocol number: %w", err)
	}
	return fmt.Sprintf("%d/%06d", year, series.Last), nil
}

func moveOn(ctx context.Context, tx *store.Tx, id string) (int, error) {
	return tx.NumberSeries.Update().Where(numberseries.ID(id)).AddLast(1).Save(ctx)
}
