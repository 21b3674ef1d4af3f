package transport

import (
	"encoding/json"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/gqlerror"

	"github.com/spazio-in-comune/sportello/graph/limits"
)

// Codes of the errors made by the transports, in `extensions.code`.
const (
	codeBadInput        = limits.CodeBadInput
	codeRateLimited     = "RATE_LIMITED"
	codeUnavailable     = "UNAVAILABLE"
	codeUnauthenticated = "UNAUTHENTICATED"
	codeInternal        = "INTERNAL"
)

// refusalOf is a response without data that says one fixed sentence.
func refusalOf(code, message string) *graphql.Response {
	return &graphql.Response{Errors: gqlerror.List{{Message: message, Extensions: map[string]any{"code": code}}}}
}

func internalError() *graphql.Response {
	return refusalOf(codeInternal, "Something went wrong on our side.")
}

// appendResponse appends a response as JSON: errors first, `data` only when the operation was executed. The data are
// JSON already and are copied, not encoded again.
func appendResponse(buf []byte, resp *graphql.Response) []byte {
	start := len(buf)
	buf = append(buf, '{')
	if len(resp.Errors) > 0 {
		errors, err := json.Marshal(resp.Errors)
		if err != nil { // an extension that is no JSON
			return appendResponse(buf[:start], internalError())
		}
		buf = append(append(buf, `"errors":`...), errors...)
	}
	if len(resp.Data) > 0 {
		buf = append(append(comma(buf), `"data":`...), resp.Data...)
	}
	if len(resp.Extensions) > 0 {
		extensions, err := json.Marshal(resp.Extensions)
		if err != nil {
			return appendResponse(buf[:start], internalError())
		}
		buf = append(append(comma(buf), `"extensions":`...), extensions...)
	}
	return append(buf, '}')
}

func comma(buf []byte) []byte {
	if buf[len(buf)-1] == '{' {
		return buf
	}
	return append(buf, ',')
}
