package sdk

import (
	"fmt"
	"strings"

	"github.com/shopspring/decimal"

	"github.com/spazio-in-comune/sportello/plugins/sdk/calc"
)

// Parameters are the figures of law and tariff in force on one day, by name.
type Parameters map[string]string

// ParametersOn gives the figures of the definition in force on the day. Where
// two entries of a name overlap the later in the list counts.
func (d *Definition) ParametersOn(day calc.Date) Parameters {
	values := Parameters{}
	today := day.String()
	for _, p := range d.Parameters {
		// Civil dates as text are in the order of time.
		if p.From <= today && (p.To == "" || today <= p.To) {
			values[p.Name] = p.Value
		}
	}
	return values
}

// Text is the value of a parameter; an error says that the definition lacks it
// on that day.
func (p Parameters) Text(name string) (string, error) {
	value, ok := p[name]
	if !ok {
		return "", fmt.Errorf("parameter %q has no value on that day", name)
	}
	return value, nil
}

// Decimal is the value of a parameter as a number.
func (p Parameters) Decimal(name string) (decimal.Decimal, error) {
	text, err := p.Text(name)
	if err != nil {
		return decimal.Decimal{}, err
	}
	return parseParameter(name, text)
}

// Decimals is the value of a parameter that is a list of numbers separated by
// spaces.
func (p Parameters) Decimals(name string) ([]decimal.Decimal, error) {
	text, err := p.Text(name)
	if err != nil {
		return nil, err
	}
	var numbers []decimal.Decimal
	for _, word := range strings.Fields(text) {
		n, err := parseParameter(name, word)
		if err != nil {
			return nil, err
		}
		numbers = append(numbers, n)
	}
	return numbers, nil
}

// Date is the value of a parameter as a civil date.
func (p Parameters) Date(name string) (calc.Date, error) {
	text, err := p.Text(name)
	if err != nil {
		return calc.Date{}, err
	}
	d, err := calc.ParseDate(text)
	if err != nil {
		return calc.Date{}, fmt.Errorf("parameter %q: %w", name, err)
	}
	return d, nil
}

func parseParameter(name, text string) (decimal.Decimal, error) {
	n, ok := readDecimalText(TypeDecimal, text)
	value, isNumber := n.(decimal.Decimal)
	if !ok || !isNumber {
		return decimal.Decimal{}, fmt.Errorf("parameter %q: %q is not a decimal", name, text)
	}
	return value, nil
}
