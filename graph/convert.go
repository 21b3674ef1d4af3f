package graph

import (
	"github.com/spazio-in-comune/sportello/plugins/sdk"
)

// orNull is nil for the zero value: an empty column is null in the API.
func orNull[T comparable](value T) *T {
	var zero T
	if value == zero {
		return nil
	}
	return &value
}

// text joins the columns of a label.
func text(it, en string) *sdk.Text { return &sdk.Text{IT: it, EN: en} }

// pointers gives a list of addresses, which is how gqlgen wants objects.
func pointers[T any](list []T) []*T {
	out := make([]*T, len(list))
	for i := range list {
		out[i] = &list[i]
	}
	return out
}

// orEmpty never is nil, for lists that the contract does not let be null.
func orEmpty[T any](list []T) []T {
	if list == nil {
		return []T{}
	}
	return list
}

// orZero is the value pointed to, or the zero value for nil.
func orZero[T any](value *T) T {
	if value == nil {
		var zero T
		return zero
	}
	return *value
}

// unlessAll is nil for "*", which stands for all.
func unlessAll(code string) *string {
	if code == "*" {
		return nil
	}
	return &code
}
