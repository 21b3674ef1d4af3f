package town

import (
	"errors"
	"fmt"
)

// Code classifies an error for the one who reads it.
type Code string

// The codes of top-level GraphQL errors.
const (
	Unauthenticated Code = "UNAUTHENTICATED"
	Forbidden       Code = "FORBIDDEN"
	NotFound        Code = "NOT_FOUND"
	BadUserInput    Code = "BAD_USER_INPUT"
	RateLimited     Code = "RATE_LIMITED"
	QueryTooComplex Code = "QUERY_TOO_COMPLEX"
	Unavailable     Code = "UNAVAILABLE"
	SnapshotNeeded  Code = "SNAPSHOT_NEEDED"
	Internal        Code = "INTERNAL"
)

// The codes of userErrors: what a person can mend.
const (
	Invalid              Code = "INVALID"
	Required             Code = "REQUIRED"
	Conflict             Code = "CONFLICT"
	PreconditionFailed   Code = "PRECONDITION_FAILED"
	IdempotencyKeyReused Code = "IDEMPOTENCY_KEY_REUSED"
	PluginUnavailable    Code = "PLUGIN_UNAVAILABLE"
	FieldProblem         Code = "FIELD_PROBLEM"
	NotAllowed           Code = "NOT_ALLOWED"
)

// Error is what the house tells a caller. Message may be shown to a person; the
// cause never is.
type Error struct {
	Code Code
	// Message and MessageIT say what happened and what to do about it.
	Message   string
	MessageIT string
	// Path names the input at fault, for instance ["input", "answers", "email"].
	Path []string
	// Detail is the service's own code, such as a form's check code.
	Detail string
	// Cause is logged, never shown.
	Cause error
}

// Error implements error.
func (e *Error) Error() string {
	if e.Cause != nil {
		return fmt.Sprintf("%s: %s: %v", e.Code, e.Message, e.Cause)
	}
	return fmt.Sprintf("%s: %s", e.Code, e.Message)
}

// Unwrap gives the cause.
func (e *Error) Unwrap() error { return e.Cause }

// Errorf makes an error of the given code. English comes first, then Italian.
func Errorf(code Code, en, it string) *Error {
	return &Error{Code: code, Message: en, MessageIT: it}
}

// At returns a copy that names the input at fault.
func (e *Error) At(path ...string) *Error {
	c := *e
	c.Path = path
	return &c
}

// CodeOf is the code of err, Internal if it is none of ours.
func CodeOf(err error) Code {
	var e *Error
	if errors.As(err, &e) {
		return e.Code
	}
	return Internal
}

// IsUserError reports whether err is a business refusal, which belongs into a
// payload's userErrors, and not a fault.
func IsUserError(err error) bool {
	switch CodeOf(err) {
	case Invalid, Required, Conflict, PreconditionFailed, IdempotencyKeyReused, PluginUnavailable, FieldProblem, NotAllowed:
		return true
	default:
		return false
	}
}

// Problems are several user errors that are reported together.
type Problems []*Error

// Error implements error.
func (p Problems) Error() string {
	if len(p) == 0 {
		return "no problems"
	}
	return fmt.Sprintf("%d problems, the first: %s", len(p), p[0].Error())
}

// ErrNotFound hides whether a thing is missing or only hidden.
func ErrNotFound() *Error {
	return Errorf(NotFound, "There is no such object, or you may not see it.", "L'oggetto non esiste o non è visibile a chi chiede.")
}
