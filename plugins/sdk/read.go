package sdk

import (
	"bytes"
	"encoding/json"
	"strings"

	"github.com/shopspring/decimal"

	"github.com/spazio-in-comune/sportello/plugins/sdk/calc"
	"github.com/spazio-in-comune/sportello/plugins/sdk/expr"
)

// The size of a number that a form accepts: more is not a number of a town hall
// but an attempt to make the arithmetic slow.
const (
	maxNumberLength = 40
	maxExponent     = 20
)

// answer is one answer as read: absent (not filled), readable with a value, or
// not readable as its type.
type answer struct {
	filled   bool
	readable bool
	value    expr.Value
	// clean is the JSON value with its texts trimmed.
	clean json.RawMessage
	// place is the place inside the field that cannot be read, such as "[1]".
	place string
}

// readAnswer reads a JSON value as the type of a field.
func readAnswer(f *field, raw json.RawMessage) answer {
	raw = bytes.TrimSpace(raw)
	if len(raw) == 0 || string(raw) == "null" {
		return answer{}
	}
	if raw[0] == '"' {
		return readText(f, raw)
	}
	a := answer{filled: true, clean: raw}
	switch f.Type.kind() {
	case kindBool:
		a.value, a.readable = readBool(raw)
	case kindNumber:
		a.value, a.readable = readNumber(f.Type, raw)
	case kindList:
		return readList(f, raw)
	}
	return a
}

func readText(f *field, raw json.RawMessage) answer {
	var text string
	if err := json.Unmarshal(raw, &text); err != nil {
		return answer{filled: true, clean: raw}
	}
	trimmed := strings.TrimSpace(text)
	if trimmed == "" {
		return answer{}
	}
	a := answer{filled: true, clean: raw}
	if len(trimmed) != len(text) {
		a.clean = encode(trimmed)
	}
	switch f.Type.kind() {
	case kindText:
		a.value, a.readable = trimmed, true
	case kindNumber:
		if f.Type != TypeInt {
			a.value, a.readable = readDecimalText(f.Type, trimmed)
		}
	case kindDate:
		d, err := calc.ParseDate(trimmed)
		a.value, a.readable = d, err == nil
	case kindTime:
		a.value, a.readable = readTime(trimmed)
	}
	if !a.readable {
		a.value = nil
	}
	return a
}

func readBool(raw json.RawMessage) (expr.Value, bool) {
	switch string(raw) {
	case "true":
		return true, true
	case "false":
		return false, true
	}
	return nil, false
}

// readNumber reads a JSON number. Money must be text, so that no client passes
// it through a binary float.
func readNumber(t FieldType, raw json.RawMessage) (expr.Value, bool) {
	if t == TypeMoney || len(raw) > maxNumberLength {
		return nil, false
	}
	n, err := decimal.NewFromString(string(raw))
	if err != nil || n.Exponent() > maxExponent || n.Exponent() < -maxExponent {
		return nil, false
	}
	if t == TypeInt && !n.IsInteger() {
		return nil, false
	}
	return n, true
}

func readDecimalText(t FieldType, text string) (expr.Value, bool) {
	_, fraction, _ := strings.Cut(text, ".")
	n, ok := parseDecimal(text)
	return n, ok && (t != TypeMoney || len(fraction) <= 2)
}

// parseDecimal reads decimal text: digits, perhaps a minus sign before and a
// point inside.
func parseDecimal(text string) (decimal.Decimal, bool) {
	whole, fraction, point := strings.Cut(strings.TrimPrefix(text, "-"), ".")
	if len(text) > maxNumberLength || !allDigits(whole) || point && !allDigits(fraction) {
		return decimal.Decimal{}, false
	}
	n, err := decimal.NewFromString(text)
	return n, err == nil
}

func allDigits(s string) bool {
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return s != ""
}

// readTime reads HH:MM.
func readTime(text string) (expr.Value, bool) {
	if len(text) != 5 || text[2] != ':' || !allDigits(text[:2]) || !allDigits(text[3:]) {
		return nil, false
	}
	hour := int(text[0]-'0')*10 + int(text[1]-'0')
	minute := int(text[3]-'0')*10 + int(text[4]-'0')
	return expr.TimeOfDay(hour*60 + minute), hour < 24 && minute < 60
}

func readList(f *field, raw json.RawMessage) answer {
	if raw[0] != '[' {
		return answer{filled: true, clean: raw}
	}
	if f.Type == TypeList {
		return readObjects(f, raw)
	}
	var texts []string
	if err := json.Unmarshal(raw, &texts); err != nil || bytes.Contains(raw, []byte("null")) && hasNull(raw) {
		return answer{filled: true, clean: raw}
	}
	values := make([]expr.Value, len(texts))
	for i, text := range texts {
		texts[i] = strings.TrimSpace(text)
		values[i] = texts[i]
	}
	if len(texts) == 0 {
		return answer{}
	}
	return answer{filled: true, readable: true, value: values, clean: encode(texts)}
}

// hasNull tells a null element from the letters of a text: encoding/json reads
// both into a list of texts.
func hasNull(raw json.RawMessage) bool {
	var elements []*string
	if err := json.Unmarshal(raw, &elements); err != nil {
		return true
	}
	for _, element := range elements {
		if element == nil {
			return true
		}
	}
	return false
}

// readObjects reads a list of objects whose keys are those of the field; their
// values are not checked by the form.
func readObjects(f *field, raw json.RawMessage) answer {
	a := answer{filled: true, clean: raw}
	var elements []map[string]json.RawMessage
	if err := json.Unmarshal(raw, &elements); err != nil {
		return a
	}
	for i, element := range elements {
		if element == nil {
			a.place = place(i, "")
			return a
		}
		for key := range element {
			if !f.items[key] {
				a.place = place(i, key)
				return a
			}
		}
	}
	values := make([]expr.Value, len(elements))
	for i := range values {
		values[i] = expr.Opaque{}
	}
	a.value, a.readable = values, true
	return a
}

// encode writes a value of texts and numbers, which cannot fail.
func encode(v any) json.RawMessage {
	raw, err := json.Marshal(v)
	if err != nil {
		panic("write a JSON text: " + err.Error())
	}
	return raw
}
