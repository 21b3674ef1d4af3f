package sdk

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/shopspring/decimal"

	"github.com/spazio-in-comune/sportello/plugins/sdk/calc"
	"github.com/spazio-in-comune/sportello/plugins/sdk/expr"
)

// Check reads the answers of a form and finds all their faults, in form order.
// Hidden answers are dropped first: they are no fault. With at least one
// problem the intake is nil, because an invalid form is not decided.
func (p *CompiledPractice) Check(answers map[string]json.RawMessage, facts Facts) (*Intake, []Problem) {
	in, read := p.bind(answers, facts)
	var problems []Problem
	for i := range p.fields {
		if read[i].hidden {
			continue
		}
		problems = append(problems, in.faults(&p.fields[i], read[i].answer)...)
	}
	problems = append(problems, p.unknown(answers)...)
	if len(problems) > 0 {
		return nil, problems
	}
	return in, nil
}

// unknown are the names that the form does not have, in alphabetical order.
func (p *CompiledPractice) unknown(answers map[string]json.RawMessage) []Problem {
	var names []string
	for name := range answers {
		if _, ok := p.index[name]; !ok {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	var problems []Problem
	for _, name := range names {
		problems = append(problems, Problem{short(name), CodeUnknownField, unknownMessage()})
	}
	return problems
}

// faults are the problems of one visible field.
func (in *Intake) faults(f *field, a answer) []Problem {
	switch {
	case !a.filled && f.Required == RequiredNever:
		return nil
	case !a.filled:
		return []Problem{{f.Name, CodeRequired, requiredMessage()}}
	case !a.readable:
		return []Problem{{f.Name + a.place, CodeType, typeMessage(f.Type)}}
	}
	var problems []Problem
	add := func(code string, ok bool, message func() Text) {
		if !ok {
			problems = append(problems, Problem{f.Name, code, message()})
		}
	}
	switch value := a.value.(type) {
	case string:
		in.checkText(f, value, add)
	case decimal.Decimal:
		add(CodeRange, within(value, f.min, f.max), func() Text { return rangeMessage(f.Min, f.Max) })
	case []expr.Value:
		checkList(f, value, add)
	}
	for _, c := range f.checks {
		code, ok := in.holds(c, a.value)
		add(code, ok, func() Text { return in.checkMessage(c) })
	}
	return problems
}

type adder func(code string, ok bool, message func() Text)

func (in *Intake) checkText(f *field, text string, add adder) {
	switch f.Type {
	case TypeEnum:
		add(CodeEnum, f.codes[text], enumMessage)
	case TypeTaxCode:
		add(CodeTaxCode, calc.ValidTaxCode(text), taxCodeMessage)
	case TypeVAT:
		add(CodeCheck, calc.ValidVAT(text), func() Text { return checkDigitMessage(f.Type) })
	case TypeIBAN:
		add(CodeCheck, calc.ValidIBAN(text), func() Text { return checkDigitMessage(f.Type) })
	}
	ok := hasShape(f.Type, text) && (f.pattern == nil || f.pattern.MatchString(text))
	add(CodePattern, ok, func() Text { return patternMessage(f.Type) })
	if f.min != nil || f.max != nil {
		size := decimal.NewFromInt(int64(utf8.RuneCountInString(text)))
		add(CodeLength, within(size, f.min, f.max), func() Text { return lengthMessage(f.Min, f.Max) })
	}
}

func checkList(f *field, values []expr.Value, add adder) {
	if f.Type == TypeMultiEnum {
		known, seen, repeated := true, map[string]bool{}, false
		for _, value := range values {
			code, _ := value.(string)
			known = known && f.codes[code]
			repeated = repeated || seen[code]
			seen[code] = true
		}
		add(CodeEnum, known, enumMessage)
		add(CodeDuplicate, !repeated, duplicateMessage)
	}
	size := decimal.NewFromInt(int64(len(values)))
	add(CodeLength, within(size, f.min, f.max), func() Text { return sizeMessage(f.Min, f.Max) })
}

func within(n decimal.Decimal, low, high *decimal.Decimal) bool {
	return (low == nil || n.Cmp(*low) >= 0) && (high == nil || n.Cmp(*high) <= 0)
}

// hasShape checks the types whose form is fixed.
func hasShape(t FieldType, text string) bool {
	switch t {
	case TypeTown: // a letter and three digits
		return len(text) == 4 && isUpper(text[0]) && allDigits(text[1:])
	case TypeCountry:
		return len(text) == 2 && isUpper(text[0]) && isUpper(text[1])
	case TypePhone:
		return isPhone(text)
	case TypeEmail:
		return isEmail(text)
	default:
		return true
	}
}

func isUpper(c byte) bool { return c >= 'A' && c <= 'Z' }

// isPhone is ^\+?[0-9][0-9 ]{4,17}$.
func isPhone(text string) bool {
	digits := strings.TrimPrefix(text, "+")
	if len(digits) < 5 || len(digits) > 18 || digits[0] == ' ' {
		return false
	}
	return allDigits(strings.ReplaceAll(digits, " ", ""))
}

// isEmail is ^[^@\s]+@[^@\s]+\.[^@\s]+$.
func isEmail(text string) bool {
	name, host, ok := strings.Cut(text, "@")
	if !ok || name == "" || strings.ContainsFunc(text, unicode.IsSpace) || strings.Contains(host, "@") {
		return false
	}
	// A point with something on both sides.
	return len(host) >= 3 && strings.Contains(host[1:len(host)-1], ".")
}

// holds reports whether a named check passes and the code of its problem.
func (in *Intake) holds(c check, value expr.Value) (code string, ok bool) {
	switch c.name {
	case checkBirth:
		code, _ := value.(string)
		return CodeBirthDate, in.birthAgrees(code)
	case checkAfter, checkNotBefore:
		return CodeDateRange, in.follows(c, value)
	}
	d, isDate := value.(calc.Date)
	if !isDate {
		return CodeDateRange, true
	}
	switch c.name {
	case checkPast:
		ok = !d.After(in.today)
	case checkFuture:
		ok = d.After(in.today)
	case checkYounger:
		ok = calc.Age(d, in.today) < c.age
	case checkAtMost:
		ok = calc.Age(d, in.today) <= c.age
	}
	return CodeDateRange, ok
}

// birthAgrees has nothing to say about a code of 11 digits, one that is not
// valid, or a missing date.
func (in *Intake) birthAgrees(code string) bool {
	parsed, err := calc.ParseTaxCode(code)
	birth, ok := in.Date("data_nascita")
	return err != nil || !ok || parsed.AgreesWith(birth)
}

// follows compares with another field; a missing one says nothing.
func (in *Intake) follows(c check, value expr.Value) bool {
	switch other := in.Lookup(c.other).(type) {
	case calc.Date:
		d, ok := value.(calc.Date)
		return !ok || d.After(other) || c.name == checkNotBefore && d == other
	case expr.TimeOfDay:
		t, ok := value.(expr.TimeOfDay)
		return !ok || t > other || c.name == checkNotBefore && t == other
	default:
		return true
	}
}

// place names a place inside a list: "[1]", "[1].nome".
func place(i int, key string) string {
	if key == "" {
		return fmt.Sprintf("[%d]", i)
	}
	return fmt.Sprintf("[%d].%s", i, short(key))
}

// short bounds a name that comes from outside.
func short(name string) string {
	const most = 80
	if utf8.RuneCountInString(name) <= most {
		return name
	}
	return string([]rune(name)[:most]) + "…"
}
