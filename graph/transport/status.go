package transport

import (
	"net/http"

	"github.com/99designs/gqlgen/graphql"
)

// statusOf is the HTTP status of an answer to a well-formed request.
//
// As application/json it is 200 whatever happened: clients older than the specification read the body only then.
// As application/graphql-response+json an answer with data is 200, even if a part of it failed; without data the code
// of its first error decides, and what is wrong with the document or its variables is 400.
func statusOf(media string, resp *graphql.Response) int {
	if media != mediaResponse || len(resp.Data) > 0 {
		return http.StatusOK
	}
	var code any
	if len(resp.Errors) > 0 {
		code = resp.Errors[0].Extensions["code"]
	}
	switch code {
	case codeUnauthenticated:
		return http.StatusUnauthorized
	case "FORBIDDEN":
		return http.StatusForbidden
	case codeRateLimited:
		return http.StatusTooManyRequests
	case codeUnavailable:
		return http.StatusServiceUnavailable
	case codeInternal:
		return http.StatusInternalServerError
	}
	return http.StatusBadRequest
}
