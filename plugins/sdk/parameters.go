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
		if inForce(p.From, p.To, today) {
			values[p.Name] = p.Value
		}
	}
	return values
}

// inForce reports whether a day is within two civil dates, both inclusive; an
// empty one is no limit. As text they are in the order of time.
func inForce(from, to, day string) bool {
	return from <= day && (to == "" || day <= to)
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
	n, ok := parseDecimal(text)
	if !ok {
		return n, fmt.Errorf("parameter %q: %q is not a decimal", name, text)
	}
	return n, nil
}

// Figures reads several parameters and keeps the first error, so that a
// computation asks for all its figures in a row and looks at the error once.
type Figures struct {
	Parameters
	err error
}

// Figures gives a reader of several parameters.
func (p Parameters) Figures() *Figures { return &Figures{Parameters: p} }

// Err is the first error met; nil if every figure was there.
func (f *Figures) Err() error { return f.err }

// Number is a decimal figure; zero after an error.
func (f *Figures) Number(name string) decimal.Decimal { return figure(f, name, f.Decimal) }

// Numbers is a list of decimal figures.
func (f *Figures) Numbers(name string) []decimal.Decimal { return figure(f, name, f.Decimals) }

// Day is a date; the zero date after an error.
func (f *Figures) Day(name string) calc.Date { return figure(f, name, f.Date) }

// Whole is a whole number; zero after an error.
func (f *Figures) Whole(name string) int {
	n := f.Number(name)
	if f.err == nil && !n.IsInteger() {
		f.err = fmt.Errorf("parameter %q: %s is not a whole number", name, n)
	}
	return int(n.IntPart())
}

func figure[T any](f *Figures, name string, read func(string) (T, error)) T {
	value, err := read(name)
	if f.err == nil {
		f.err = err
	}
	return value
}
