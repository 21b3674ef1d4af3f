package sdk

import (
	"fmt"
	"strings"
)

// CardSection is one text of a service card.
type CardSection struct {
	// Name is one of the Section constants.
	Name string
	// Heading is the title of the model, such as "Come fare".
	Heading Text
	// Text has a line for each item of a list.
	Text Text
	// Compulsory sections are those of the conformity criteria.
	Compulsory bool
}

// The sections of a card. The compulsory ones stand first, in the order that the
// national model tests; the reason of the status is compulsory where the status
// is not active.
const (
	SectionCategory     = "category"
	SectionTitle        = "title"
	SectionStatus       = "status"
	SectionStatusReason = "status_reason"
	SectionSummary      = "summary"
	SectionForWhom      = "for_whom"
	SectionHowTo        = "how_to"
	SectionNeeds        = "needs"
	SectionOutcome      = "outcome"
	SectionTimes        = "times"
	SectionAccess       = "access"
	SectionConditions   = "conditions"
	SectionContacts     = "contacts"
	SectionUnit         = "unit"
	SectionTopics       = "topics"

	SectionCosts       = "costs"
	SectionOnline      = "online"
	SectionConstraints = "constraints"
	SectionLinked      = "linked"
	SectionLegalBasis  = "legal_basis"
	SectionUpdated     = "updated"
)

// sections writes the texts of the card.
func (c *ServiceCard) sections(p *Practice, around CardContext) []CardSection {
	compulsory := []CardSection{
		{SectionCategory, Text{"Categoria", "Category"}, c.Category.Title, true},
		{SectionTitle, Text{"Titolo", "Title"}, p.Title, true},
		{SectionStatus, Text{"Stato", "Status"}, c.Status.Words(), true},
		{SectionStatusReason, Text{"Motivo dello stato", "Reason for the status"}, c.StatusReason, true},
		{SectionSummary, Text{"Descrizione breve", "Short description"}, p.Summary, true},
		{SectionForWhom, Text{"A chi è rivolto", "Who it is for"}, p.ForWhom.sentence(), true},
		{SectionHowTo, Text{"Come fare", "How to do it"}, c.howTo(p), true},
		{SectionNeeds, Text{"Cosa serve", "What you need"}, c.needs(), true},
		{SectionOutcome, Text{"Cosa si ottiene", "What you get"}, p.Outcome.sentence(), true},
		{SectionTimes, Text{"Tempi e scadenze", "Times and deadlines"}, c.times(), true},
		{SectionAccess, Text{"Accedi al servizio", "Access the service"}, c.access(), true},
		{SectionConditions, Text{"Condizioni di servizio", "Conditions of service"}, joinTexts("\n", p.Conditions, around.Town.Conditions), true},
		{SectionContacts, Text{"Contatti", "Contacts"}, c.Unit.Contacts.Words(), true},
		{SectionUnit, Text{"Unità organizzativa responsabile", "Responsible office"}, c.Unit.Label, true},
		{SectionTopics, Text{"Argomenti", "Topics"}, joinTexts(", ", c.Topics...), true},
	}
	if c.Status == StatusActive {
		compulsory = append(compulsory[:3], compulsory[4:]...)
	}
	optional := []CardSection{
		{Name: SectionCosts, Heading: Text{"Costi", "Costs"}, Text: lines(c.Costs)},
		{Name: SectionOnline, Heading: Text{"Canale digitale", "Digital channel"}, Text: c.Online.Words()},
		{Name: SectionConstraints, Heading: Text{"Vincoli", "Constraints"}, Text: joinTexts("\n", c.Constraints...)},
		{Name: SectionLinked, Heading: Text{"Procedure collegate all'esito", "Procedures linked to the outcome"}, Text: titles(c.Linked, around.Title)},
		{Name: SectionLegalBasis, Heading: Text{"Riferimenti normativi", "Legal basis"}, Text: quoted(c.LegalBasis)},
		{Name: SectionUpdated, Heading: Text{"Ultimo aggiornamento", "Last update"}, Text: Text{c.Updated, c.Updated}},
	}
	for _, s := range optional {
		if !s.Text.isEmpty() {
			compulsory = append(compulsory, s)
		}
	}
	return compulsory
}

// Words says the status.
func (s Status) Words() Text {
	switch s.OrActive() {
	case StatusActive:
		return Text{"Servizio attivo", "Service active"}
	case StatusInactive:
		return Text{"Servizio non attivo", "Service not active"}
	default:
		return Text{"Servizio in fase di sviluppo", "Service under development"}
	}
}

