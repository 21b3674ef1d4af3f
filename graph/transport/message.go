package transport

import (
	"encoding/json"

	"github.com/vektah/gqlparser/v2/gqlerror"

	"github.com/spazio-in-comune/sportello/graph/limits"
)

// message is one that a client may send.
type message struct {
	kind    string // connection_init, ping, pong, subscribe, complete
	id      string
	payload json.RawMessage // nil when absent or null
}

const errBadMessage = complaint("Invalid message received")

// parseMessage reads a text message and refuses all that the protocol does not have: other types, an operation without
// an id, an id or a payload of the wrong type.
func parseMessage(table limits.Table, data []byte) (message, error) {
	var m message
	if err := checkJSON(table, data); err != nil {
		return m, err
	}
	err := members(data, func(name string, value json.RawMessage) error {
		switch name {
		case "type":
			return decodeString(name, value, &m.kind)
		case "id":
			return decodeString(name, value, &m.id)
		case "payload":
			if !isNull(value) {
				m.payload = value
			}
		}
		return nil
	})
	if err != nil {
		return m, err
	}
	return m, m.check(table)
}

func (m message) check(table limits.Table) error {
	hasMap := len(m.payload) > 0 && m.payload[0] == '{'
	switch m.kind {
	case "connection_init", "ping", "pong":
		if m.payload != nil && !hasMap {
			return errBadMessage
		}
		return nil
	case "subscribe":
		if !hasMap {
			return errBadMessage
		}
	case "complete":
	default:
		return errBadMessage
	}
	if m.id == "" || len(m.id) > table.IDBytes {
		return errBadMessage
	}
	return nil
}

// Frames that the server sends without a payload or an id.
const (
	framePing = `{"type":"ping"}`
	framePong = `{"type":"pong"}`
	// framePlainPong is how nearly every client answers a ping.
	framePlainPong = framePong
)

func ackFrame(payload map[string]any) ([]byte, error) {
	return json.Marshal(struct {
		Type    string         `json:"type"`
		Payload map[string]any `json:"payload,omitempty"`
	}{"connection_ack", payload})
}

// operationFrame builds the frame of a message of one operation around a payload that is JSON already.
func operationFrame(id, kind string, payload []byte) []byte {
	return newTemplate(kind, payload).to(quote(id))
}

func quote(id string) []byte {
	quoted, err := json.Marshal(id)
	if err != nil { // a string is always JSON
		return []byte(`""`)
	}
	return quoted
}

// errorFrame ends an operation: its payload is the list of errors.
func errorFrame(id string, errors gqlerror.List) []byte {
	return operationFrame(id, "error", errorPayload(errors))
}

func errorPayload(errors gqlerror.List) []byte {
	payload, err := json.Marshal(errors)
	if err != nil { // an extension that is no JSON
		payload, _ = json.Marshal(internalError().Errors)
	}
	return payload
}
