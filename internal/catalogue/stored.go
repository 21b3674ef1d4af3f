package catalogue

import (
	"context"
	"fmt"

	"github.com/spazio-in-comune/sportello/internal/town"
)

// Offered is a definition that takes new intakes.
type Offered struct {
	*Service
	// Since is the day on which it came in.
	Since town.Date
}

// StoredServices reads from the memory what the current version of each department
// last published, by name. It needs no running host.
func StoredServices(ctx context.Context, memory Memory) ([]Offered, error) {
	instances, err := memory.Instances(ctx)
	if err != nil {
		return nil, fmt.Errorf("read what departments published: %w", err)
	}
	var list []Offered
	for _, i := range instances {
		if i.Standing != Current || i.DefinitionHash == "" {
			continue
		}
		stored, err := memory.LoadDefinition(ctx, i.DefinitionHash)
		if err != nil {
			return nil, fmt.Errorf("read what %s published: %w", i.Name, err)
		}
		service, err := reread(stored)
		if err != nil {
			return nil, fmt.Errorf("read what %s published: %w", i.Name, err)
		}
		list = append(list, Offered{Service: service, Since: town.Today(stored.CreatedAt)})
	}
	return list, nil
}
