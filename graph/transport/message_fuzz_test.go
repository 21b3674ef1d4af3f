package transport

import (
	"bytes"
	"encoding/json"
	"errors"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/spazio-in-comune/sportello/graph/limits"
)

// strict reads an object of JSON as the standard library does, member by member, and says
// whether it is one whose names come once each.
func strict(data []byte) (map[string]json.RawMessage, bool) {
	if !json.Valid(data) {
		return nil, false
	}
	decoder := json.NewDecoder(bytes.NewReader(data))
	if token, err := decoder.Token(); err != nil || token != json.Delim('{') {
		return nil, false
	}
	members := map[string]json.RawMessage{}
	for decoder.More() {
		name, err := decoder.Token()
		if err != nil {
			return nil, false
		}
		var value json.RawMessage
		if err := decoder.Decode(&value); err != nil {
			return nil, false
		}
		if _, twice := members[name.(string)]; twice {
			return nil, false
		}
		members[name.(string)] = value
	}
	return members, true
}

// textOf is a member that is a string.
func textOf(value json.RawMessage) (s string, ok bool) {
	return s, len(value) > 0 && value[0] == '"' && json.Unmarshal(value, &s) == nil
}

// FuzzParseMessage: what is accepted is a message of the protocol, means what the standard
// library reads in it, and is the same when it is written anew; what is refused is refused with
// a complaint that the client may be told.
func FuzzParseMessage(f *testing.F) {
	for _, seed := range []string{
		`{"type":"connection_init","payload":{"Authorization":"Bearer x"}}`, `{"type":"ping"}`, ` {"type" : "pong","payload":null} `,
		`{"id":"1","type":"subscribe","payload":{"query":"{ a }","variables":{"b":[1,{"c":"}"}]}}}`, `{"type":"complete","id":"1"}`,
		`{"type":"ping","type":"pong"}`, `{"Type":"ping"}`, `{"t\u0079pe":"ping"}`, `{"type":"ping","payload":[]}`, `{"type":"subscribe","id":"","payload":{}}`,
		`{"type":"complete","id":"\ud800"}`, `[{"type":"ping"}]`, `null`, `{}`, `{"type":"ping"}{"type":"ping"}`, `{"a":"\\","type":"ping"}`, "{\"type\":\"ping\xff\"}", `{"":1,"type":"ping"}`,
	} {
		f.Add([]byte(seed))
	}
	table := limits.Default()
	f.Fuzz(func(t *testing.T, data []byte) {
		before := bytes.Clone(data)
		m, err := parseMessage(table, data)
		if !bytes.Equal(before, data) {
			t.Fatal("the bytes of the client were changed")
		}
		if err != nil {
			if said := complaint(""); !errors.As(err, &said) {
				t.Fatalf("%q is refused with %T: %v", data, err, err)
			}
			return
		}
		read, ok := strict(data)
		if !ok {
			t.Fatalf("%q is accepted, and is no object of JSON with each name once", data)
		}
		kind, _ := textOf(read["type"])
		id, _ := textOf(read["id"])
		if m.kind != kind || m.id != id {
			t.Fatalf("%q is read as %q of %q, and says %q of %q", data, m.kind, m.id, kind, id)
		}
		if payload := read["payload"]; string(payload) != string(m.payload) && (m.payload != nil || payload != nil && string(payload) != "null") {
			t.Fatalf("%q has the payload %q, not %q", data, payload, m.payload)
		}
		if !slices.Contains([]string{"connection_init", "ping", "pong", "subscribe", "complete"}, m.kind) {
			t.Fatalf("%q is accepted", data)
		}
		if of := m.kind == "subscribe" || m.kind == "complete"; of && (m.id == "" || len(m.id) > table.IDBytes) {
			t.Fatalf("%q names its operation %q", data, m.id)
		}
		if object := len(m.payload) > 0 && m.payload[0] == '{'; !object && (m.kind == "subscribe" || m.payload != nil && m.kind != "complete") {
			t.Fatalf("%q has the payload %q", data, m.payload)
		}
		anew, err := json.Marshal(map[string]any{"type": m.kind, "id": m.id, "payload": m.payload})
		if err != nil {
			t.Fatalf("%q cannot be written anew: %v", data, err)
		}
		roomy := table
		roomy.JSONValues += 3 // members that it may not have had
		again, err := parseMessage(roomy, anew)
		if err != nil || again.kind != m.kind || again.id != m.id {
			t.Fatalf("%q is read as %+v, and written anew as %+v, %v", data, m, again, err)
		}
	})
}

// FuzzDecodeParams: the parameters that are accepted are those that the standard library reads,
// the query and the numbers to the letter, and the same when they are written anew.
func FuzzDecodeParams(f *testing.F) {
	for _, seed := range []string{
		`{"query":"{ a }"}`, `{"query":"","operationName":null,"variables":null,"extensions":null}`,
		`{"query":"query A($n: Int) { a(n: $n) }","operationName":"A","variables":{"n":9007199254740993,"f":1e400,"list":[{"x":"]"}]},"extensions":{"persistedQuery":{"version":1}}}`,
		`{"query":1}`, `{"query":null}`, `{"operationName":"A"}`, `{"query":"{a}","query":"{b}"}`, `{"Query":"{a}"}`, `{"query":"{a}","variables":[]}`,
		`{"query":"{a}","variables":"{}"}`, `{"query":"\u007ba\u007d","unknown":[1,2,{"query":"{b}"}]}`, `{"query":"\ud83d"}`, `[]`, `{"query":"{a}","variables":{"a":1,"a":2}}`, ` { "query" : "{a}" , "operationName" : "" } `,
	} {
		f.Add([]byte(seed))
	}
	table := limits.Default()
	f.Fuzz(func(t *testing.T, data []byte) {
		if checkJSON(table, data) != nil {
			return // nobody decodes it
		}
		params, err := decodeParams(data)
		if err != nil {
			if said := complaint(""); !errors.As(err, &said) {
				t.Fatalf("%q is refused with %T: %v", data, err, err)
			}
			return
		}
		read, ok := strict(data)
		if !ok {
			t.Fatalf("%q is accepted, and is no object of JSON with each name once", data)
		}
		query, isText := textOf(read["query"])
		if !isText || params.Query != query {
			t.Fatalf("%q asks for %q, not %q", data, query, params.Query)
		}
		if name, _ := textOf(read["operationName"]); params.OperationName != name {
			t.Fatalf("%q is of the operation %q, not %q", data, name, params.OperationName)
		}
		for name, got := range map[string]map[string]any{"variables": params.Variables, "extensions": params.Extensions} {
			var want map[string]any
			if value, given := read[name]; given {
				decoder := json.NewDecoder(bytes.NewReader(value))
				decoder.UseNumber()
				if err := decoder.Decode(&want); err != nil {
					t.Fatalf("%q has %s %q, which were accepted: %v", data, name, value, err)
				}
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Fatalf("%q, %s (-want +got):\n%s", data, name, diff)
			}
		}
		anew, err := json.Marshal(map[string]any{
			"query": params.Query, "operationName": params.OperationName, "variables": params.Variables, "extensions": params.Extensions,
		})
		if err != nil {
			t.Fatalf("%q cannot be written anew: %v", data, err)
		}
		again, err := decodeParams(anew)
		if err != nil {
			t.Fatalf("%q, written anew as %q: %v", data, anew, err)
		}
		if diff := cmp.Diff(params, again); diff != "" {
			t.Fatalf("%q, written anew (-want +got):\n%s", data, diff)
		}
	})
}
