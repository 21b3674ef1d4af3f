package clocks

import (
	"fmt"
	"strings"

	"github.com/spazio-in-comune/sportello/internal/town"
	"github.com/spazio-in-comune/sportello/plugins/sdk"
	"github.com/spazio-in-comune/sportello/plugins/sdk/calc"
)

// Explain says in words that a citizen understands why a term ends on its day.
// It fails where [Derive] does.
func Explain(c Clock, ledger []Entry, calendar calc.Calendar) (sdk.Text, error) {
	d, err := Derive(c, ledger, calendar)
	if err != nil {
		return sdk.Text{}, err
	}
	return sdk.Text{IT: italian().explain(c, d), EN: english().explain(c, d)}, nil
}

// ExplainNext says which term runs when another one ends, and until when; due is zero while
// nobody can tell.
func ExplainNext(label sdk.Text, c Clock, due town.Date) sdk.Text {
	return sdk.Text{IT: italian().nextTerm(label.IT, c, due), EN: english().nextTerm(label.EN, c, due)}
}

func (l language) nextTerm(label string, c Clock, due town.Date) string {
	if due.IsZero() {
		return fmt.Sprintf(l.next, label, l.length(c.Amount, c.Unit))
	}
	return fmt.Sprintf(l.nextDue, label, l.length(c.Amount, c.Unit), l.date(due))
}

// Event is what is known of the event from which a term counts.
type Event int

// What may be known: its day; or that it is awaited, until somebody records it or by itself.
const (
	EventKnown Event = iota
	EventAwaited
	EventItself
)

// ExplainEvent says from which event a term counts, or with which it will start.
func ExplainEvent(e Event, words sdk.Text) sdk.Text {
	return sdk.Text{IT: fmt.Sprintf(italian().events[e], words.IT), EN: fmt.Sprintf(english().events[e], words.EN)}
}

func (l language) explain(c Clock, d Derived) string {
	if d.State == town.ClockPending {
		return fmt.Sprintf(l.pending, l.length(c.Amount, c.Unit))
	}
	var sentences []string
	for _, s := range d.trace {
		sentences = append(sentences, l.step(c, s))
	}
	return strings.Join(append(sentences, l.end(c, d)), " ")
}

// step is the sentence of one entry.
func (l language) step(c Clock, s step) string {
	day, rest := l.date(s.entry.OnDay), l.length(s.left, inDays(c.Unit))
	switch s.entry.Effect {
	case town.ClockStart:
		if c.Unit == Hours { // from moment to moment, without a first day
			return fmt.Sprintf(l.startedAt, day, l.length(c.Amount, c.Unit))
		}
		return fmt.Sprintf(l.started, day, l.length(c.Amount, c.Unit))
	case town.ClockRestart:
		return fmt.Sprintf(l.restarted, day, why(s.entry))
	case town.ClockShiftStart:
		return fmt.Sprintf(l.shifted, day, why(s.entry))
	case town.ClockSuspend:
		text := fmt.Sprintf(l.suspended, day, why(s.entry), l.length(s.used, inDays(c.Unit)), rest)
		if !s.resumesOn.IsZero() {
			text += " " + fmt.Sprintf(l.atMost, l.date(s.resumesOn))
		}
		return text
	case town.ClockResume:
		if s.itself {
			return fmt.Sprintf(l.resumedByItself, day, rest)
		}
		return fmt.Sprintf(l.resumed, day, rest)
	case town.ClockExtend:
		return fmt.Sprintf(l.extended, day, l.length(s.entry.Days, inDays(c.Unit)), why(s.entry))
	default:
		return fmt.Sprintf(l.stopped, day)
	}
}

// end is the last sentence: the day, and from where it moved.
func (l language) end(c Clock, d Derived) string {
	switch {
	case d.DueOn.IsZero():
		return l.unknown
	case d.State == town.ClockStopped:
		return fmt.Sprintf(l.was, l.date(d.DueOn))
	case c.Unit == Hours:
		return fmt.Sprintf(l.dueHour, l.date(d.DueOn), d.DueAt.In(calc.Rome()).Format("15:04"))
	case c.Wait:
		return fmt.Sprintf(l.wait, l.date(d.DueOn))
	case d.nominal != d.DueOn:
		return fmt.Sprintf(l.moved, l.date(d.nominal), l.date(d.DueOn))
	default:
		return fmt.Sprintf(l.due, l.date(d.DueOn))
	}
}

// inDays is the unit of what is used and left: months are counted as the days
// that they have.
func inDays(u calc.Unit) calc.Unit {
	if u == calc.Months {
		return calc.CalendarDays
	}
	return u
}

// why is the reason of an entry, in brackets.
func why(e Entry) string {
	words := e.Article
	if words == "" {
		words = e.Ground
	}
	if words == "" {
		return ""
	}
	return " (" + words + ")"
}