// Words says whether and how one may file from home.
func (o Online) Words() Text {
	if !o.Possible {
		return Text{}
	}
	if o.MinLoA == "" {
		return Text{"Si può fare online.", "It can be done online."}
	}
	level := strings.TrimPrefix(o.MinLoA, "L")
	return Text{
		"Si può fare online, con SPID o CIE di livello " + level + ".",
		"It can be done online, with SPID or CIE of level " + level + ".",
	}
}

// Words lists the contacts and says if they wait for confirmation.
func (c Contacts) Words() Text {
	var it, en []string
	add := func(name Text, value string) {
		if value != "" {
			it, en = append(it, name.IT+": "+value), append(en, name.EN+": "+value)
		}
	}
	add(Text{"Telefono", "Telephone"}, c.Phone)
	add(Text{"Posta elettronica", "E-mail"}, c.Email)
	add(Text{"PEC", "Certified e-mail (PEC)"}, c.PEC)
	add(Text{"Sito", "Website"}, c.Web)
	if c.ToVerify && len(it) > 0 {
		it, en = append(it, "Recapiti di esempio, da confermare"), append(en, "Example contacts, to be confirmed")
	}
	return Text{strings.Join(it, "\n"), strings.Join(en, "\n")}
}

func (c *ServiceCard) howTo(p *Practice) Text {
	steps := []Text{c.Online.Words(), c.inPerson()}
	if p.Handling.TypicalMinutes > 0 {
		steps = append(steps, Text{
			fmt.Sprintf("Allo sportello di solito bastano %d minuti.", p.Handling.TypicalMinutes),
			fmt.Sprintf("At the counter %d minutes are usually enough.", p.Handling.TypicalMinutes),
		})
	}
	return joinTexts(" ", steps...)
}

// inPerson says what to do at the town hall.
func (c *ServiceCard) inPerson() Text {
	number := Text{"Di persona, prendi un numero", "In person, take a number"}
	if c.Series != "" {
		number = Text{number.IT + " della serie " + c.Series, number.EN + " of series " + c.Series}
	}
	if c.Unit.Label.isEmpty() {
		return Text{number.IT + ".", number.EN + "."}
	}
	return Text{number.IT + ": " + c.Unit.Label.IT + ".", number.EN + ": " + c.Unit.Label.EN + "."}
}

func (c *ServiceCard) needs() Text {
	if len(c.Needs) == 0 {
		return Text{"Nessun documento.", "No documents."}
	}
	return lines(c.Needs)
}

func (c *ServiceCard) times() Text {
	term := c.MaxTerm.Words()
	text := Text{"Tempo massimo di risposta: " + term.IT, "Maximum answer time: " + term.EN}
	return joinTexts("\n", text, c.MaxTerm.Note, lines(c.Milestones), c.Silence)
}

func (c *ServiceCard) access() Text {
	return joinTexts("\n", c.Unit.Label, c.Unit.Place, c.Online.Words())
}

func lines(items []CardItem) Text {
	texts := make([]Text, len(items))
	for i, item := range items {
		texts[i] = item.Words()
	}
	return joinTexts("\n", texts...)
}

func titles(practices []string, title func(string) (Text, bool)) Text {
	if title == nil {
		return Text{}
	}
	var texts []Text
	for _, id := range practices {
		if words, ok := title(id); ok {
			texts = append(texts, words)
		}
	}
	return joinTexts("\n", texts...)
}

// quoted is a list of laws, which keep their Italian names.
func quoted(laws []string) Text {
	all := strings.Join(laws, "; ")
	return Text{all, all}
}

// CostWords says in a line what it costs: each fee with its amount; lines that
// depend on the case are told so.
func (c *ServiceCard) CostWords() Text {
	free := true
	texts := make([]Text, len(c.Costs))
	for i, item := range c.Costs {
		free = free && item.Detail == Text{"gratuito", "free"}
		texts[i] = joinTexts(": ", item.Label, item.Detail)
		if !item.Condition.isEmpty() {
			texts[i] = joinTexts(" ", texts[i], Text{"(secondo il caso)", "(depending on the case)"})
		}
	}
	if free {
		return Text{"gratuito", "free"}
	}
	return joinTexts("; ", texts...)
}
