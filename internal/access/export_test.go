package access

import (
	"context"

	"github.com/spazio-in-comune/sportello/internal/town"
)

// ExplainThing explains on a thing of the kind, whose id need not say what it is.
func (a *Authority) ExplainThing(ctx context.Context, personID string, act Act, kind town.Prefix, id string) (*Explanation, error) {
	return a.explainThing(System(ctx, "test"), personID, act, kind, id)
}
