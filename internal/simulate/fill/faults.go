package fill

import (
	"encoding/json"
	"strconv"
	"strings"

	"github.com/shopspring/decimal"

	"github.com/spazio-in-comune/sportello/plugins/sdk"
	"github.com/spazio-in-comune/sportello/plugins/sdk/calc"
)

// spoiler is a way to make answers faulty.
type spoiler struct {
	Fault
	// value takes the place of the answer; nil leaves it out.
	value json.RawMessage
}

// unasked is a name that no form has.
const unasked = "domanda_inesistente"

// spoilers are all the ways to spoil these answers by one fault.
func (f *Form) spoilers(answers Answers, today calc.Date) []spoiler {
	all := []spoiler{{Fault{unasked, sdk.CodeUnknownField}, encode("x")}}
	for i := range f.fields {
		field := &f.fields[i]
		answer, answered := answers[field.Name]
		if !answered {
			continue
		}
		add := func(code string, value any) {
			all = append(all, spoiler{Fault{field.Name, code}, encode(value)})
		}
		if field.Required != sdk.RequiredNever {
			all = append(all, spoiler{Fault: Fault{field.Name, sdk.CodeRequired}})
		}
		spoilType(field, add)
		spoilSize(field, add)
		spoilCode(field, answer, add)
		spoilDate(field, answers, today, add)
	}
	return all
}

type adder func(code string, value any)

func spoilType(f *sdk.Field, add adder) {
	switch f.Type {
	case sdk.TypeBool, sdk.TypeInt, sdk.TypeDecimal, sdk.TypeMoney, sdk.TypeTime, sdk.TypeList, sdk.TypeFile, sdk.TypeMultiEnum:
		add(sdk.CodeType, "forse")
	case sdk.TypeDate:
		add(sdk.CodeType, "2026-02-30")
	}
}

func spoilSize(f *sdk.Field, add adder) {
	switch f.Type {
	case sdk.TypeInt, sdk.TypeDecimal, sdk.TypeMoney:
		low, high := bounds(f, 0, 0)
		if f.Min != "" {
			add(sdk.CodeRange, numeral(f, low.Sub(decimal.NewFromInt(1))))
		}
		if f.Max != "" {
			add(sdk.CodeRange, numeral(f, high.Add(decimal.NewFromInt(1))))
		}
	case sdk.TypeString, sdk.TypeText, sdk.TypeAddress:
		if most, err := strconv.Atoi(f.Max); err == nil {
			add(sdk.CodeLength, strings.Repeat("a", most+1))
		}
	}
}

// numeral writes a number as its type is written.
func numeral(f *sdk.Field, n decimal.Decimal) any {
	switch f.Type {
	case sdk.TypeInt:
		return n.IntPart()
	case sdk.TypeMoney:
		return n.StringFixed(2)
	default:
		return n.String()
	}
}

func spoilCode(f *sdk.Field, answer json.RawMessage, add adder) {
	text := strings.Trim(string(answer), `"`)
	switch f.Type {
	case sdk.TypeEnum:
		add(sdk.CodeEnum, "non_esiste")
	case sdk.TypeMultiEnum:
		add(sdk.CodeEnum, []string{"non_esiste"})
		add(sdk.CodeDuplicate, []string{f.Enum[0].Code, f.Enum[0].Code})
	case sdk.TypeTaxCode:
		add(sdk.CodeTaxCode, text[:15]+otherLetter(text[15]))
		if strings.Contains(f.Check, "birth date must agree") {
			if other, ok := bornOnAnotherDay(text); ok {
				add(sdk.CodeBirthDate, other)
			}
		}
	case sdk.TypeVAT:
		add(sdk.CodeCheck, text[:10]+otherDigit(text[10]))
	case sdk.TypeIBAN:
		add(sdk.CodeCheck, text[:26]+otherDigit(text[26]))
	case sdk.TypeTown, sdk.TypeCountry, sdk.TypePhone, sdk.TypeEmail:
		add(sdk.CodePattern, "?")
	default:
		if f.Pattern != "" {
			add(sdk.CodePattern, "?")
		}
	}
}

func otherLetter(c byte) string { return string('A' + (c-'A'+1)%26) }
func otherDigit(c byte) string  { return string('0' + (c-'0'+1)%10) }

// bornOnAnotherDay is a valid code that differs in the day of birth alone.
func bornOnAnotherDay(code string) (string, bool) {
	parsed, err := calc.ParseTaxCode(code)
	if err != nil {
		return "", false
	}
	day := 10
	if parsed.Day == day {
		day = 11
	}
	if parsed.Female {
		day += 40
	}
	first := code[:9] + strconv.Itoa(day) + code[11:15]
	for c := byte('A'); c <= 'Z'; c++ { // one of them is the check letter
		if calc.ValidTaxCode(first + string(c)) {
			return first + string(c), true
		}
	}
	return "", false
}

func spoilDate(f *sdk.Field, answers Answers, today calc.Date, add adder) {
	if f.Type != sdk.TypeDate {
		return
	}
	for _, check := range checks(f) {
		switch check.name {
		case "not in the future":
			add(sdk.CodeDateRange, today.AddDays(10).String())
		case "in the future":
			add(sdk.CodeDateRange, today.String())
		case "age <", "age <=":
			years, _ := strconv.Atoi(check.argument)
			add(sdk.CodeDateRange, today.AddMonths(-12*(years+2)).String())
		case "after", "not before":
			if other, err := calc.ParseDate(strings.Trim(string(answers[check.argument]), `"`)); err == nil {
				add(sdk.CodeDateRange, other.AddDays(-1).String())
			}
		}
	}
}
