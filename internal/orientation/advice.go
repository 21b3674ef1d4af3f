package orientation

import (
	"github.com/spazio-in-comune/sportello/plugins/sdk"
	"github.com/spazio-in-comune/sportello/plugins/sdk/calc"
)

// Hit is one answer of the information point: a practice that may be meant, and
// what a person needs to know to come with it.
type Hit struct {
	Service  *sdk.Service
	Practice *sdk.Practice
	// Card has the office with its place, the papers, the costs, the channels.
	Card *sdk.ServiceCard
	// Cost and Time are said in a line.
	Cost, Time sdk.Text
	// NextStep is what to do now, in a sentence.
	NextStep sdk.Text
	// Score orders the hits of one question; it means nothing between questions.
	Score float64
	// Matches say why it was found, in the order of the question.
	Matches []Match
}

func (x *index) hit(r ranked, town *sdk.Town, today calc.Date) Hit {
	e := x.entries[r.practice]
	card, _ := e.service.Card(e.practice.ID, sdk.CardContext{Town: town, Day: today})
	return Hit{
		Service: e.service, Practice: e.practice, Card: card,
		Cost: card.CostWords(), Time: e.practice.Deadline.Words(), NextStep: nextStep(e.practice, card),
		Score: r.score, Matches: r.matches,
	}
}

// nextStep says what to do now.
func nextStep(p *sdk.Practice, card *sdk.ServiceCard) sdk.Text {
	office := card.Unit.Label
	switch {
	case card.Status != sdk.StatusActive:
		return sdk.Text{
			IT: "Ora non si può chiedere: " + card.StatusReason.IT,
			EN: "It cannot be asked for now: " + card.StatusReason.EN,
		}
	case card.Unit.External:
		return sdk.Text{IT: "Rivolgiti a: " + office.IT + ".", EN: "Turn to: " + office.EN + "."}
	case alwaysBooked(p):
		return sdk.Text{
			IT: "Prenota un appuntamento: " + office.IT + ".",
			EN: "Book an appointment: " + office.EN + ".",
		}
	}
	number := sdk.Text{
		IT: "un numero della serie " + card.Series + ": " + office.IT + ".",
		EN: "a number of series " + card.Series + ": " + office.EN + ".",
	}
	if !card.Online.Possible {
		return sdk.Text{IT: "Prendi " + number.IT, EN: "Take " + number.EN}
	}
	return sdk.Text{
		IT: card.Online.Words().IT + " Oppure prendi " + number.IT,
		EN: card.Online.Words().EN + " Or take " + number.EN,
	}
}

// alwaysBooked reports a practice of which a rule without condition asks for an
// appointment.
func alwaysBooked(p *sdk.Practice) bool {
	for _, r := range p.Rules {
		if r.Effect.Appointment == "required" && (r.When == "" || r.When == "True") {
			return true
		}
	}
	return false
}
