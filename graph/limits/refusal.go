package limits

import (
	"fmt"

	"github.com/vektah/gqlparser/v2/gqlerror"
)

// Codes of the errors made here, in `extensions.code`.
const (
	CodeTooComplex = "QUERY_TOO_COMPLEX" // the operation asks for more than the table allows
	CodeBadInput   = "BAD_USER_INPUT"    // the operation or an argument is wrong in itself
)

// tooMany refuses an operation that goes over a limit. The error's extensions hold the limit and the value found, so
// that a developer can mend the operation; a count stops growing where it can no longer matter.
func tooMany(what string, limit, found int) *gqlerror.Error {
	return refusal(CodeTooComplex, fmt.Sprintf("The operation has too many %s: %d, at most %d.", what, found, limit), limit, found)
}

func refusal(code, message string, limit, found int) *gqlerror.Error {
	return &gqlerror.Error{
		Message:    message,
		Extensions: map[string]any{"code": code, "limit": limit, "found": found},
	}
}

func badInput(message string) *gqlerror.Error {
	return &gqlerror.Error{Message: message, Extensions: map[string]any{"code": CodeBadInput}}
}
