package sdk

import (
	"fmt"

	"github.com/shopspring/decimal"

	"github.com/spazio-in-comune/sportello/plugins/sdk/calc"
)

// The kinds of a computed value.
const (
	KindMoney  = "money"
	KindDate   = "date"
	KindNumber = "number"
	KindText   = "text"
)

// ComputedMoney is an amount in euro, rounded to the cent.
func ComputedMoney(label Text, amount decimal.Decimal, working string) Computed {
	return Computed{Label: label, Value: calc.Cents(amount).StringFixed(2), Kind: KindMoney, Working: working}
}

// ComputedDate is a civil date.
func ComputedDate(label Text, date calc.Date, working string) Computed {
	return Computed{Label: label, Value: date.String(), Kind: KindDate, Working: working}
}

// ComputedNumber is a number that is no amount.
func ComputedNumber(label Text, number decimal.Decimal, working string) Computed {
	return Computed{Label: label, Value: number.String(), Kind: KindNumber, Working: working}
}

// ComputedText is a result in words or codes.
func ComputedText(label Text, text, working string) Computed {
	return Computed{Label: label, Value: text, Kind: KindText, Working: working}
}

// Deadlines is the computation "deadline": the last day of the term on the card
// and of every milestone that starts with it, if the clock starts today. Who
// follows the case derives the real dates from what happens.
func Deadlines(in *Intake, _ Parameters) ([]Computed, error) {
	return lastDays(in, in.today), nil
}

// DeadlinesFrom is [Deadlines] where the clock started on a day that the form
// asks, such as the service of an act; without that day there is no term.
func DeadlinesFrom(field string) Computation {
	return func(in *Intake, _ Parameters) ([]Computed, error) {
		start, ok := in.Date(field)
		if !ok {
			return nil, nil
		}
		return lastDays(in, start), nil
	}
}

func lastDays(in *Intake, start calc.Date) []Computed {
	p := in.practice
	card := p.def.Deadline
	calendar := in.calendar
	if card.Calendar == NationalCalendar {
		calendar = calendar.National()
	}
	results := []Computed{lastDay(start, calendar, Text{"Ultimo giorno del termine", "Last day of the term"}, card.Amount, card.Unit)}
	for i, m := range p.def.Milestones {
		repeats := m.Amount == card.Amount && m.Unit == card.Unit
		if repeats || m.From != card.From || m.Unit == Hours || !p.milestones[i].True(in) {
			continue
		}
		label := Text{"Ultimo giorno: " + m.Label.IT, "Last day: " + m.Label.EN}
		results = append(results, lastDay(start, in.calendar, label, m.Amount, m.Unit))
	}
	return results
}

func lastDay(start calc.Date, calendar calc.Calendar, label Text, amount int, unit TermUnit) Computed {
	last := calendar.LastUsefulDay(start, amount, calc.Unit(unit))
	return ComputedDate(label, last, fmt.Sprintf("%s + %d %s", start, amount, unit))
}
