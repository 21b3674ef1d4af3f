package clocks

import (
	"fmt"

	"github.com/spazio-in-comune/sportello/internal/town"
	"github.com/spazio-in-comune/sportello/plugins/sdk"
)

// Change is what one entry did to the last day of a term.
type Change struct {
	// From and To are nil where nobody can tell the day.
	From, To *town.Date
	// HappenedOn is the day of the event, RecordedOn that on which it was written down.
	HappenedOn, RecordedOn town.Date
	Article                string
}

// ExplainChange says in words that a citizen understands how the last day moved, and that
// the event was recorded late if it was.
func ExplainChange(c Change) sdk.Text {
	return sdk.Text{IT: italian().change(c), EN: english().change(c)}
}

func (l language) change(c Change) string {
	var text string
	if c.RecordedOn.After(c.HappenedOn) {
		text = fmt.Sprintf(l.recordedLate, l.date(c.HappenedOn), l.date(c.RecordedOn)) + " "
	}
	because := ""
	if c.Article != "" {
		because = " (" + c.Article + ")"
	}
	switch {
	case c.From == nil && c.To == nil, c.From != nil && c.To != nil && *c.From == *c.To:
		text += l.unmoved
	case c.To == nil:
		text += fmt.Sprintf(l.nowUnknown, l.date(*c.From))
	case c.From == nil:
		text += fmt.Sprintf(l.nowKnown, l.date(*c.To))
	default:
		text += fmt.Sprintf(l.movedTo, l.date(*c.From), l.date(*c.To))
	}
	text = text + because + "."
	if c.RecordedOn.After(c.HappenedOn) {
		return text
	}
	return l.capital(text)
}
