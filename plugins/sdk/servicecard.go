package sdk

import (
	"strings"

	"github.com/spazio-in-comune/sportello/plugins/sdk/calc"
)

// ServiceCard is the card of a practice in the national model (Modello Comuni):
// what a citizen reads before coming. Every fact on it comes from the typed data
// of the definition and of the town; it is rendered when it is asked for, and
// nothing of it is kept.
//
// It lives in the SDK, so that whoever writes a department sees the card of each
// practice, and what is missing on it, with no platform beside it.
type ServiceCard struct {
	Category     Category
	Status       Status
	StatusReason Text
	// Needs are the papers of the form, each with its condition in words.
	Needs []CardItem
	// Costs are the fees in the same manner.
	Costs []CardItem
	// MaxTerm is the time within which the office answers at the latest.
	MaxTerm Term
	// Milestones are its further clocks.
	Milestones []CardItem
	// Silence says what it means when the term passes without an answer.
	Silence Text
	// Unit is the responsible office, with its place and contacts.
	Unit Destination
	// Series is the letter of the number to take at the counter.
	Series string
	// Online is the digital channel; its Possible is false where there is none.
	Online Online
	// Constraints are the cases in which a request is stopped (Vincoli).
	Constraints []Text
	// Linked are the ids of the practices to which the outcome may lead
	// (Procedure collegate all'esito).
	Linked     []string
	Topics     []Text
	LegalBasis []string
	// Updated is the civil date on which this definition came in; empty if that
	// is not known.
	Updated string
	// Sections are the texts: the compulsory ones in the order of the model, then
	// the optional ones for which there is something to say.
	Sections []CardSection
}

// CardItem is a line of a list with what goes with it.
type CardItem struct {
	Code  string
	Label Text
	// Condition says when the line applies; empty is always.
	Condition Text
	// Detail is the amount of a fee, the length of a term, or that a paper is not
	// compulsory.
	Detail Text
}

// Words is the line as it is read.
func (i CardItem) Words() Text {
	line := i.Label
	if !i.Detail.isEmpty() {
		line = joinTexts(": ", line, i.Detail)
	}
	switch {
	case i.Condition == someCases():
		line = joinTexts(", ", line, i.Condition)
	case !i.Condition.isEmpty():
		line = Text{line.IT + ", se " + i.Condition.IT, line.EN + ", if " + i.Condition.EN}
	}
	return line
}

// CardContext is what a card takes from outside its definition.
type CardContext struct {
	Town *Town
	// Title gives the title of another practice; nil, or false for one that is not
	// installed, leaves the link out of the texts.
	Title func(practice string) (Text, bool)
	// Updated is the civil date on which the definition came in, if it is known.
	Updated string
	// Day is the civil date on which the card is read: it shows the fees and the
	// figures in force then. The zero day shows all fees and the last figures.
	Day calc.Date
}

// Card renders the service card of a practice; false if the service has none of
// that id.
func (s *Service) Card(practice string, around CardContext) (*ServiceCard, bool) {
	p, ok := s.practices[practice]
	if !ok {
		return nil, false
	}
	if around.Town == nil {
		around.Town = &Town{}
	}
	category, known := CategoryOf(s.def.Category)
	if !known {
		category.Title = Text{s.def.Category, s.def.Category}
	}
	unit, known := around.Town.Destination(s.def.DefaultRoute)
	if !known {
		unit.ID = s.def.DefaultRoute
	}
	c := &ServiceCard{
		Category: category, Status: p.def.Status.OrActive(), StatusReason: p.def.StatusReason,
		Needs: p.cardNeeds(around.Day), Costs: p.cardCosts(around.Day), MaxTerm: p.def.Deadline, Milestones: p.cardMilestones(around.Day),
		Silence: SilenceWords(p.def.Silence), Unit: unit, Series: s.def.Series, Online: p.def.Online,
		Constraints: p.def.constraints(), Linked: p.def.linked(), Topics: s.def.Topics, LegalBasis: p.def.LegalBasis,
		Updated: around.Updated,
	}
	c.Sections = c.sections(p.def, around)
	return c, true
}

func (p *CompiledPractice) cardNeeds(day calc.Date) []CardItem {
	items := make([]CardItem, 0, len(p.def.Form.Documents))
	for _, d := range p.def.Form.Documents {
		item := CardItem{Code: d.ID, Label: d.Label, Condition: p.ConditionWords(d.When, day)}
		if d.Required == RequiredNever {
			item.Detail = Text{"facoltativo", "optional"}
		}
		items = append(items, item)
	}
	return items
}

func (p *CompiledPractice) cardCosts(day calc.Date) []CardItem {
	items := make([]CardItem, 0, len(p.def.Fees))
	for i := range p.def.Fees {
		f := &p.def.Fees[i]
		if day.IsZero() || f.InForce(day) {
			items = append(items, CardItem{f.Code, f.Label, p.ConditionWords(f.When, day), f.Words()})
		}
	}
	return items
}

func (p *CompiledPractice) cardMilestones(day calc.Date) []CardItem {
	items := make([]CardItem, 0, len(p.def.Milestones))
	for i := range p.def.Milestones {
		m := &p.def.Milestones[i]
		items = append(items, CardItem{m.ID, m.Label, p.ConditionWords(m.When, day), m.Words()})
	}
	return items
}

// SilenceWords says what silence of the office means; empty where it means
// nothing that a citizen must know.
func SilenceWords(silence string) Text {
	switch silence {
	case "consent":
		return Text{
			"Se il termine passa senza risposta, la richiesta è accolta (silenzio-assenso).",
			"If the term passes without an answer, the request is granted (silence is consent).",
		}
	case "refusal":
		return Text{
			"Se il termine passa senza risposta, la richiesta si intende respinta (silenzio-rifiuto) e si può fare ricorso.",
			"If the term passes without an answer, the request counts as refused (silence is refusal), and one may appeal.",
		}
	}
	return Text{}
}

// constraints are the words of the rules that stop a request.
func (p *Practice) constraints() []Text {
	var list []Text
	for _, r := range p.Rules {
		if r.Effect.Block != nil {
			list = append(list, r.Words)
		}
	}
	return list
}

// linked are the practices that rules set as the next one, each once.
func (p *Practice) linked() []string {
	var list []string
	for _, r := range p.Rules {
		key, value, _ := strings.Cut(r.Effect.Set, "=")
		if (key == "linked_practice" || key == "practice") && value != p.ID && !oneOf(value, list...) {
			list = append(list, value)
		}
	}
	return list
}

// Missing are the names of the compulsory fields that the card lacks in one of
// the languages, and "category" for one that is not of the vocabulary.
func (c *ServiceCard) Missing() []string {
	var names []string
	for _, s := range c.Sections {
		if s.Compulsory && needText(s.Name, s.Text) != nil || s.Name == SectionCategory && c.Category.Code == "" {
			names = append(names, s.Name)
		}
	}
	return names
}
