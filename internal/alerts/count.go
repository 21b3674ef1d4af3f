package alerts

import (
	"context"
	"fmt"

	"github.com/spazio-in-comune/sportello/ent"
	"github.com/spazio-in-comune/sportello/ent/alertdelivery"
	"github.com/spazio-in-comune/sportello/internal/town"
)

// Messages counts the messages that wait to be sent, or to be sent again, and those that
// were given up. It is the house's own count: it says nothing of what they are about.
func (a *Alerts) Messages(ctx context.Context) (waiting, dead int, err error) {
	var rows []struct {
		State town.DeliveryState
		Count int
	}
	err = a.store.Reader().AlertDelivery.Query().Where(alertdelivery.StateIn(town.DeliveryPending, town.DeliveryDead)).
		GroupBy(alertdelivery.FieldState).Aggregate(ent.Count()).Scan(house(ctx), &rows)
	if err != nil {
		return 0, 0, fmt.Errorf("count the messages about alerts: %w", err)
	}
	for _, row := range rows {
		if row.State == town.DeliveryPending {
			waiting = row.Count
		} else {
			dead = row.Count
		}
	}
	return waiting, dead, nil
}
