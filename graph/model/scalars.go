// Package model has the shapes of the API that are not stored: scalars, payloads,
// connections, and what a department publishes. The rest is bound to ent's
// entities and to the domain packages' inputs; see gqlgen.yml.
package model

import (
	"encoding/json"
	"fmt"
	"io"
	"strconv"
	"time"

	"github.com/99designs/gqlgen/graphql"

	"github.com/spazio-in-comune/sportello/internal/town"
)

// Node is anything with a global id.
type Node any

// MarshalDateTime writes RFC 3339 in UTC.
func MarshalDateTime(t time.Time) graphql.Marshaler {
	if t.IsZero() {
		return graphql.Null
	}
	return graphql.WriterFunc(func(w io.Writer) {
		_, _ = io.WriteString(w, strconv.Quote(t.UTC().Format(time.RFC3339Nano)))
	})
}

// UnmarshalDateTime reads RFC 3339.
func UnmarshalDateTime(v any) (time.Time, error) {
	text, ok := v.(string)
	if !ok {
		return time.Time{}, errDateTime()
	}
	t, err := time.Parse(time.RFC3339Nano, text)
	if err != nil {
		return time.Time{}, errDateTime()
	}
	return town.Stamp(t), nil
}

func errDateTime() error {
	return town.Errorf(town.BadUserInput, "A DateTime has the form 2026-11-23T09:30:00Z.", "Un momento ha la forma 2026-11-23T09:30:00Z.")
}

// MarshalDate writes YYYY-MM-DD, null for no date.
func MarshalDate(d town.Date) graphql.Marshaler {
	if d.IsZero() {
		return graphql.Null
	}
	return graphql.WriterFunc(func(w io.Writer) { _, _ = io.WriteString(w, strconv.Quote(d.String())) })
}

// UnmarshalDate reads YYYY-MM-DD.
func UnmarshalDate(v any) (town.Date, error) {
	var d town.Date
	text, ok := v.(string)
	if !ok || d.UnmarshalText([]byte(text)) != nil || d.IsZero() {
		return town.Date{}, town.Errorf(town.BadUserInput, "A Date is a day that exists, in the form 2026-11-23.",
			"Una data è un giorno esistente, nella forma 2026-11-23.")
	}
	return d, nil
}

// MarshalJSON writes any JSON value, null for none.
func MarshalJSON(raw json.RawMessage) graphql.Marshaler {
	if len(raw) == 0 {
		return graphql.Null
	}
	return graphql.WriterFunc(func(w io.Writer) { _, _ = w.Write(raw) })
}

// UnmarshalJSON keeps any JSON value.
func UnmarshalJSON(v any) (json.RawMessage, error) {
	raw, err := json.Marshal(v)
	if err != nil {
		return nil, fmt.Errorf("this is not a JSON value")
	}
	return raw, nil
}

// MarshalLevel writes 1 to 5.
func MarshalLevel(l town.Level) graphql.Marshaler {
	return graphql.WriterFunc(func(w io.Writer) { _, _ = io.WriteString(w, strconv.Itoa(int(l))) })
}

// UnmarshalLevel reads 1 to 5.
func UnmarshalLevel(v any) (town.Level, error) {
	n, err := graphql.UnmarshalInt(v)
	if err != nil || n < int(town.LevelInfoPoint) || n > int(town.LevelMayor) {
		return 0, fmt.Errorf("a Level is a number from 1 to 5")
	}
	return town.Level(n), nil
}
