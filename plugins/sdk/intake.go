package sdk

import (
	"encoding/json"
	"maps"
	"strings"
	"time"

	"github.com/shopspring/decimal"

	"github.com/spazio-in-comune/sportello/plugins/sdk/calc"
	"github.com/spazio-in-comune/sportello/plugins/sdk/expr"
)

// Facts is what an intake is decided with besides its answers.
type Facts struct {
	// Now is the one moment of the decision, from start to end.
	Now time.Time
	// Ambient holds what the platform knows by ambient name; a missing name is
	// not known now, and so is one of the wrong type.
	Ambient map[string]json.RawMessage
	// Calendar counts the terms that rules test.
	Calendar calc.Calendar
	// Parameters are the figures in force today as the town has set them, by name;
	// a missing one has the value of the department's own definition.
	Parameters map[string]string
}

// Intake is one filled form with everything that a condition may name. It does
// not change once built.
type Intake struct {
	practice *CompiledPractice
	now      time.Time
	today    calc.Date
	calendar calc.Calendar
	values   []expr.Value
	clean    map[string]json.RawMessage
	ambient  map[string]expr.Value
	// figures are those that the town has set.
	figures map[string]string
}

// readField is an answer as read, and whether its field is hidden.
type readField struct {
	answer
	hidden bool
}

// Bind reads answers that were checked before, without checking them again.
// Hidden answers and names that the form does not have are dropped; an answer
// that cannot be read is missing.
func (p *CompiledPractice) Bind(answers map[string]json.RawMessage, facts Facts) *Intake {
	in, _ := p.bind(answers, facts)
	return in
}

// bind goes once from the top of the form to the bottom: a field reads only the
// fields above it, so this pass decides what is visible.
func (p *CompiledPractice) bind(answers map[string]json.RawMessage, facts Facts) (*Intake, []readField) {
	now := facts.Now.In(calc.Rome())
	in := &Intake{
		practice: p,
		now:      now,
		today:    calc.DateOf(now),
		calendar: facts.Calendar,
		values:   make([]expr.Value, len(p.fields)),
		clean:    make(map[string]json.RawMessage, len(answers)),
		figures:  facts.Parameters,
	}
	read := make([]readField, len(p.fields))
	for i := range p.fields {
		f := &p.fields[i]
		if !f.when.True(in) {
			read[i].hidden = true
			continue
		}
		a := readAnswer(f, answers[f.Name])
		read[i].answer, in.values[i] = a, a.value
		if a.filled {
			in.clean[f.Name] = a.clean
		}
	}
	in.ambient = in.readAmbient(facts.Ambient)
	return in, read
}

// Practice is the practice type of the form.
func (in *Intake) Practice() *CompiledPractice { return in.practice }

// Answers are the visible answers as JSON, texts trimmed. The map belongs to
// the intake.
func (in *Intake) Answers() map[string]json.RawMessage { return in.clean }

// Lookup gives the value of a field, an ambient name, a set, today or now; nil
// if it is missing. It is what expressions read.
func (in *Intake) Lookup(name string) expr.Value {
	if i, ok := in.practice.index[name]; ok {
		return in.values[i]
	}
	if v, ok := in.ambient[name]; ok {
		return v
	}
	switch name {
	case "today":
		return in.today
	case "now":
		return in.now
	}
	return in.practice.sets[name]
}

// Figure gives a dated figure as it is today, that of the town before that of the
// definition: a number, a date or a text by its form; nil if none is in force. It
// is what expressions read.
func (in *Intake) Figure(name string) expr.Value {
	if text, set := in.figures[name]; set {
		return figureValue(text)
	}
	return in.practice.figures.on(name, in.today)
}

// Parameters are all figures in force today, those of the town before those of the
// definition. The map belongs to the caller.
func (in *Intake) Parameters() Parameters {
	values := in.practice.service.ParametersOn(in.today)
	maps.Copy(values, in.figures)
	return values
}

// Now is the moment of the decision in the town's time zone.
func (in *Intake) Now() time.Time { return in.now }

// Today is the civil date of the decision.
func (in *Intake) Today() calc.Date { return in.today }

// Calendar counts the terms.
func (in *Intake) Calendar() calc.Calendar { return in.calendar }

// Text is the answer of a field of text or of one code; false if it is missing.
func (in *Intake) Text(name string) (string, bool) {
	v, ok := in.Lookup(name).(string)
	return v, ok
}

// Is reports whether a text or code is the one given.
func (in *Intake) Is(name, code string) bool {
	v, ok := in.Text(name)
	return ok && v == code
}

// Bool is true only if the answer is known to be true.
func (in *Intake) Bool(name string) bool {
	v, ok := in.Lookup(name).(bool)
	return ok && v
}

// Decimal is the answer of a number or an amount; false if it is missing.
func (in *Intake) Decimal(name string) (decimal.Decimal, bool) {
	v, ok := in.Lookup(name).(decimal.Decimal)
	return v, ok
}

// Int is the answer of a whole number; false if it is missing.
func (in *Intake) Int(name string) (int, bool) {
	v, ok := in.Decimal(name)
	if !ok || !v.IsInteger() || v.Abs().Cmp(decimal.New(1, 15)) > 0 {
		return 0, false
	}
	return int(v.IntPart()), true
}

// Date is the answer of a date; false if it is missing.
func (in *Intake) Date(name string) (calc.Date, bool) {
	v, ok := in.Lookup(name).(calc.Date)
	return v, ok
}

// Has reports whether a list of codes has the code.
func (in *Intake) Has(name, code string) bool {
	values, _ := in.Lookup(name).([]expr.Value)
	for _, v := range values {
		if v == code {
			return true
		}
	}
	return false
}

// Count is the number of elements of a list; zero if it is missing.
func (in *Intake) Count(name string) int {
	values, _ := in.Lookup(name).([]expr.Value)
	return len(values)
}

// Numbers are the numbers under one key in the objects of a list, such as the
// areas of rooms; false if the list is missing or one of them cannot be read.
func (in *Intake) Numbers(list, key string) ([]decimal.Decimal, bool) {
	if in.Lookup(list) == nil {
		return nil, false
	}
	var objects []map[string]json.RawMessage
	if err := json.Unmarshal(in.clean[list], &objects); err != nil {
		return nil, false
	}
	numbers := make([]decimal.Decimal, len(objects))
	for i, object := range objects {
		n, ok := parseDecimal(strings.TrimSpace(strings.Trim(string(object[key]), `"`)))
		if !ok {
			return nil, false
		}
		numbers[i] = n
	}
	return numbers, true
}

// Charges reports whether a fee line of the practice applies by its own
// condition, so that a computation of its amount does not repeat it.
func (in *Intake) Charges(code string) bool {
	for i, f := range in.practice.def.Fees {
		if f.Code == code && f.InForce(in.today) {
			return in.practice.fees[i].True(in)
		}
	}
	return false
}
