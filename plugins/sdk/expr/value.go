package expr

import (
	"time"

	"github.com/shopspring/decimal"

	"github.com/spazio-in-comune/sportello/plugins/sdk/calc"
)

// Value is one of: nil (missing), bool, decimal.Decimal, string, calc.Date,
// TimeOfDay, time.Time (a moment), []Value, Opaque.
type Value any

// TimeOfDay is a local time in minutes after midnight.
type TimeOfDay int

// Opaque stands for something that can be counted but not compared: an object
// in a list.
type Opaque struct{}

// Env is what an expression reads.
type Env interface {
	// Lookup gives the value of a name, nil if it is missing.
	Lookup(name string) Value
	// Figure gives the value of a dated figure on the day of the decision, nil if
	// none is in force.
	Figure(name string) Value
	// Now is the moment of the decision, in the town's time zone.
	Now() time.Time
	// Today is the civil date of Now.
	Today() calc.Date
	// Calendar counts the terms of days_past_days and days_past_months.
	Calendar() calc.Calendar
}

// equal is false for values of different types.
func equal(a, b Value) bool {
	switch a := a.(type) {
	case bool:
		b, ok := b.(bool)
		return ok && a == b
	case decimal.Decimal:
		b, ok := b.(decimal.Decimal)
		return ok && a.Equal(b)
	case string:
		b, ok := b.(string)
		return ok && a == b
	case calc.Date:
		b, ok := b.(calc.Date)
		return ok && a == b
	case TimeOfDay:
		b, ok := b.(TimeOfDay)
		return ok && a == b
	case time.Time:
		b, ok := b.(time.Time)
		return ok && a.Equal(b)
	case []Value:
		b, ok := b.([]Value)
		return ok && equalLists(a, b)
	default:
		return false
	}
}

func equalLists(a, b []Value) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		if !equal(a[i], b[i]) {
			return false
		}
	}
	return true
}

// order compares two values; ok is false if they have no order: different
// types, texts, bools, lists.
func order(a, b Value) (sign int, ok bool) {
	switch a := a.(type) {
	case decimal.Decimal:
		if b, same := b.(decimal.Decimal); same {
			return a.Cmp(b), true
		}
	case calc.Date:
		if b, same := b.(calc.Date); same {
			return b.DaysUntil(a), true
		}
	case TimeOfDay:
		if b, same := b.(TimeOfDay); same {
			return int(a - b), true
		}
	case time.Time:
		if b, same := b.(time.Time); same {
			return a.Compare(b), true
		}
	}
	return 0, false
}

func contains(list []Value, v Value) bool {
	for _, element := range list {
		if equal(element, v) {
			return true
		}
	}
	return false
}
