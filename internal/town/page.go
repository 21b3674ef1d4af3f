package town

import (
	"encoding/base64"
)

// The bounds of a page.
const (
	DefaultPageSize = 25
	MaxPageSize     = 100
)

// PageArgs are the arguments of a Relay connection. Nil means not given.
type PageArgs struct {
	First, Last   *int
	After, Before *string
}

// PageSpec is a checked page: how many, from which id, in which direction. Lists
// run from the newest id to the oldest.
type PageSpec struct {
	Size int
	// Below and Above are exclusive bounds by id; empty means none.
	Below, Above string
	// Backward reads from the end of the list.
	Backward bool
}

// Spec checks the arguments: first or last from 1 to 100, not mixed, cursors
// that this house made for ids with the given prefix.
func (a PageArgs) Spec(prefix Prefix) (PageSpec, error) {
	if a.First != nil && (a.Last != nil || a.Before != nil) || a.Last != nil && a.After != nil || a.After != nil && a.Before != nil {
		return PageSpec{}, Errorf(BadUserInput, "Use first with after, or last with before; do not mix them.", "Usare first con after, oppure last con before, senza mescolarli.")
	}
	spec := PageSpec{Size: DefaultPageSize, Backward: a.Last != nil || a.Before != nil}
	for _, n := range []*int{a.First, a.Last} {
		if n == nil {
			continue
		}
		if *n < 1 || *n > MaxPageSize {
			return PageSpec{}, Errorf(BadUserInput, "first and last go from 1 to 100.", "first e last vanno da 1 a 100.")
		}
		spec.Size = *n
	}
	var err error
	if a.After != nil {
		spec.Below, err = readCursor(*a.After, prefix)
	}
	if a.Before != nil {
		spec.Above, err = readCursor(*a.Before, prefix)
	}
	return spec, err
}

// Page is a page of things with ids, in list order.
type Page[T any] struct {
	Items                []T
	HasNext, HasPrevious bool
}

// CutPage makes a page from up to Size+1 items read in the direction of the spec.
func CutPage[T any](spec PageSpec, read []T) Page[T] {
	more := len(read) > spec.Size
	if more {
		read = read[:spec.Size]
	}
	if !spec.Backward {
		return Page[T]{Items: read, HasNext: more, HasPrevious: spec.Below != ""}
	}
	items := make([]T, len(read))
	for i, item := range read {
		items[len(read)-1-i] = item
	}
	return Page[T]{Items: items, HasNext: spec.Above != "", HasPrevious: more}
}

// Cursor is the opaque position of an id in a list.
func Cursor(id string) string { return base64.RawURLEncoding.EncodeToString([]byte(id)) }

func readCursor(cursor string, prefix Prefix) (string, error) {
	id, err := base64.RawURLEncoding.DecodeString(cursor)
	if err != nil || len(id) > 32 || PrefixOf(string(id)) != prefix {
		return "", Errorf(BadUserInput, "This cursor is not from this list.", "Questo cursore non appartiene a questo elenco.")
	}
	return string(id), nil
}
