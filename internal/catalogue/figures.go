package catalogue

import (
	"context"

	"github.com/spazio-in-comune/sportello/plugins/sdk"
)

// Figure is a dated figure of law or tariff with the service that publishes it.
type Figure struct {
	Service string
	sdk.Figure
}

// Figures are the dated figures of all departments, or of one, in the order of their
// definitions; toVerify leaves only those that the town has to confirm, or the
// others. FORBIDDEN for whoever may not see the departments' processes.
func (c *Catalogue) Figures(ctx context.Context, service *string, toVerify *bool) ([]*Figure, error) {
	if err := mayRead(ctx); err != nil {
		return nil, err
	}
	figures := []*Figure{}
	for _, s := range c.Services() {
		def := s.Definition()
		if service != nil && *service != def.Service {
			continue
		}
		for _, f := range def.DatedFigures() {
			if toVerify == nil || *toVerify == f.ToVerify {
				figures = append(figures, &Figure{def.Service, f})
			}
		}
	}
	return figures, nil
}

// ToVerify is what the town has to confirm about a practice, in words; FORBIDDEN for
// whoever may not see the departments' processes.
func (c *Catalogue) ToVerify(ctx context.Context, p *sdk.Practice) ([]sdk.Text, error) {
	if err := mayRead(ctx); err != nil {
		return nil, err
	}
	return append([]sdk.Text{}, p.ToVerify...), nil
}
