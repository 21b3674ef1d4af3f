package transport

import (
	"encoding/json"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

func TestMembers(t *testing.T) {
	for text, want := range map[string][]string{
		`{}`:                               nil,
		" \n{ } ":                          nil,
		`{"a":1}`:                          {"a", "1"},
		` { "a" : -1.5e3 , "b" : null } `:  {"a", "-1.5e3", "b", "null"},
		`{"a":{"b":[1,{"c":"}"}]},"d":[]}`: {"a", `{"b":[1,{"c":"}"}]}`, "d", "[]"},
		`{"\u0061\"":"\\\"","b":"\\"}`:     {`a"`, `"\\\""`, "b", `"\\"`},
		`{"a":true}`:                       {"a", "true"},
		"{\"a\":[ ]\r\n,\t\"b\":{ }}":      {"a", "[ ]", "b", "{ }"},
	} {
		var got []string
		err := members([]byte(text), func(name string, value json.RawMessage) error {
			got = append(got, name, string(value))
			return nil
		})
		if diff := cmp.Diff(want, got); err != nil || diff != "" {
			t.Errorf("%s: %v %s", text, err, diff)
		}
	}
	for text, want := range map[string]error{`[]`: errNotObject, `1`: errNotObject, `"{"`: errNotObject, `{"a":1,"\u0061":2}`: errTwice} {
		if err := members([]byte(text), func(string, json.RawMessage) error { return nil }); err != want { //nolint:errorlint // constants
			t.Errorf("%s: %v, want %v", text, err, want)
		}
	}
}

// TestMembersAgreeWithTheLibrary writes any object in any layout and reads it again.
func TestMembersAgreeWithTheLibrary(t *testing.T) {
	value := rapid.Deferred(func() *rapid.Generator[any] { return anyValue(3) })
	rapid.Check(t, func(t *rapid.T) {
		object := rapid.MapOf(rapid.String(), value).Draw(t, "object")
		text, err := json.Marshal(object)
		if rapid.Bool().Draw(t, "indented") {
			text, err = json.MarshalIndent(object, "\t", " \n")
		}
		if err != nil {
			t.Fatal(err)
		}
		got := map[string]any{}
		err = members(text, func(name string, value json.RawMessage) error {
			var v any
			if err := json.Unmarshal(value, &v); err != nil {
				return err
			}
			got[name] = v
			return nil
		})
		if err != nil {
			t.Fatalf("%s: %v", text, err)
		}
		want := map[string]any{}
		if err := json.Unmarshal(text, &want); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Fatalf("%s: %s", text, diff)
		}
	})
}

func anyValue(depth int) *rapid.Generator[any] {
	scalars := []*rapid.Generator[any]{
		rapid.Just[any](nil), rapid.Bool().AsAny(), rapid.Float64Range(-1e9, 1e9).AsAny(), rapid.String().AsAny(),
	}
	if depth == 0 {
		return rapid.OneOf(scalars...)
	}
	return rapid.OneOf(append(scalars,
		rapid.SliceOfN(anyValue(depth-1), 0, 3).AsAny(), rapid.MapOfN(rapid.String(), anyValue(depth-1), 0, 3).AsAny())...)
}
