package sdk

import (
	"encoding/json"
	"slices"
	"strconv"
	"strings"
)

// The values of the appointment effect.
const (
	AppointmentRequired    = "required"
	AppointmentRecommended = "recommended"
)

// NationalCalendar in a term leaves the local holidays out.
const NationalCalendar = "national"

// lowestPriority is the class of a practice to which no rule gives one.
const lowestPriority = "P3"

// Merge joins the effects of the rules that hold into one decision: the
// department's own in the order of the definition, then those of the town. It
// is the only place where rules meet.
//
//	to, silence             the first rule wins
//	deadline, its words     the first rule that has one of them wins
//	priority                the lowest number; P3 if none
//	appointment             required wins
//	slot                    the largest of all values and of the typical minutes,
//	                        then capped by the smallest slot_max
//	block, home_visit       one is enough; a block does not change the destination
//	lists                   joined in order, without repeats
//	set                     the first rule wins on a key
func Merge(in *Intake, own, global []Fired, computed []Computed) Decision {
	p := in.practice
	m := merger{in: in, d: Decision{
		Priority:    lowestPriority,
		SlotMinutes: p.def.Handling.TypicalMinutes,
		Silence:     p.def.Silence,
		Deadline:    p.termFor(in),
		Fired:       slices.Concat(own, global),
		Computed:    computed,
	}}
	for _, f := range m.d.Fired {
		m.add(f)
	}
	if m.d.To == "" {
		m.d.To = p.route
	}
	if m.slotMax > 0 {
		m.d.SlotMinutes = min(m.d.SlotMinutes, m.slotMax)
	}
	m.d.Documents = p.documentsOf(in)
	m.d.Fees = p.feesOf(in, m.fees)
	m.d.Milestones = p.milestonesOf(in, m.d.Deadline)
	return m.d
}

// merger carries what is known while the rules are read in order.
type merger struct {
	in       *Intake
	d        Decision
	slotMax  int
	fees     []string
	silenced bool
	termed   bool
}

func (m *merger) add(f Fired) {
	e := f.Effect
	m.addDestination(f)
	if e.Priority != "" {
		m.d.Priority = min(m.d.Priority, e.Priority)
	}
	if e.Appointment != "" && m.d.Appointment != AppointmentRequired {
		m.d.Appointment = e.Appointment
	}
	m.d.SlotMinutes = max(m.d.SlotMinutes, e.SlotMinutes)
	if e.SlotMax > 0 && (m.slotMax == 0 || e.SlotMax < m.slotMax) {
		m.slotMax = e.SlotMax
	}
	for _, id := range e.ExtraDocuments {
		m.addDocument(id)
	}
	if e.Block != nil {
		m.d.Blocks = append(m.d.Blocks, Advice{f.RuleID, f.Words, *e.Block, e.To, m.basisOf(f)})
	}
	m.d.HomeVisit = m.d.HomeVisit || e.HomeVisit
	if e.Fee != "" {
		m.fees = append(m.fees, e.Fee)
	}
	if e.Hint != nil && !slices.Contains(m.d.Hints, *e.Hint) {
		m.d.Hints = append(m.d.Hints, *e.Hint)
	}
	if e.Notify != "" && !slices.Contains(m.d.Notify, e.Notify) {
		m.d.Notify = append(m.d.Notify, e.Notify)
	}
	m.addSet(e.Set)
	if e.Silence != "" && !m.silenced {
		m.d.Silence, m.silenced = e.Silence, true
	}
	if (e.Deadline != "" || e.DeadlineWords != nil) && !m.termed {
		m.setDeadline(e)
		m.termed = true
	}
}

// addDestination takes the first destination; the words of who would send
// elsewhere are kept.
func (m *merger) addDestination(f Fired) {
	to := f.Effect.To
	switch {
	case to == "":
	case m.d.To == "":
		m.d.To = to
	case m.d.To != to:
		m.d.Alternatives = append(m.d.Alternatives, Advice{RuleID: f.RuleID, Words: f.Words, To: to, LegalBasis: m.basisOf(f)})
	}
}

// basisOf is the law behind a rule: its own, else that of the practice.
func (m *merger) basisOf(f Fired) []string {
	if len(f.LegalBasis) > 0 {
		return f.LegalBasis
	}
	return m.in.practice.def.LegalBasis
}

func (m *merger) addDocument(id string) {
	same := func(d Document) bool { return d.ID == id }
	if slices.ContainsFunc(m.d.ExtraDocuments, same) {
		return
	}
	paper, ok := m.in.practice.papers[id]
	if !ok { // a rule in Go may ask for a paper that nobody described
		paper = Document{ID: id, Label: Text{id, id}}
	}
	m.d.ExtraDocuments = append(m.d.ExtraDocuments, Document{ID: id, Label: paper.Label})
}

