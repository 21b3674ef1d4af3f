package casework

import (
	"context"
	"fmt"

	"github.com/spazio-in-comune/sportello/ent"
	"github.com/spazio-in-comune/sportello/ent/caseclock"
	"github.com/spazio-in-comune/sportello/ent/casedocument"
	"github.com/spazio-in-comune/sportello/ent/caseentry"
)

// EntriesByIDs are lines of timelines that the viewer may see, by id.
func (c *Cases) EntriesByIDs(ctx context.Context, ids []string) (map[string]*ent.CaseEntry, error) {
	rows, err := c.store.Reader().CaseEntry.Query().Where(caseentry.IDIn(ids...)).All(ctx)
	if err != nil {
		return nil, fmt.Errorf("read %d timeline entries: %w", len(ids), err)
	}
	return keyed(rows, func(e *ent.CaseEntry) string { return e.ID }), nil
}

// DocumentsByIDs are papers of cases that the viewer may see, by id.
func (c *Cases) DocumentsByIDs(ctx context.Context, ids []string) (map[string]*ent.CaseDocument, error) {
	rows, err := c.store.Reader().CaseDocument.Query().Where(casedocument.IDIn(ids...)).All(ctx)
	if err != nil {
		return nil, fmt.Errorf("read %d documents: %w", len(ids), err)
	}
	return keyed(rows, func(d *ent.CaseDocument) string { return d.ID }), nil
}

// ClocksByIDs are terms of cases that the viewer may see, by id.
func (c *Cases) ClocksByIDs(ctx context.Context, ids []string) (map[string]*ent.CaseClock, error) {
	rows, err := c.store.Reader().CaseClock.Query().Where(caseclock.IDIn(ids...)).All(ctx)
	if err != nil {
		return nil, fmt.Errorf("read %d clocks: %w", len(ids), err)
	}
	return keyed(rows, func(k *ent.CaseClock) string { return k.ID }), nil
}

func keyed[T any](rows []T, id func(T) string) map[string]T {
	found := make(map[string]T, len(rows))
	for _, row := range rows {
		found[id(row)] = row
	}
	return found
}
