package sdk

import (
	"slices"

	"github.com/spazio-in-comune/sportello/plugins/sdk/calc"
	"github.com/spazio-in-comune/sportello/plugins/sdk/expr"
)

// Figure is one dated figure of law or tariff, whether conditions and computations
// read it or a person pays it: what an administrator goes through to see where
// each comes from and which the town has still to confirm.
type Figure struct {
	// Practice is the practice type whose fee it is; empty for a parameter.
	Practice string
	// Name is the name of the parameter, or the code of the fee.
	Name string
	// Label is what is paid; empty for a parameter.
	Label Text
	// Value is the text of the parameter, or the amount in euro.
	Value string
	// From and To are civil dates, both inclusive; empty is without limit.
	From, To string
	Source   string
	ToVerify bool
}

// DatedFigures are all figures of the definition: its parameters, then the fixed
// amounts of the fees of each practice, in the order of the definition. What costs
// nothing and has no source is no figure.
func (d *Definition) DatedFigures() []Figure {
	figures := make([]Figure, 0, len(d.Parameters))
	for _, p := range d.Parameters {
		figures = append(figures, Figure{Name: p.Name, Value: p.Value, From: p.From, To: p.To, Source: p.Source, ToVerify: p.ToVerify})
	}
	for i := range d.Practices {
		for _, f := range d.Practices[i].Fees {
			if f.hasFigure() || f.AmountEUR != "" && f.Source != "" {
				figures = append(figures, Figure{
					Practice: d.Practices[i].ID, Name: f.Code, Label: f.Label, Value: f.AmountEUR,
					From: f.From, To: f.To, Source: f.Source, ToVerify: f.ToVerify,
				})
			}
		}
	}
	return figures
}

// hasFigure reports whether the line has a fixed amount that somebody has set.
func (f *Fee) hasFigure() bool { return f.AmountEUR != "" && f.AmountEUR != "0.00" }

// figureTable has the figures of a definition by name, as expressions read them.
type figureTable map[string][]datedValue

type datedValue struct {
	from, to string
	value    expr.Value
}

func tableOf(parameters []Parameter) figureTable {
	table := figureTable{}
	for _, p := range parameters {
		table[p.Name] = append(table[p.Name], datedValue{p.From, p.To, figureValue(p.Value)})
	}
	return table
}

// on is the value of a figure on a day, nil if none is in force. The zero day asks
// for the last one in the list.
func (t figureTable) on(name string, day calc.Date) expr.Value {
	today := day.String()
	for _, v := range slices.Backward(t[name]) {
		if day.IsZero() || inForce(v.from, v.to, today) {
			return v.value
		}
	}
	return nil
}

// figureValue reads a figure by its form: a number, a civil date, else a text.
func figureValue(text string) expr.Value {
	if n, ok := parseDecimal(text); ok {
		return n
	}
	if d, err := calc.ParseDate(text); err == nil {
		return d
	}
	return text
}
