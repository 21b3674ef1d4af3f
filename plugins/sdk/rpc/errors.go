package rpc

import (
	"context"
	"fmt"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

// Fault says in which way a department failed.
type Fault string

// The faults of a call.
const (
	// Unreachable: the process is gone or its connection broke.
	Unreachable Fault = "unreachable"
	// Timeout: no answer within the limit of the call.
	Timeout Fault = "timeout"
	// TooLarge: the answer or the request is over the limit.
	TooLarge Fault = "too_large"
	// BadAnswer: the answer is not what the contract says.
	BadAnswer Fault = "bad_answer"
	// Broken: the department itself reported an error, or panicked.
	Broken Fault = "broken"
)

// Error is a call that a department failed. The text of Cause comes from the
// department: it is for the log of the platform, never for a citizen.
type Error struct {
	Method string
	Fault  Fault
	Cause  error
}

// Error implements error.
func (e *Error) Error() string {
	return fmt.Sprintf("department call %s: %s: %s", e.Method, e.Fault, cut(e.Cause.Error()))
}

// Unwrap gives the cause.
func (e *Error) Unwrap() error { return e.Cause }

// callError tells the faults apart. ctx is the caller's own context, limited the
// call's: if the caller's ended, the department is not to blame.
func callError(ctx, limited context.Context, method string, err error) error {
	if cause := gaveUp(ctx, limited, err); cause != nil {
		return fmt.Errorf("department call %s: %w", method, cause)
	}
	fault := Broken
	switch status.Code(err) {
	case codes.Unavailable, codes.Canceled:
		fault = Unreachable
	case codes.DeadlineExceeded:
		fault = Timeout
	case codes.ResourceExhausted:
		fault = TooLarge
	case codes.Internal:
		fault = BadAnswer
	}
	return &Error{Method: method, Fault: fault, Cause: err}
}

// gaveUp is why the caller gave up, nil if it did not. The department knows the
// deadline too and may say first that it has passed.
func gaveUp(ctx, limited context.Context, err error) error {
	if ctx.Err() != nil || status.Code(err) != codes.DeadlineExceeded {
		return ctx.Err()
	}
	callers, has := ctx.Deadline()
	calls, _ := limited.Deadline()
	if has && !callers.After(calls) {
		return context.DeadlineExceeded
	}
	return nil
}
