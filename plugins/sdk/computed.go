package sdk

import (
	"fmt"
	"slices"

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
// and of every milestone that starts with it, if the clock starts today; for a
// wait, the first day on which the act may come. What is done on the spot has no
// last day. Who follows the case derives the real dates from what happens.
func Deadlines(in *Intake, _ Parameters) ([]Computed, error) {
	return in.lastDays(withCard(in, in.today)), nil
}

// DeadlinesFrom is [Deadlines] where the clock started on a day that the form
// asks, such as the service of an act; without that day there is no term.
func DeadlinesFrom(field string) Computation {
	return func(in *Intake, _ Parameters) ([]Computed, error) {
		start, ok := in.Date(field)
		if !ok {
			return nil, nil
		}
		return in.lastDays(withCard(in, start)), nil
	}
}

// DeadlinesBy is [Deadlines] for a service whose forms ask the days of several
// events: fields gives, by event (see [ClockStarts]), the field with its day.
// Each clock runs from its own event, those of the request itself from today; a
// clock whose day is not known is left out.
func DeadlinesBy(fields map[string]string) Computation {
	return func(in *Intake, _ Parameters) ([]Computed, error) {
		return in.lastDays(func(event string) (calc.Date, bool) {
			if field, asked := fields[event]; asked {
				return in.Date(field)
			}
			return in.today, slices.Contains([]string{"counter", "declaration", "protocol", "request", "agreement"}, event)
		}), nil
	}
}

// started says on which day an event was; false if that is not known.
type started func(event string) (calc.Date, bool)

// withCard knows one day, for the event that starts the term on the card.
func withCard(in *Intake, day calc.Date) started {
	return func(event string) (calc.Date, bool) { return day, event == in.practice.def.Deadline.From }
}

func (in *Intake) lastDays(starts started) []Computed {
	p := in.practice
	card := p.def.Deadline
	calendar := in.calendar
	if card.Calendar == NationalCalendar {
		calendar = calendar.National()
	}
	var results []Computed
	add := func(calendar calc.Calendar, m Milestone, label Text) {
		start, known := starts(m.From)
		if !known || m.Amount <= 0 || m.Unit == Hours {
			return
		}
		if last, ok := lastDay(start, calendar, m, label); ok {
			results = append(results, last)
		}
	}
	term := Milestone{Amount: card.Amount, Unit: card.Unit, From: card.From}
	label := Text{"Ultimo giorno del termine", "Last day of the term"}
	var others []Milestone
	for i, m := range p.def.Milestones {
		switch {
		case !p.milestones[i].True(in):
		case m.Amount != card.Amount || m.Unit != card.Unit || m.From != card.From:
			others = append(others, m)
		case m.Wait: // it is the card's own term, in which nothing is due
			term.Wait, label = true, milestoneLabel(m)
		}
	}
	add(calendar, term, label)
	for _, m := range others {
		add(in.calendar, m, milestoneLabel(m))
	}
	return results
}

func milestoneLabel(m Milestone) Text {
	if m.Wait {
		return Text{m.Label.IT + ": non prima del", m.Label.EN + ": not before"}
	}
	return Text{"Ultimo giorno: " + m.Label.IT, "Last day: " + m.Label.EN}
}

// lastDay is the end of a clock; false beyond the year 9999, which cannot be written
// as a date: the start was no real day.
func lastDay(start calc.Date, calendar calc.Calendar, m Milestone, label Text) (Computed, bool) {
	last := calendar.LastUsefulDay(start, m.Amount, calc.Unit(m.Unit))
	if m.Wait {
		last = endOfWait(start, calendar, m)
	}
	return ComputedDate(label, last, fmt.Sprintf("%s + %d %s", start, m.Amount, m.Unit)), last.Year <= 9999
}

// endOfWait is the first day on which the act may come, holiday or not.
func endOfWait(start calc.Date, calendar calc.Calendar, m Milestone) calc.Date {
	switch m.Unit {
	case CalendarDays:
		return start.AddDays(m.Amount)
	case Months:
		return start.AddMonths(m.Amount)
	default:
		return calendar.AddWorkingDays(start, m.Amount)
	}
}
