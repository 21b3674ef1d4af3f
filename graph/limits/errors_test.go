package limits_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"

	"github.com/spazio-in-comune/sportello/graph/limits"
)

func TestTrim(t *testing.T) {
	table := limits.Table{Errors: 2, ErrorChars: 5}
	place := gqlerror.Location{Line: 1, Column: 1}
	given := gqlerror.List{
		{Message: "così!"},
		{Message: "perché no", Path: ast.Path{ast.PathName("variable"), ast.PathIndex(3)}, Locations: []gqlerror.Location{place, place, place}},
		{Message: "third"},
	}
	want := gqlerror.List{
		{Message: "così!"},
		{Message: "perc…", Path: ast.Path{ast.PathName("vari…"), ast.PathIndex(3)}, Locations: []gqlerror.Location{place, place}},
	}
	if diff := cmp.Diff(want, table.Trim(given)); diff != "" {
		t.Error(diff)
	}
	if given[1].Message != "perché no" || given[1].Path[0] != ast.PathName("variable") {
		t.Error("the errors given were changed")
	}
}

func TestQuiet(t *testing.T) {
	const secret = "RSSMRA85T10A562S"
	failed := func(code, rule, message string, path ...ast.PathElement) *gqlerror.Error {
		return &gqlerror.Error{Message: message, Rule: rule, Path: path, Extensions: map[string]any{"code": code}}
	}
	const parse, validation = "GRAPHQL_PARSE_FAILED", "GRAPHQL_VALIDATION_FAILED"
	variable := ast.PathName("variable")
	for _, tt := range []struct {
		name  string
		given *gqlerror.Error
		kept  bool
	}{
		{"syntax", failed(parse, "", `Unexpected Name "`+secret+`"`), false},
		{"literal", failed(validation, "ValuesOfCorrectTypeWithoutSuggestions", "Int cannot represent non-integer value: "+secret), false},
		{"enum by variable", failed(validation, "", secret+" is not a valid Channel", variable), false},
		{"number too large", failed(validation, "", "cannot use 1e+300 as ID: "+secret+"; decode variables with json.Decoder.UseNumber", variable), false},
		{"operation", failed(validation, "", "operation "+secret+" not found"), false},
		{"required field of an input", failed(validation, "ValuesOfCorrectType", `Field "TakeInput.code" of required type "String!" was not provided.`), true},
		{"unknown field", failed(validation, "FieldsOnCorrectType", `Cannot query field "helo" on type "Query".`), true},
		{"variable of the wrong kind", failed(validation, "", "cannot use string as Int", variable), true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			message := tt.given.Message
			got := limits.Quiet(gqlerror.List{tt.given})[0]
			if got.Extensions["code"] != limits.CodeBadInput {
				t.Errorf("code %v", got.Extensions["code"])
			}
			if strings.Contains(fmt.Sprint(got), secret) || (got.Message == message) != tt.kept {
				t.Errorf("message %q", got.Message)
			}
		})
	}
	own := failed("FORBIDDEN", "", "operation x not found")
	if got := limits.Quiet(gqlerror.List{own})[0]; got.Extensions["code"] != "FORBIDDEN" || got.Message != "operation x not found" {
		t.Errorf("an error of our own was changed: %+v", got)
	}
}
