package ladder

import (
	"github.com/spazio-in-comune/sportello/internal/town"
	"github.com/spazio-in-comune/sportello/plugins/sdk/calc"
)

// Purpose says what a term is for.
type Purpose string

// The purposes.
const (
	ToAcknowledge Purpose = "ACKNOWLEDGE" // say that somebody has it; for level 5, who
	ToAnswer      Purpose = "ANSWER"      // answer or pass on
	ToTakeUp      Purpose = "TAKE_UP"     // the citizen takes up an offer
	ToObject      Purpose = "OBJECT"      // the citizen goes up after an answer
	ToReport      Purpose = "REPORT"      // an office reports to the holder
)

// Term is one figure: how long, in which days, since when, and who says so.
type Term struct {
	// Step is the rung; empty for all.
	Step    town.EscalationStep
	Purpose Purpose
	Amount  int
	Unit    calc.Unit
	// From and To are the days between which it holds, both included; zero is open.
	From, To town.Date
	// Source is the rule or the custom that it stands on.
	Source string
}

// Terms is a table of dated figures. A later line goes before an earlier one.
type Terms []Term

// The rules of law on which the routes stand.
const (
	ArticleSubstitute   = "L. 241/1990 art. 2 c. 9-ter"
	ArticleAccessReview = "D.Lgs. 33/2013 art. 5 c. 7"
)

// Half is the term of whoever concludes in the place of an office: half of the original
// one, an uneven day counted whole.
func Half(amount int, unit calc.Unit) Term {
	return Term{Step: town.StepSubstitute, Purpose: ToAnswer, Amount: (amount + 1) / 2, Unit: unit, Source: ArticleSubstitute}
}

// StandardTerms are the figures to start from; the town sets its own by adding
// lines with their dates. That of the substitute power depends on the case: see [Half].
func StandardTerms() Terms {
	const custom = "default of the house, to be set by the town"
	return Terms{
		{Purpose: ToAcknowledge, Amount: 1, Unit: calc.WorkingDays, Source: custom},
		{Purpose: ToTakeUp, Amount: 10, Unit: calc.CalendarDays, Source: custom},
		{Purpose: ToObject, Amount: 10, Unit: calc.CalendarDays, Source: custom},
		{Purpose: ToReport, Amount: 3, Unit: calc.WorkingDays, Source: custom},
		{Step: town.StepAccessReview, Purpose: ToAnswer, Amount: 20, Unit: calc.CalendarDays, Source: ArticleAccessReview},
		{Step: town.StepSignal, Purpose: ToAnswer, Amount: 5, Unit: calc.WorkingDays, Source: custom},
		{Step: town.StepHelpPoint, Purpose: ToAnswer, Amount: 5, Unit: calc.WorkingDays, Source: custom},
		{Step: town.StepSectorHead, Purpose: ToAnswer, Amount: 30, Unit: calc.CalendarDays, Source: "common rule of municipal complaint procedures"},
		{Step: town.StepMayor, Purpose: ToAcknowledge, Amount: 5, Unit: calc.CalendarDays, Source: "pattern of municipal statutes: a request to the mayor is routed within 5 days"},
		{Step: town.StepMayor, Purpose: ToAnswer, Amount: 30, Unit: calc.CalendarDays, Source: "pattern of municipal statutes: a written answer within 30 days"},
	}
}

// On is the term for the purpose of a step that begins on the day; false if the
// table has none.
func (t Terms) On(s town.EscalationStep, p Purpose, day town.Date) (Term, bool) {
	var found Term
	ok := false
	for _, line := range t {
		if line.Purpose != p || line.Step != "" && line.Step != s || !line.holds(day) {
			continue
		}
		if ok && found.Step != "" && line.Step == "" { // a figure of the step goes before the general one
			continue
		}
		found, ok = line, true
	}
	return found, ok
}

func (t Term) holds(day town.Date) bool {
	return (t.From.IsZero() || !day.Before(t.From)) && (t.To.IsZero() || !day.After(t.To))
}

// LastDay is the last useful day of the term for the purpose of a step that begins
// on the day; the zero date if there is no such term.
func (t Terms) LastDay(s town.EscalationStep, p Purpose, day town.Date, calendar calc.Calendar) town.Date {
	term, ok := t.On(s, p, day)
	if !ok {
		return town.Date{}
	}
	return calendar.LastUsefulDay(day, term.Amount, term.Unit)
}
