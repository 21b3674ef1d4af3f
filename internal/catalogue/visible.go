package catalogue

import (
	"context"

	"github.com/spazio-in-comune/sportello/internal/access"
)

// Instances are the departments' processes for whoever may see them; FORBIDDEN for
// the others.
func (c *Catalogue) Instances(ctx context.Context) ([]*Instance, error) {
	viewer, err := access.From(ctx)
	if err != nil {
		return nil, err
	}
	if err := viewer.Require(access.PluginRead, ""); err != nil {
		return nil, err
	}
	instances := c.Plugins()
	list := make([]*Instance, len(instances))
	for i := range instances {
		list[i] = &instances[i]
	}
	return list, nil
}
