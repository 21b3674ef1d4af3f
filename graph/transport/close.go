package transport

import (
	"errors"

	"github.com/coder/websocket"
)

// Close codes of a socket. Those from 4400 are the protocol's; the others have their general meaning. A client built on
// graphql-ws comes back by itself after 1012, 1013, 4403 and 4408, and gives up after the rest.
const (
	CloseNormal              = websocket.StatusNormalClosure           // 1000: the client is done
	CloseGone                = websocket.StatusCode(1006)              // never sent: the connection went away or was silent too long
	CloseNotUTF8             = websocket.StatusInvalidFramePayloadData // 1007
	CloseMessageTooBig       = websocket.StatusMessageTooBig           // 1009
	CloseInternal            = websocket.StatusInternalError           // 1011
	CloseServiceRestart      = websocket.StatusServiceRestart          // 1012: come back, another process answers
	CloseTooSlow             = websocket.StatusTryAgainLater           // 1013: the client does not read what it asked for; come back and resume
	CloseBadMessage          = websocket.StatusCode(4400)              // a message that is none of the protocol's
	CloseUnauthorized        = websocket.StatusCode(4401)              // subscribe before the acknowledgement
	CloseForbidden           = websocket.StatusCode(4403)              // the session was refused or is over: come back with a new token
	CloseSubprotocol         = websocket.StatusCode(4406)              // the client does not speak graphql-transport-ws
	CloseInitTimeout         = websocket.StatusCode(4408)              // no connection_init in time
	CloseDuplicateOperation  = websocket.StatusCode(4409)              // the id of an operation in progress
	CloseTooManyInits        = websocket.StatusCode(4429)              // a second connection_init
	CloseTooManySocketsAUser = CloseTooManyInits                       // more sockets than one user may have: no use in trying again
)

// CloseError makes a socket close with a code and a reason of its own; see SocketConfig.Init. The reason is at most 123
// bytes and is sent to the client.
type CloseError struct {
	Code   websocket.StatusCode
	Reason string
	// Err is what an event stream, which has no codes, tells instead: it goes through the error presenter. Nil is that
	// the session has ended.
	Err error
}

// Error is the reason.
func (e *CloseError) Error() string { return e.Reason }

// Unwrap is the error behind it.
func (e *CloseError) Unwrap() error { return e.Err }

// closeErrorOf finds the CloseError in err; nil if there is none.
func closeErrorOf(err error) *CloseError {
	var own *CloseError
	if errors.As(err, &own) {
		return own
	}
	return nil
}
