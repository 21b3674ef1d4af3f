package store

import (
	"context"
	"fmt"
	"time"

	"entgo.io/ent"

	"github.com/spazio-in-comune/sportello/internal/town"
)

// utcTimes stores every time in UTC, to the microsecond: SQLite compares times
// as text, so two zones in one column would sort wrongly.
func utcTimes(next ent.Mutator) ent.Mutator {
	return ent.MutateFunc(func(ctx context.Context, m ent.Mutation) (ent.Value, error) {
		for _, name := range m.Fields() {
			value, ok := m.Field(name)
			if !ok {
				continue
			}
			at, ok := value.(time.Time)
			if !ok {
				continue
			}
			if err := m.SetField(name, town.Stamp(at)); err != nil {
				return nil, fmt.Errorf("store %s in UTC: %w", name, err)
			}
		}
		return next.Mutate(ctx, m)
	})
}
