package fill

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"slices"
	"time"

	"github.com/spazio-in-comune/sportello/plugins/sdk"
	"github.com/spazio-in-comune/sportello/plugins/sdk/calc"
)

// Answers are the answers of a form by field name, as JSON values.
type Answers = map[string]json.RawMessage

// Form is a form that can be filled in. It does not change and may be used by
// many at once, each with a random source of their own.
type Form struct {
	practice *sdk.CompiledPractice
	fields   []sdk.Field
}

// optionalShare is how often a question that may be left out is answered.
const optionalShare = 0.4

// yesShares are how often somebody answers a question with yes: most people do
// seldom, but who is entitled to something often has to.
func yesShares() []float64 { return []float64{0.25, 0.25, 0.5, 0.75} }

// New takes a form from its fields, in order, as the API publishes them. An error
// means that the fields are no form: an unknown type, a condition that cannot be
// read.
func New(practice string, fields []sdk.Field) (*Form, error) {
	words := sdk.Text{IT: practice, EN: practice}
	service, err := sdk.Compile(&sdk.Definition{
		Service: "form", Version: "1.0.0", Series: "A", Kind: "counter", Title: words, Description: words, DefaultRoute: "form",
		FieldGroups: map[string]sdk.FieldGroup{sdk.Applicant: {Title: words, Fields: fields}},
		Practices: []sdk.Practice{{
			ID: practice, Title: words, ForWhom: words, Outcome: words, Confidence: "high", Silence: "none",
			Deadline: sdk.Term{Unit: sdk.WorkingDays, From: "request"}, Handling: sdk.Handling{TypicalMinutes: 1},
		}},
	}, nil)
	if err != nil {
		return nil, fmt.Errorf("read the form of %s: %w", practice, err)
	}
	compiled, _ := service.Practice(practice)
	return Of(compiled), nil
}

// Of takes the form of a practice of a department's definition.
func Of(p *sdk.CompiledPractice) *Form { return &Form{practice: p, fields: p.Fields()} }

// Valid answers the form for a person without a fault: every visible question
// that must be answered is, and some of the others. What the rules then say of
// the answers is theirs to say.
func (f *Form) Valid(rng *rand.Rand, now time.Time, who Person) Answers {
	s := &sheet{
		rng: rng, today: calc.DateOf(now.In(calc.Rome())), who: who, yes: pick(rng, yesShares()),
		others: map[string]Person{}, dates: map[string]calc.Date{}, times: map[string]int{},
	}
	answers := make(Answers, len(f.fields))
	for i := range f.fields {
		field := &f.fields[i]
		value := s.value(field)
		if field.Required == sdk.RequiredNever && rng.Float64() >= optionalShare {
			delete(s.dates, field.Name)
			delete(s.times, field.Name)
			continue
		}
		answers[field.Name] = encode(value)
	}
	return f.visible(answers, now)
}

// visible drops what the conditions of the form hide.
func (f *Form) visible(answers Answers, now time.Time) Answers {
	return f.practice.Bind(answers, sdk.Facts{Now: now}).Answers()
}

// Fault is what is wrong with answers, in the words of the form's own check.
type Fault struct {
	// Path is the field at fault.
	Path string
	// Code is the code of the check that finds it: required, type, enum,
	// duplicate, range, length, pattern, cf, cf_birth_date, check, date_range or
	// unknown_field.
	Code string
}

// Faulty answers the form like [Form.Valid] and then spoils one answer. The check
// of the form finds at least the fault returned.
func (f *Form) Faulty(rng *rand.Rand, now time.Time, who Person) (Answers, Fault) {
	answers := f.Valid(rng, now, who)
	spoilers := f.spoilers(answers, calc.DateOf(now.In(calc.Rome())))
	// First the kind, then the place: otherwise most faults would be left-out
	// answers, of which every form can have many.
	var kinds []string
	for _, s := range spoilers {
		if !slices.Contains(kinds, s.Code) {
			kinds = append(kinds, s.Code)
		}
	}
	kind := kinds[rng.IntN(len(kinds))]
	spoilers = slices.DeleteFunc(spoilers, func(s spoiler) bool { return s.Code != kind })
	chosen := spoilers[rng.IntN(len(spoilers))]
	if chosen.value == nil {
		delete(answers, chosen.Path)
	} else {
		answers[chosen.Path] = chosen.value
	}
	return answers, chosen.Fault
}

// encode writes a plain value, which cannot fail.
func encode(v any) json.RawMessage {
	raw, err := json.Marshal(v)
	if err != nil {
		panic("write an answer: " + err.Error())
	}
	return raw
}
