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
	p := in.practice
	card := p.def.Deadline
	calendar := in.calendar
	if card.Calendar == NationalCalendar {
		calendar = calendar.National()
	}
	results := []Computed{lastDay(in, calendar, Text{"Ultimo giorno del termine", "Last day of the term"}, card.Amount, card.Unit)}
	for i, m := range p.def.Milestones {
		repeats := m.Amount == card.Amount && m.Unit == card.Unit
		if repeats || m.From != card.From || m.Unit == Hours || !p.milestones[i].True(in) {
			continue
		}
		label := Text{"Ultimo giorno: " + m.Label.IT, "Last day: " + m.Label.EN}
		results = append(results, lastDay(in, in.calendar, label, m.Amount, m.Unit))
	}
	return results, nil
}

func lastDay(in *Intake, calendar calc.Calendar, label Text, amount int, unit TermUnit) Computed {
	last := calendar.LastUsefulDay(in.today, amount, calc.Unit(unit))
	return ComputedDate(label, last, fmt.Sprintf("%s + %d %s", in.today, amount, unit))
}
