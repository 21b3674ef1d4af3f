package transport

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"slices"
	"unicode/utf8"

	"github.com/99designs/gqlgen/graphql"

	"github.com/spazio-in-comune/sportello/graph/limits"
)

// complaint is an error of decoding. Its text is sent to the client and holds nothing of what it sent.
type complaint string

func (c complaint) Error() string { return string(c) }

const (
	errNotUTF8      = complaint("The request is not valid UTF-8.")
	errNotJSON      = complaint("The request is not one valid JSON document.")
	errTooDeep      = complaint("The JSON is nested too deeply.")
	errTooManyParts = complaint("The JSON has too many values.")
	errNotObject    = complaint("A JSON object is expected here.")
	errTwice        = complaint("A parameter is given twice.")
	errNoQuery      = complaint("The query parameter is missing.")
)

// checkJSON accepts exactly one JSON document in valid UTF-8 within the table's bounds, so that decoding it afterwards
// costs what the table allows.
func checkJSON(table limits.Table, data []byte) error {
	if !utf8.Valid(data) {
		return errNotUTF8
	}
	depth, values, inString := 0, 1, false
	for i := 0; i < len(data); i++ {
		c := data[i]
		switch {
		case inString && c == '\\':
			i++
		case c == '"':
			inString = !inString
		case inString:
		case c == '{' || c == '[':
			depth++
			values++
		case c == '}' || c == ']':
			depth--
		case c == ',':
			values++
		}
		if depth > table.JSONDepth {
			return errTooDeep
		}
		if values > table.JSONValues {
			return errTooManyParts
		}
	}
	if !json.Valid(data) {
		return errNotJSON
	}
	return nil
}

// members gives the members of a JSON object that checkJSON accepted, in order, each name exactly as written and once. It
// looks only for where each begins and ends: what they hold is valid already.
func members(data []byte, visit func(name string, value json.RawMessage) error) error {
	i := afterSpace(data, 0)
	if i == len(data) || data[i] != '{' {
		return errNotObject
	}
	var seen []string
	for i = afterSpace(data, i+1); data[i] != '}'; {
		end := afterValue(data, i)
		var name string
		if json.Unmarshal(data[i:end], &name) != nil {
			return errNotJSON
		}
		if slices.Contains(seen, name) {
			return errTwice
		}
		seen = append(seen, name)
		start := afterSpace(data, afterSpace(data, end)+1) // past the colon
		end = afterValue(data, start)
		if err := visit(name, json.RawMessage(data[start:end])); err != nil {
			return err
		}
		if i = afterSpace(data, end); data[i] == ',' {
			i = afterSpace(data, i+1)
		}
	}
	return nil
}

func afterSpace(data []byte, i int) int {
	for i < len(data) && (data[i] == ' ' || data[i] == '\t' || data[i] == '\n' || data[i] == '\r') {
		i++
	}
	return i
}

// afterValue is the place behind the valid value that begins at i.
func afterValue(data []byte, i int) int {
	for depth := 0; i < len(data); i++ {
		switch c := data[i]; c {
		case '"':
			for i++; data[i] != '"'; i++ {
				if data[i] == '\\' {
					i++
				}
			}
			if depth == 0 {
				return i + 1
			}
		case '{', '[':
			depth++
		case '}', ']':
			if depth--; depth <= 0 {
				return i + min(depth+1, 1) // of a scalar, the bracket is not its own
			}
		case ',', ' ', '\t', '\n', '\r':
			if depth == 0 {
				return i
			}
		}
	}
	return i
}

// decodeParams reads the parameters of a request from a JSON object that checkJSON accepted: a POST body or the payload
// of a subscribe message. Unknown members are ignored, as the specification says.
func decodeParams(data []byte) (*graphql.RawParams, error) {
	params := &graphql.RawParams{}
	hasQuery := false
	err := members(data, func(name string, value json.RawMessage) (err error) {
		switch name {
		case "query":
			hasQuery = true
			return decodeString(name, value, &params.Query)
		case "operationName":
			if isNull(value) {
				return nil
			}
			return decodeString(name, value, &params.OperationName)
		case "variables":
			params.Variables, err = decodeMap(name, value)
		case "extensions":
			params.Extensions, err = decodeMap(name, value)
		}
		return err
	})
	if err == nil && !hasQuery {
		err = errNoQuery
	}
	return params, err
}

func isNull(value json.RawMessage) bool { return string(value) == "null" }

func decodeString(name string, value json.RawMessage, into *string) error {
	if len(value) == 0 || value[0] != '"' || json.Unmarshal(value, into) != nil {
		return complaint("The " + name + " parameter is not a string.")
	}
	return nil
}

// decodeMap reads an object or null. Numbers keep their text, so that none is rounded on its way to a resolver.
func decodeMap(name string, value json.RawMessage) (map[string]any, error) {
	if isNull(value) {
		return nil, nil
	}
	if len(value) == 0 || value[0] != '{' {
		return nil, complaint("The " + name + " parameter is not an object.")
	}
	decoder := json.NewDecoder(bytes.NewReader(value))
	decoder.UseNumber()
	var m map[string]any
	if err := decoder.Decode(&m); err != nil {
		return nil, errNotJSON
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return nil, errNotJSON
	}
	return m, nil
}
