package casework

import (
	"context"
	"fmt"

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
	id := fmt.Sprintf("protocol_%d", year)
	number, err := tx.TakeNumber(access.System(ctx, "protocol numbers"), id, protocolLetter, town.Date{Year: year, Month: 1, Day: 1}, func() string { return id })
	if err != nil {
		return "", fmt.Errorf("take a protocol number: %w", err)
	}
	return fmt.Sprintf("%d/%06d", year, number), nil
}
