package transport

import "errors"

// CloseCode says why a socket was closed (RFC 6455, section 7.4).
type CloseCode uint16

// Close codes of a socket. Those from 4400 are the protocol's; the others have their general meaning. A client built on
// graphql-ws comes back by itself after 1012, 1013, 4403 and 4408, and gives up after the rest.
const (
	CloseNormal              CloseCode = 1000              // the client is done
	CloseProtocolError       CloseCode = 1002              // frames that are none, such as those without a mask
	CloseNoCode              CloseCode = 1005              // never sent: the client said goodbye without one
	CloseGone                CloseCode = 1006              // never sent: the connection went away or was silent too long
	CloseNotUTF8             CloseCode = 1007              // text that is none
	CloseMessageTooBig       CloseCode = 1009              // a longer message than is read
	CloseInternal            CloseCode = 1011              // a fault of the server's
	CloseServiceRestart      CloseCode = 1012              // come back, another process answers
	CloseTooSlow             CloseCode = 1013              // the client does not read what it asked for; come back and resume
	CloseBadMessage          CloseCode = 4400              // a message that is none of the protocol's
	CloseUnauthorized        CloseCode = 4401              // subscribe before the acknowledgement
	CloseForbidden           CloseCode = 4403              // the session was refused or is over: come back with a new token
	CloseSubprotocol         CloseCode = 4406              // the client does not speak graphql-transport-ws
	CloseInitTimeout         CloseCode = 4408              // no connection_init in time
	CloseDuplicateOperation  CloseCode = 4409              // the id of an operation in progress
	CloseTooManyInits        CloseCode = 4429              // a second connection_init
	CloseTooManySocketsAUser           = CloseTooManyInits // more sockets than one user may have: no use in trying again
)

// sendable reports whether a close frame may carry the code: those that are registered for it, and those left to
// libraries and applications.
func (c CloseCode) sendable() bool {
	const badGateway, mine, end = 1014, 3000, 5000
	return c >= CloseNormal && c <= 1003 || c >= CloseNotUTF8 && c <= badGateway || c >= mine && c < end
}

// CloseError makes a socket close with a code and a reason of its own; see SocketConfig.Init. The reason is at most 123
// bytes and is sent to the client.
type CloseError struct {
	Code   CloseCode
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
