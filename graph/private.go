package graph

import (
	"context"

	"github.com/spazio-in-comune/sportello/ent"
	"github.com/spazio-in-comune/sportello/internal/access"
	"github.com/spazio-in-comune/sportello/internal/identity"
)

// forStaff is nil for everyone who does not work in the house, and for an empty
// column.
func forStaff[T comparable](ctx context.Context, value T) *T {
	if !access.IsStaff(ctx) {
		return nil
	}
	return orNull(value)
}

// personal is one of the personal data of a person, nil for whoever may not read
// them.
func personal(ctx context.Context, row *ent.Person, part func(*identity.Personal) string) (*string, error) {
	data, err := load(ctx).personal.Load(ctx, row)
	if err != nil || data == nil {
		return nil, err
	}
	return orNull(part(data)), nil
}
