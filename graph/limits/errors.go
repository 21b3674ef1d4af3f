package limits

import (
	"errors"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/99designs/gqlgen/graphql/errcode"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"
)

// syntaxError tells where a document cannot be parsed, not what stands there: the parser's own message repeats it, and
// a citizen's data may be in it.
func syntaxError(err error) *gqlerror.Error {
	refused := badInput("The document has a syntax error.")
	var parsed *gqlerror.Error
	if errors.As(err, &parsed) {
		refused.Locations = parsed.Locations
	}
	return refused
}

// Quiet gives the errors of parsing, validation and coercion the product's code and takes out of them what repeats the
// client's values. Names of fields, types and arguments stay: without them nobody could mend the operation.
// The errors are changed in place; those with a code of our own are left as they are.
func Quiet(list gqlerror.List) gqlerror.List {
	for _, e := range list {
		code, _ := e.Extensions["code"].(string)
		if code != errcode.ParseFailed && code != errcode.ValidationFailed {
			continue
		}
		e.Extensions["code"] = CodeBadInput
		switch {
		case code == errcode.ParseFailed:
			e.Message = "The document has a syntax error."
		case strings.HasPrefix(e.Rule, "ValuesOfCorrectType") && repeatsValue(e.Message):
			e.Message = "A literal value is not of the type expected here."
		case strings.HasPrefix(e.Message, "operation ") && strings.HasSuffix(e.Message, " not found"):
			e.Message = "The document has no operation of the name asked for."
		case isVariable(e.Path) && strings.Contains(e.Message, " is not a valid "):
			e.Message = "The value is not one of the enum's."
		case isVariable(e.Path) && strings.HasSuffix(e.Message, "UseNumber"):
			e.Message = "The number is too large for an ID: send it as a string."
		}
	}
	return list
}

// repeatsValue says whether a message of the rule on literals holds the literal: those on required and unknown fields
// of an input hold names only.
func repeatsValue(message string) bool {
	return !strings.HasPrefix(message, "Field ") && !strings.HasPrefix(message, "OneOf ")
}

func isVariable(path ast.Path) bool {
	return len(path) > 0 && path[0] == ast.PathName("variable")
}

// Trim bounds the errors of one answer: how many, how long each message, how long each name in a path. What it cuts it
// copies first, because an error may be shared with a log or another answer.
func (t Table) Trim(list gqlerror.List) gqlerror.List {
	if len(list) > t.Errors {
		list = list[:t.Errors]
	}
	if !slices.ContainsFunc(list, t.tooLong) {
		return list
	}
	trimmed := slices.Clone(list)
	for i, e := range trimmed {
		if t.tooLong(e) {
			trimmed[i] = t.shorten(e)
		}
	}
	return trimmed
}

func (t Table) tooLong(e *gqlerror.Error) bool {
	return utf8.RuneCountInString(e.Message) > t.ErrorChars || len(e.Locations) > t.Errors || slices.ContainsFunc(e.Path, t.longName)
}

func (t Table) longName(e ast.PathElement) bool {
	name, ok := e.(ast.PathName)
	return ok && len(name) > t.ErrorChars
}

func (t Table) shorten(e *gqlerror.Error) *gqlerror.Error {
	short := *e
	short.Message = t.cut(e.Message)
	if len(e.Locations) > t.Errors {
		short.Locations = e.Locations[:t.Errors]
	}
	short.Path = slices.Clone(e.Path)
	for i, element := range short.Path {
		if t.longName(element) {
			short.Path[i] = ast.PathName(t.cut(string(element.(ast.PathName))))
		}
	}
	return &short
}

// cut shortens a text to the table's characters, the ellipsis included, without breaking a character.
func (t Table) cut(s string) string {
	if utf8.RuneCountInString(s) <= t.ErrorChars {
		return s
	}
	return string([]rune(s)[:t.ErrorChars-1]) + "…"
}
