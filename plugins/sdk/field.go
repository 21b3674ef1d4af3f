package sdk

import (
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"github.com/shopspring/decimal"

	"github.com/spazio-in-comune/sportello/plugins/sdk/expr"
)

// field is a field of a form, ready to check answers.
type field struct {
	*Field
	when     *expr.Expr
	pattern  *regexp.Regexp
	codes    map[string]bool
	items    map[string]bool
	min, max *decimal.Decimal
	checks   []check
}

// check is a named check on a date, a time or a tax code.
type check struct {
	name string
	// other is the field of "after" and "not before".
	other string
	// age is the limit of "age <" and "age <=".
	age int
}

// The names of the checks.
const (
	checkPast      = "not in the future"
	checkFuture    = "in the future"
	checkYounger   = "age <"
	checkAtMost    = "age <="
	checkAfter     = "after"
	checkNotBefore = "not before"
	checkBirth     = "birth date must agree"
	// checkRestated says again what the type codice_fiscale says.
	checkRestated = "check character incl. omocodia"
)

const maxPatternLength = 500

// compileField reads what a field says in text: condition, pattern, limits,
// checks. All its faults are joined.
func compileField(def *Field) (field, error) {
	f := field{Field: def}
	faults := []error{
		needID("field", def.Name, validName),
		needText("label", def.Label),
	}
	fault := func(format string, args ...any) { faults = append(faults, fmt.Errorf(format, args...)) }
	if def.Type.kind() == kindUnknown {
		fault("unknown type %q", def.Type)
	}
	switch def.Required {
	case RequiredAlways, RequiredNever, RequiredConditional:
	default:
		fault("unknown required %q", def.Required)
	}
	if (def.Required == RequiredConditional) != (def.When != "") && def.Required != RequiredNever {
		fault("required %q does not go with when %q", def.Required, def.When)
	}
	var err error
	if f.when, err = expr.Parse(def.When); err != nil {
		faults = append(faults, err)
	}
	if f.pattern, err = compilePattern(def.Pattern); err != nil {
		faults = append(faults, err)
	}
	if f.min, err = limit("min", def.Min); err != nil {
		faults = append(faults, err)
	}
	if f.max, err = limit("max", def.Max); err != nil {
		faults = append(faults, err)
	}
	if f.checks, err = compileChecks(def); err != nil {
		faults = append(faults, err)
	}
	faults = append(faults, f.readLists()...)
	if err := errors.Join(faults...); err != nil {
		return f, fmt.Errorf("field %s: %w", def.Name, err)
	}
	return f, nil
}

func (f *field) readLists() []error {
	var faults []error
	isEnum := f.Type == TypeEnum || f.Type == TypeMultiEnum
	if isEnum != (len(f.Enum) > 0) {
		faults = append(faults, fmt.Errorf("type %s with %d codes", f.Type, len(f.Enum)))
	}
	if (f.Type == TypeList) != (len(f.Item) > 0) {
		faults = append(faults, fmt.Errorf("type %s with %d keys of an item", f.Type, len(f.Item)))
	}
	f.codes, f.items = map[string]bool{}, map[string]bool{}
	for _, choice := range f.Enum {
		if f.codes[choice.Code] {
			faults = append(faults, fmt.Errorf("repeated code %q", choice.Code))
		}
		f.codes[choice.Code] = true
		faults = append(faults, needID("code", choice.Code, validCode), needText("label of "+choice.Code, choice.Label))
	}
	for _, key := range f.Item {
		if f.items[key] {
			faults = append(faults, fmt.Errorf("repeated key %q", key))
		}
		f.items[key] = true
	}
	return faults
}

// compilePattern makes a pattern that covers the whole text.
func compilePattern(pattern string) (*regexp.Regexp, error) {
	if pattern == "" {
		return nil, nil
	}
	if len(pattern) > maxPatternLength {
		return nil, fmt.Errorf("pattern longer than %d", maxPatternLength)
	}
	// On its own first: "a)(b" is no pattern, though "(a)(b)" is.
	if _, err := regexp.Compile(pattern); err != nil {
		return nil, fmt.Errorf("read pattern: %w", err)
	}
	return regexp.Compile(`\A(?:` + pattern + `)\z`)
}

func limit(which, text string) (*decimal.Decimal, error) {
	if text == "" {
		return nil, nil
	}
	n, ok := parseDecimal(text)
	if !ok {
		return nil, fmt.Errorf("%s %q is not a decimal", which, text)
	}
	return &n, nil
}

func compileChecks(def *Field) ([]check, error) {
	if def.Check == "" {
		return nil, nil
	}
	var checks []check
	for part := range strings.SplitSeq(def.Check, ";") {
		c, err := parseCheck(strings.TrimSpace(part))
		if err != nil {
			return nil, err
		}
		if !c.fits(def.Type) {
			return nil, fmt.Errorf("check %q does not fit type %s", c.name, def.Type)
		}
		if c.name != checkRestated {
			checks = append(checks, c)
		}
	}
	return checks, nil
}

func parseCheck(text string) (check, error) {
	switch text {
	case checkPast, checkFuture, checkBirth, checkRestated:
		return check{name: text}, nil
	}
	for _, name := range []string{checkAtMost, checkYounger} {
		if rest, ok := strings.CutPrefix(text, name+" "); ok {
			age, err := strconv.Atoi(rest)
			if err != nil || age < 0 {
				return check{}, fmt.Errorf("check %q: want a number of years", text)
			}
			return check{name: name, age: age}, nil
		}
	}
	for _, name := range []string{checkAfter, checkNotBefore} {
		if other, ok := strings.CutPrefix(text, name+" "); ok && validName(other) {
			return check{name: name, other: other}, nil
		}
	}
	return check{}, fmt.Errorf("unknown check %q", text)
}

func (c check) fits(t FieldType) bool {
	switch c.name {
	case checkBirth, checkRestated:
		return t == TypeTaxCode
	case checkAfter, checkNotBefore:
		return t == TypeDate || t == TypeTime
	default:
		return t == TypeDate
	}
}
