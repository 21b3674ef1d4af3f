package sdk

import (
	"fmt"
	"slices"

	"github.com/shopspring/decimal"

	"github.com/spazio-in-comune/sportello/plugins/sdk/calc"
	"github.com/spazio-in-comune/sportello/plugins/sdk/expr"
)

// computedCapacity is the ambient name that follows from the rooms of a dwelling.
const computedCapacity = "computed_capacity"

// HousingRules reads the smallest areas of a dwelling from the parameters
// alloggio.*, in square metres (D.M. 5 July 1975 artt. 2 and 3).
func HousingRules(figures Parameters) (calc.HousingRules, error) {
	f := figures.Figures()
	rules := calc.HousingRules{
		PerPerson: f.Number("alloggio.mq.persona"), PerOther: f.Number("alloggio.mq.altra-persona"),
		FullPeople: int64(f.Whole("alloggio.persone.piene")),
		Single:     f.Number("alloggio.camera.singola"), Double: f.Number("alloggio.camera.doppia"),
	}
	oneRoom := f.Numbers("alloggio.monolocale")
	if err := f.Err(); err != nil {
		return rules, err
	}
	if len(oneRoom) != len(rules.OneRoom) {
		return rules, fmt.Errorf("parameter alloggio.monolocale has %d areas: want one for one person and one for two", len(oneRoom))
	}
	rules.OneRoom = [2]decimal.Decimal(oneRoom)
	return rules, nil
}

// checkCapacity refuses a condition on the capacity of a dwelling where the
// definition does not have the areas that the law asks.
func (p *CompiledPractice) checkCapacity(e *expr.Expr) error {
	if !slices.Contains(e.Names(), computedCapacity) {
		return nil
	}
	all := Parameters{}
	for _, parameter := range p.service.Parameters {
		all[parameter.Name] = parameter.Value
	}
	if _, err := HousingRules(all); err != nil {
		return fmt.Errorf("%s needs the parameters alloggio.*: %w", computedCapacity, err)
	}
	return nil
}
