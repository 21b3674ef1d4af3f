package sdktest

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/spazio-in-comune/sportello/plugins/sdk"
	"github.com/spazio-in-comune/sportello/plugins/sdk/calc"
)

// sample is one request with the first answer to it.
type sample struct {
	name    string
	request sdk.ReviewRequest
	// in is the form as the platform checked it; nil if it would not have got so
	// far, and the request is one for which the department may give an error.
	in *sdk.Intake

	answer *sdk.ReviewResponse
	err    error
	took   time.Duration
}

// collect are the samples of all practices: the forms of the case files, and forms
// made up from each type of field.
func (s *suite) collect() []sample {
	var all []sample
	now := calc.Local(calc.DateOf(time.Now()), 10, 0, calc.Rome())
	for i := range s.files {
		file := &s.files[i]
		for _, c := range file.Cases {
			answers, facts, err := file.Form(c)
			practice, ok := s.service.Practice(file.Practice)
			if err != nil || !ok {
				continue // told where the case files are run
			}
			now = facts.Now
			if one := s.sample(practice, "case "+c.Name, answers, facts); one.in != nil {
				all = append(all, one)
			}
		}
	}
	for i := range s.definition.Practices {
		practice, _ := s.service.Practice(s.definition.Practices[i].ID)
		all = append(all, s.madeUp(practice, now)...)
	}
	return all
}

// sample is a form as the platform hands it over.
func (s *suite) sample(p *sdk.CompiledPractice, name string, answers map[string]json.RawMessage, facts sdk.Facts) sample {
	if s.opts.Town != nil {
		facts.Calendar = s.opts.Town.Calendar
	}
	one := sample{name: p.Definition().ID + ", " + name}
	in, problems := p.Check(answers, facts)
	if len(problems) == 0 {
		one.in, answers = in, in.Answers()
	}
	one.request = sdk.ReviewRequest{
		Practice: p.Definition().ID, Answers: answers,
		Now: facts.Now, Ambient: facts.Ambient, Calendar: facts.Calendar, Parameters: facts.Parameters,
	}
	return one
}

// maxVariants bounds the forms made up for one practice.
const maxVariants = 60

// madeUp fills in a form and changes one answer after the other. What no value of
// the table fits, such as a field with its own pattern, leaves the form as one
// that the platform would have sent back.
func (s *suite) madeUp(p *sdk.CompiledPractice, now time.Time) []sample {
	facts := sdk.Facts{Now: now, Ambient: sdk.ClockAmbient(now)}
	base := s.fill(p, facts)
	samples := []sample{s.sample(p, "made-up form", base, facts)}
	for _, f := range p.Fields() {
		for n, value := range candidates(f, calc.DateOf(now)) {
			if len(samples) == maxVariants {
				return samples
			}
			answers := maps.Clone(base)
			answers[f.Name] = value
			one := s.sample(p, fmt.Sprintf("made-up form with another %s (%d)", f.Name, n+1), answers, facts)
			if one.in != nil {
				samples = append(samples, one)
			}
		}
	}
	return samples
}

// fill answers every field with the first value that raises no problem there.
func (s *suite) fill(p *sdk.CompiledPractice, facts sdk.Facts) map[string]json.RawMessage {
	answers := map[string]json.RawMessage{}
	for _, f := range p.Fields() {
		for _, value := range candidates(f, calc.DateOf(facts.Now)) {
			answers[f.Name] = value
			_, problems := p.Check(answers, facts)
			if !slices.ContainsFunc(problems, func(p sdk.Problem) bool { return root(p.Path) == f.Name }) {
				break
			}
			delete(answers, f.Name)
		}
	}
	return answers
}

// root is the field of a path: "familiari" of "familiari[0].nome".
func root(path string) string {
	for i, r := range path {
		if r == '[' || r == '.' {
			return path[:i]
		}
	}
	return path
}

// candidates are values that a person might give, most common first. The people
// and numbers are invented.
func candidates(f sdk.Field, today calc.Date) []json.RawMessage {
	var values []any
	switch f.Type {
	case sdk.TypeBool:
		values = []any{false, true}
	case sdk.TypeInt, sdk.TypeDecimal, sdk.TypeMoney:
		values = numbers(f)
	case sdk.TypeDate:
		values = []any{"1980-01-01", today.String(), today.AddDays(1).String(), today.AddDays(-20).String(), today.AddDays(60).String(), today.AddDays(-4000).String()}
	case sdk.TypeTime:
		values = []any{"10:00", "16:30"}
	case sdk.TypeEnum:
		for _, choice := range f.Enum {
			values = append(values, choice.Code)
		}
	case sdk.TypeMultiEnum:
		for _, choice := range f.Enum {
			values = append(values, []string{choice.Code})
		}
	case sdk.TypeList:
		item := map[string]any{}
		for _, key := range f.Item {
			item[key] = "1"
		}
		values = []any{[]any{item}, []any{item, item}}
	case sdk.TypeFile:
		values = []any{[]string{"documento.pdf"}}
	default:
		values = texts(f.Type)
	}
	raw := make([]json.RawMessage, 0, len(values))
	for _, value := range values {
		body, err := json.Marshal(value)
		if err == nil {
			raw = append(raw, body)
		}
	}
	return raw
}

// numbers are the limits and what lies between; money and decimals are text.
func numbers(f sdk.Field) []any {
	var values []any
	for _, text := range []string{"1", f.Min, f.Max, "0", "10", "100", "1000"} {
		switch {
		case text == "":
		case f.Type == sdk.TypeInt:
			values = append(values, json.Number(text))
		default:
			values = append(values, text)
		}
	}
	return values
}

func texts(t sdk.FieldType) []any {
	switch t {
	case sdk.TypeTaxCode:
		return []any{"RSSMRA80A01F205X"}
	case sdk.TypeVAT:
		return []any{"12345678903"}
	case sdk.TypeIBAN:
		return []any{"IT60X0542811101000000123456"}
	case sdk.TypeNotice:
		return []any{"301000000000000005", "302000000000000001"}
	case sdk.TypeTown:
		return []any{"F205", "Z100"}
	case sdk.TypeCountry:
		return []any{"IT", "FR", "UA"}
	case sdk.TypePhone:
		return []any{"+39 02 12345678"}
	case sdk.TypeEmail:
		return []any{"mario.rossi@example.org"}
	case sdk.TypePlate:
		return []any{"AB123CD"}
	case sdk.TypeISEE:
		return []any{"INPS-ISEE-2026-00123456A-00"}
	case sdk.TypeAddress:
		return []any{"Via XXV Aprile 1"}
	default:
		return []any{"Prova", "Una frase lunga a sufficienza per chi ne vuole una.", "1"}
	}
}
