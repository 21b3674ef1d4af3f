package transport

import (
	"bytes"
	"fmt"
	"net/http"
	"sync"
	"time"

	"github.com/99designs/gqlgen/graphql"

	"github.com/spazio-in-comune/sportello/graph/limits"
)

// mediaEvents is the media type of an event stream.
const mediaEvents = "text/event-stream"

// eventWriter writes events to one response, each within the write deadline: what a peer that does not read could make
// wait is one event, the rest stays with the producer. One goroutine writes; any may hurry it.
type eventWriter struct {
	w     http.ResponseWriter
	flow  *http.ResponseController
	table limits.Table
	sent  func(bytes int)

	mu      sync.Mutex // guards hurried
	hurried bool
}

// newEventWriter begins the response. It fails where the response cannot be streamed.
func newEventWriter(w http.ResponseWriter, table limits.Table, sent func(int)) (*eventWriter, error) {
	e := &eventWriter{w: w, flow: http.NewResponseController(w), table: table, sent: sent}
	// The times within which a request is read and answered are not for streams.
	if err := e.flow.SetReadDeadline(time.Time{}); err != nil {
		return nil, fmt.Errorf("lift the time to read the request: %w", err)
	}
	if err := e.flow.SetWriteDeadline(time.Now().Add(table.Write)); err != nil {
		return nil, fmt.Errorf("set the time to write an event: %w", err)
	}
	header := w.Header()
	header.Set("Content-Type", mediaEvents+"; charset=utf-8")
	header.Set("Cache-Control", "no-store")
	header.Set("X-Content-Type-Options", "nosniff")
	header.Set("Connection", "close")     // the deadlines of a stream are for no further request
	header.Set("X-Accel-Buffering", "no") // a proxy in between must not collect events
	w.WriteHeader(http.StatusOK)
	return e, nil
}

// next writes a result.
func (e *eventWriter) next(resp *graphql.Response) error {
	resp.Errors = e.table.Trim(resp.Errors)
	event := appendResponse([]byte("event: next\ndata: "), resp)
	// A line break can only stand between two tokens of JSON, where a space means the same.
	payload := event[len("event: next\n"):]
	for _, c := range []byte("\n\r") {
		if bytes.IndexByte(payload, c) >= 0 {
			payload = bytes.ReplaceAll(payload, []byte{c}, []byte{' '})
		}
	}
	return e.write(append(append([]byte("event: next\n"), payload...), "\n\n"...))
}

// ping writes a comment, so that whatever stands in between keeps the connection open, and a peer that is gone is
// noticed.
func (e *eventWriter) ping() error { return e.write([]byte(":\n\n")) }

// finish writes the reason, if any, and the last event. Nobody is told if they cannot be written: the peer is gone, or
// has been too slow, and comes back with its cursor.
func (e *eventWriter) finish(reason *graphql.Response) {
	e.hurry()
	if reason != nil && e.next(reason) != nil {
		return
	}
	_ = e.write([]byte("event: complete\ndata:\n\n"))
}

func (e *eventWriter) write(event []byte) error {
	if err := e.allow(); err != nil {
		return err
	}
	if _, err := e.w.Write(event); err != nil {
		return fmt.Errorf("write an event: %w", err)
	}
	if err := e.flow.Flush(); err != nil {
		return fmt.Errorf("write an event: %w", err)
	}
	e.sent(len(event))
	return nil
}

// allow gives the next event its time, unless the stream is at its end.
func (e *eventWriter) allow() error {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.hurried {
		return nil
	}
	if err := e.flow.SetWriteDeadline(time.Now().Add(e.table.Write)); err != nil {
		return fmt.Errorf("set the time to write an event: %w", err)
	}
	return nil
}

// hurry leaves what is being written, and what is written after, the time in which a connection closes.
func (e *eventWriter) hurry() {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.hurried {
		return
	}
	e.hurried = true
	// A connection that takes no deadline has ended.
	_ = e.flow.SetWriteDeadline(time.Now().Add(closeWait))
}
