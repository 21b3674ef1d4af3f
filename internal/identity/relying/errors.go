package relying

import (
	"errors"
	"fmt"

	"golang.org/x/oauth2"
)

// What may go wrong at a sign-in, for whoever tells the person. The error around it says
// more, for the log: no token, no code and no personal data.
var (
	// ErrUnavailable: the issuer does not answer.
	ErrUnavailable = errors.New("the issuer does not answer")
	// ErrLevel: the issuer knows the person less surely than was asked.
	ErrLevel = errors.New("the sign-in has a lower level than was asked")
	// ErrRefused: what came back is not what it should be.
	ErrRefused = errors.New("the answer of the issuer is refused")
)

// refused says why, for the log.
func refused(format string, args ...any) error {
	return fmt.Errorf("%w: %w", ErrRefused, fmt.Errorf(format, args...))
}

// exchangeError keeps of a failed exchange what is no secret: OAuth's code of the error.
func exchangeError(err error) error {
	var answered *oauth2.RetrieveError
	if !errors.As(err, &answered) {
		return fmt.Errorf("%w: exchange the code: %w", ErrUnavailable, err)
	}
	if answered.Response != nil && answered.Response.StatusCode >= 500 {
		return fmt.Errorf("%w: the exchange of the code is answered with %d", ErrUnavailable, answered.Response.StatusCode)
	}
	return refused("the exchange of the code is answered with %q", answered.ErrorCode)
}
