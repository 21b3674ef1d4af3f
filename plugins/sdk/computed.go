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

// Deadlines is the computation "deadline": the last day of the term and of every
// milestone whose start is known, and of those that follow them; for a wait, the first day
// on which the act may come. What the request itself starts counts from today, other
// events from the day in the form ([Practice].Starts); a clock whose day is not known is left
// out, as it is when the request is filed. What is done on the spot has no last day.
// Who follows the case derives the real dates from what happens.
func Deadlines(in *Intake, _ Parameters) ([]Computed, error) {
	return in.lastDays(), nil
}

func (in *Intake) lastDays() []Computed {
	p := in.practice
	own := p.termFor(in)
	calendar := in.calendar
	if own.Calendar == NationalCalendar {
		calendar = calendar.National()
	}
	term := Milestone{Amount: own.Amount, Unit: own.Unit, From: own.From}
	label := Text{"Ultimo giorno del termine", "Last day of the term"}
	var repeats []string
	var others []Milestone
	for i, m := range p.def.Milestones {
		switch {
		case !p.milestones[i].True(in):
		case !m.repeats(own):
			others = append(others, m)
		default: // it is the term itself
			repeats = append(repeats, m.ID)
			if m.Wait { // in which nothing is due
				term.Wait, label = true, milestoneLabel(m)
			}
		}
	}
	ends := map[string]calc.Date{}
	var results []Computed
	add := func(calendar calc.Calendar, m Milestone, label Text) {
		start, _, known := in.Started(m.From)
		if m.After != "" {
			start, known = ends[m.After]
		}
		if !known || m.Amount <= 0 || m.Unit == Hours {
			return
		}
		last := lastDay(start, calendar, m)
		if last.Year > 9999 { // it cannot be written as a date: the start was no real day
			return
		}
		ends[m.ID] = last
		results = append(results, ComputedDate(label, last, fmt.Sprintf("%s + %d %s", start, m.Amount, m.Unit)))
	}
	add(calendar, term, label)
	if last, known := ends[term.ID]; known {
		for _, id := range repeats {
			ends[id] = last
		}
	}
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

// lastDay is the end of a clock.
func lastDay(start calc.Date, calendar calc.Calendar, m Milestone) calc.Date {
	if m.Wait {
		return endOfWait(start, calendar, m)
	}
	return calendar.LastUsefulDay(start, m.Amount, calc.Unit(m.Unit))
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
