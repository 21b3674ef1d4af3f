package catalogue

import (
	"context"
	"fmt"

	"github.com/spazio-in-comune/sportello/internal/town"
)

// Published is the day on which a definition first came in. It is read from the
// memory once: it never changes.
func (c *Catalogue) Published(ctx context.Context, s *Service) (town.Date, error) {
	if day, known := c.days.Load(s.Hash); known {
		return day.(town.Date), nil
	}
	stored, err := c.memory.LoadDefinition(ctx, s.Hash)
	if err != nil {
		return town.Date{}, fmt.Errorf("day of definition %s: %w", s.Hash, err)
	}
	day := town.Today(stored.CreatedAt)
	c.days.Store(s.Hash, day)
	return day, nil
}
