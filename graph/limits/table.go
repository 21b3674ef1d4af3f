package limits

import "time"

// Table is every limit of the API in one place. A zero figure means "none allowed", not "no limit": start from
// Default and change what has to differ.
type Table struct {
	// The request.
	BodyBytes  int64         // bytes of a POST body; more is 413
	URLBytes   int           // bytes of a GET's query string; more is 414
	JSONDepth  int           // objects and arrays within each other in a JSON body or message
	JSONValues int           // values in a JSON body or message: what decoding it may cost
	Request    time.Duration // time for a query or mutation; subscriptions have none

	// The document, before validation.
	QueryBytes int // bytes of the document's text
	Tokens     int // lexical tokens, comments included
	Nesting    int // braces, brackets and parentheses within each other
	Operations int // operations in one document
	Fragments  int // fragment definitions in one document: validation compares each with each
	Depth      int // fields within each other, fragments opened; below __schema and __type validation has its own limit
	Aliases    int // fields with an alias, as written
	Directives int // directives, as written
	RootFields int // fields at the root of an operation, fragments opened
	Fields     int // fields of an operation once every fragment is opened; one spread twice counts twice
	Repeats    int // times one response path may be selected: validation compares each with each
	Sensitive  int // root fields of a mutation of a sensitive kind (see Guard.Sensitive)

	// The operation, after validation.
	PageMin     int // smallest first or last
	PageMax     int // largest first or last
	DefaultPage int // items assumed of a connection asked without first and last
	ListItems   int // items assumed of a list that has no page argument
	Nodes       int // objects that all lists together may return
	Cost        int // objects that may be resolved: 1 each, scalars and connection wrappers 0, times the list sizes

	// The answer.
	Errors     int // errors in one answer
	ErrorChars int // characters of one error's message, and of each name in its path

	// The WebSocket.
	MessageBytes      int64         // bytes of one incoming message; more closes with 1009
	MessageRate       float64       // incoming messages a second and socket, on average; a faster client is read more slowly
	MessageBurst      int           // incoming messages that may come at once
	IDBytes           int           // bytes of an operation's id; more closes with 4400
	Subscriptions     int           // operations in progress on one socket
	SocketsPerUser    int           // sockets open by one user at a time
	SocketsPerAddress int           // sockets and event streams open from one address at a time; of IPv6, from one /64
	QueueBytes        int           // bytes waiting to be written to one socket
	QueueEvents       int           // messages waiting to be written to one socket
	InitTimeout       time.Duration // time to send connection_init; later closes with 4408
	Ping              time.Duration // time between pings of the server
	Silence           time.Duration // time without a sign of life after which a peer is dropped
	Write             time.Duration // time one frame may take to be written, and a full queue to make room
}

// Default is the table the product ships with.
func Default() Table {
	return Table{
		BodyBytes:  1 << 20,
		URLBytes:   16 << 10,
		JSONDepth:  64,
		JSONValues: 20_000,
		Request:    5 * time.Second,

		QueryBytes: 128 << 10,
		Tokens:     5_000,
		Nesting:    100,
		Operations: 10,
		Fragments:  50,
		Depth:      12,
		Aliases:    30,
		Directives: 50,
		RootFields: 20,
		Fields:     5_000,
		Repeats:    100,
		Sensitive:  1,

		PageMin:     1,
		PageMax:     100,
		DefaultPage: 25,
		ListItems:   10,
		Nodes:       10_000,
		Cost:        1_000,

		Errors:     10,
		ErrorChars: 500,

		MessageBytes:      64 << 10,
		MessageRate:       10,
		MessageBurst:      60,
		IDBytes:           128,
		Subscriptions:     50,
		SocketsPerUser:    20,
		SocketsPerAddress: 1_000,
		QueueBytes:        256 << 10,
		QueueEvents:       256,
		InitTimeout:       5 * time.Second,
		Ping:              12 * time.Second,
		Silence:           30 * time.Second,
		Write:             10 * time.Second,
	}
}
