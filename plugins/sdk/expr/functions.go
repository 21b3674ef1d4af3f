package expr

import (
	"errors"
	"fmt"
	"time"
	"unicode/utf8"

	"github.com/shopspring/decimal"

	"github.com/spazio-in-comune/sportello/plugins/sdk/calc"
)

// maxTerm bounds the number of days or months in a condition, so that dates
// stay within the calendar.
const maxTerm = 100_000

type function struct {
	arguments int
	apply     func(env Env, args []Value) Value
}

// lookupFunction is a switch and not a table, so that nothing can change it.
func lookupFunction(name string) (function, bool) {
	switch name {
	case "age":
		return onDate(func(env Env, d calc.Date) Value { return whole(calc.Age(d, env.Today())) }), true
	case "days_since":
		return onDate(func(env Env, d calc.Date) Value { return whole(d.DaysUntil(env.Today())) }), true
	case "days_until":
		return onDate(func(env Env, d calc.Date) Value { return whole(env.Today().DaysUntil(d)) }), true
	case "months_since":
		return onDate(func(env Env, d calc.Date) Value { return whole(calc.MonthsBetween(d, env.Today())) }), true
	case "year":
		return onDate(func(_ Env, d calc.Date) Value { return whole(d.Year) }), true
	case "is_holiday":
		return onDate(func(env Env, d calc.Date) Value { return env.Calendar().IsHoliday(d) }), true
	case "days_past_days":
		return function{2, daysPast(calc.CalendarDays)}, true
	case "days_past_months":
		return function{2, daysPast(calc.Months)}, true
	case "hours_since":
		return function{1, hoursSince}, true
	case "datetime":
		return function{2, joinDateTime}, true
	case "count", "len":
		return function{1, length(name == "len")}, true
	case "any_in":
		return function{2, shareElement}, true
	}
	return function{}, false
}

type call struct {
	name      string
	function  function
	arguments []node
}

func callOf(name string, arguments []node) (node, error) {
	switch name {
	case "date":
		return dateLiteral(arguments)
	case "figure":
		return figureLiteral(arguments)
	}
	f, ok := lookupFunction(name)
	if !ok {
		return nil, fmt.Errorf("unknown function %q", name)
	}
	if len(arguments) != f.arguments {
		return nil, fmt.Errorf("%s takes %d arguments, not %d", name, f.arguments, len(arguments))
	}
	return call{name, f, arguments}, nil
}

func (n call) value(env Env) Value {
	var space [2]Value
	args := space[:len(n.arguments)]
	for i, argument := range n.arguments {
		args[i] = argument.value(env)
	}
	return n.function.apply(env, args)
}

func dateLiteral(arguments []node) (node, error) {
	text, ok := writtenText(arguments)
	if !ok {
		return nil, errors.New("date takes one text written in the expression")
	}
	d, err := calc.ParseDate(text)
	return constant{d}, err
}

// figureLiteral takes the name as it is written, so that it can be verified when
// the definition is loaded.
func figureLiteral(arguments []node) (node, error) {
	text, ok := writtenText(arguments)
	if !ok || text == "" {
		return nil, errors.New("figure takes one name written in the expression")
	}
	return figure(text), nil
}

// writtenText is the one argument of a call, if it is a text of the expression.
func writtenText(arguments []node) (string, bool) {
	if len(arguments) != 1 {
		return "", false
	}
	c, _ := arguments[0].(constant)
	text, ok := c.v.(string)
	return text, ok
}

func whole(n int) Value { return decimal.NewFromInt(int64(n)) }

func onDate(apply func(Env, calc.Date) Value) function {
	return function{1, func(env Env, args []Value) Value {
		d, ok := args[0].(calc.Date)
		if !ok {
			return nil
		}
		return apply(env, d)
	}}
}

// daysPast is today minus the last useful day of a term.
func daysPast(unit calc.Unit) func(Env, []Value) Value {
	return func(env Env, args []Value) Value {
		from, isDate := args[0].(calc.Date)
		amount, isNumber := args[1].(decimal.Decimal)
		if !isDate || !isNumber || !amount.IsInteger() || amount.Abs().GreaterThan(decimal.NewFromInt(maxTerm)) {
			return nil
		}
		last := lastUsefulDay(env.Calendar(), from, int(amount.IntPart()), unit)
		return whole(last.DaysUntil(env.Today()))
	}
}

// lastUsefulDay rolls also a term of 0 days: the amount comes from a condition,
// where 0 is a number like any other and not "on the spot".
func lastUsefulDay(c calc.Calendar, from calc.Date, amount int, unit calc.Unit) calc.Date {
	if amount == 0 {
		return c.NextWorkingDay(from)
	}
	return c.LastUsefulDay(from, amount, unit)
}

func hoursSince(env Env, args []Value) Value {
	moment, ok := args[0].(time.Time)
	if !ok {
		return nil
	}
	elapsed := env.Now().Sub(moment)
	hours := elapsed / time.Hour
	if elapsed%time.Hour < 0 {
		hours-- // rounded down also before the moment
	}
	return whole(int(hours))
}

func joinDateTime(env Env, args []Value) Value {
	d, isDate := args[0].(calc.Date)
	t, isTime := args[1].(TimeOfDay)
	if !isDate || !isTime {
		return nil
	}
	return calc.Local(d, int(t)/60, int(t)%60, env.Now().Location())
}

func length(texts bool) func(Env, []Value) Value {
	return func(_ Env, args []Value) Value {
		switch v := args[0].(type) {
		case []Value:
			return whole(len(v))
		case string:
			if texts {
				return whole(utf8.RuneCountInString(v))
			}
		}
		return nil
	}
}

// shareElement gives false also for what is missing or no list.
func shareElement(_ Env, args []Value) Value {
	left, okLeft := args[0].([]Value)
	right, okRight := args[1].([]Value)
	if !okLeft || !okRight {
		return false
	}
	for _, v := range left {
		if contains(right, v) {
			return true
		}
	}
	return false
}
