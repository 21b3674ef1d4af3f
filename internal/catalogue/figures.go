package catalogue

import (
	"context"
	"fmt"

	"github.com/spazio-in-comune/sportello/internal/town"
	"github.com/spazio-in-comune/sportello/plugins/sdk"
	"github.com/spazio-in-comune/sportello/plugins/sdk/calc"
)

// Figure is a figure of law or tariff with the days on which it is in force, as a
// department has published it.
type Figure struct {
	Service string
	Name    string
	// Value is decimal text, a date, or a list of numbers separated by spaces.
	Value string
	From  town.Date
	// To is inclusive; zero while it is still in force.
	To     town.Date
	Source string
	// ToVerify marks what the town has to confirm.
	ToVerify bool
}

// Figures are the dated figures of all departments, or of one, in the order of their
// definitions; toVerify leaves only those that the town has to confirm, or has not.
// FORBIDDEN for whoever may not see the departments' processes.
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
		for _, p := range def.Parameters {
			if toVerify != nil && *toVerify != p.ToVerify {
				continue
			}
			figure, err := figureOf(def.Service, p)
			if err != nil {
				return nil, err
			}
			figures = append(figures, figure)
		}
	}
	return figures, nil
}

func figureOf(service string, p sdk.Parameter) (*Figure, error) {
	f := &Figure{Service: service, Name: p.Name, Value: p.Value, Source: p.Source, ToVerify: p.ToVerify}
	var err error
	if f.From, err = calc.ParseDate(p.From); err != nil {
		return nil, fmt.Errorf("figure %s of %s: %w", p.Name, service, err)
	}
	if p.To != "" {
		if f.To, err = calc.ParseDate(p.To); err != nil {
			return nil, fmt.Errorf("figure %s of %s: %w", p.Name, service, err)
		}
	}
	return f, nil
}

// ToVerify is what the town has to confirm about a practice, in words; FORBIDDEN for
// whoever may not see the departments' processes.
func (c *Catalogue) ToVerify(ctx context.Context, p *sdk.Practice) ([]sdk.Text, error) {
	if err := mayRead(ctx); err != nil {
		return nil, err
	}
	return append([]sdk.Text{}, p.ToVerify...), nil
}
