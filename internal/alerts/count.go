package alerts

import (
	"context"
	"fmt"

	"github.com/spazio-in-comune/sportello/ent/alertdelivery"
	"github.com/spazio-in-comune/sportello/internal/town"
)

// Messages counts the messages that wait to be sent, or to be sent again, and those that
// were given up. It is the house's own count: it says nothing of what they are about.
func (a *Alerts) Messages(ctx context.Context) (waiting, dead int, err error) {
	counts := map[town.DeliveryState]int{town.DeliveryPending: 0, town.DeliveryDead: 0}
	for state := range counts {
		n, err := a.store.Reader().AlertDelivery.Query().Where(alertdelivery.StateEQ(state)).Count(house(ctx))
		if err != nil {
			return 0, 0, fmt.Errorf("count the messages about alerts: %w", err)
		}
		counts[state] = n
	}
	return counts[town.DeliveryPending], counts[town.DeliveryDead], nil
}