// addSet reads "key=value"; "@name" copies the answer of that field, and does
// nothing if there is none.
func (m *merger) addSet(set string) {
	key, value, ok := strings.Cut(set, "=")
	if !ok {
		return
	}
	if name, isField := strings.CutPrefix(value, "@"); isField {
		raw, answered := m.in.clean[name]
		if !answered {
			return
		}
		value = plainText(raw)
	}
	if _, taken := m.d.Set[key]; taken {
		return
	}
	if m.d.Set == nil {
		m.d.Set = map[string]string{}
	}
	m.d.Set[key] = value
}

// plainText is a JSON text without its quotes, any other value as it is.
func plainText(raw json.RawMessage) string {
	var text string
	if err := json.Unmarshal(raw, &text); err == nil {
		return text
	}
	return string(raw)
}

// setDeadline changes amount and unit; the note told about the term replaced,
// so it goes. Words are only shown. Definitions were kept whose deadline is words
// in one language: these stand for both.
func (m *merger) setDeadline(e Effect) {
	amount, unit, ok := ParseDeadline(e.Deadline)
	switch {
	case ok:
		m.d.Deadline.Amount, m.d.Deadline.Unit, m.d.Deadline.Note = amount, unit, Text{}
	case e.Deadline != "":
		m.d.DeadlineWords = Text{e.Deadline, e.Deadline}
	}
	if e.DeadlineWords != nil {
		m.d.DeadlineWords = *e.DeadlineWords
	}
}

// ParseDeadline reads "N working days", "N calendar days" or "N months"; ok is
// false for any other words.
func ParseDeadline(words string) (amount int, unit TermUnit, ok bool) {
	number, rest, found := strings.Cut(words, " ")
	if !found || !allDigits(number) || len(number) > 4 {
		return 0, "", false
	}
	amount, err := strconv.Atoi(number)
	if err != nil {
		return 0, "", false
	}
	switch rest {
	case "working days":
		return amount, WorkingDays, true
	case "calendar days":
		return amount, CalendarDays, true
	case "months":
		return amount, Months, true
	}
	return 0, "", false
}

// documentsOf are the papers needed, in form order.
func (p *CompiledPractice) documentsOf(in *Intake) []Document {
	needed := []Document{}
	for i, d := range p.def.Form.Documents {
		if d.Required == RequiredAlways || d.Required == RequiredConditional && p.documents[i].True(in) {
			needed = append(needed, d)
		}
	}
	return needed
}

// feesOf are the lines that apply, in the order of the catalogue. A line that
// excludes the others counts only by its own condition; one that is not in force
// today does not count.
func (p *CompiledPractice) feesOf(in *Intake, named []string) []Fee {
	lines := []Fee{}
	for i, f := range p.def.Fees {
		if !f.InForce(in.today) {
			continue
		}
		if p.fees[i].True(in) || !f.Exclusive && slices.Contains(named, f.Code) {
			lines = append(lines, f)
		}
	}
	return lines
}

// repeats reports whether the milestone is a term by another name.
func (m *Milestone) repeats(t Term) bool {
	return m.Amount == t.Amount && m.Unit == t.Unit && m.From == t.From
}

// termFor is the term of a request: that of the card; or, where a milestone that repeats it is
// only for other requests, that of the first milestone that is for this one.
func (p *CompiledPractice) termFor(in *Intake) Term {
	card := p.def.Deadline
	var first *Milestone
	elsewhere := false
	for i := range p.def.Milestones {
		m := &p.def.Milestones[i]
		holds := p.milestones[i].True(in)
		switch {
		case m.repeats(card) && holds:
			return card
		case m.repeats(card):
			elsewhere = true
		case holds && first == nil && m.Unit != Hours:
			first = m
		}
	}
	if !elsewhere || first == nil {
		return card
	}
	return Term{Amount: first.Amount, Unit: first.Unit, From: first.From, Calendar: card.Calendar, Note: first.Note}
}

// milestonesOf are the clocks that exist. One that repeats the deadline follows
// a rule that changes the deadline.
func (p *CompiledPractice) milestonesOf(in *Intake, term Term) []Milestone {
	var clocks []Milestone
	own := p.termFor(in)
	for i, m := range p.def.Milestones {
		if !p.milestones[i].True(in) {
			continue
		}
		if m.repeats(own) {
			m.Amount, m.Unit = term.Amount, term.Unit
		}
		clocks = append(clocks, m)
	}
	return clocks
}
