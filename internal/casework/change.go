package casework

import (
	"github.com/spazio-in-comune/sportello/ent"
	"github.com/spazio-in-comune/sportello/internal/clocks"
	"github.com/spazio-in-comune/sportello/internal/town"
	"github.com/spazio-in-comune/sportello/plugins/sdk"
	"github.com/spazio-in-comune/sportello/plugins/sdk/calc"
)

// TermChange is what a line of a timeline did to the term of the case.
type TermChange struct {
	// From and To are the last day before and after; nil where nobody could tell it.
	From, To *town.Date
	// HappenedOn is the day of the event, which may be before the line was written.
	HappenedOn town.Date
	// Article is the rule of law; empty where none is needed.
	Article string
	// Words say it to the citizen.
	Words sdk.Text
}

// ChangeOf is what a line did to the term; nil for nothing.
func ChangeOf(e *ent.CaseEntry) *TermChange {
	happened, err := calc.ParseDate(e.Data[dataHappened])
	if err != nil || e.Data[dataClockFx] == "" {
		return nil
	}
	c := &TermChange{HappenedOn: happened, Article: e.Data[dataArticle], From: dayOf(e.Data[dataDueFrom]), To: dayOf(e.Data[dataDueTo])}
	c.Words = clocks.ExplainChange(clocks.Change{
		From: c.From, To: c.To, HappenedOn: happened, RecordedOn: town.Today(e.At), Article: c.Article,
	})
	return c
}

func dayOf(text string) *town.Date {
	d, err := calc.ParseDate(text)
	if err != nil {
		return nil
	}
	return &d
}
