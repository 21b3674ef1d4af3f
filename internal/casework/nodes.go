package casework

import (
	"context"
	"fmt"

	"github.com/spazio-in-comune/sportello/ent"
	"github.com/spazio-in-comune/sportello/ent/caseclock"
	"github.com/spazio-in-comune/sportello/ent/casedocument"
	"github.com/spazio-in-comune/sportello/ent/caseentry"
	"github.com/spazio-in-comune/sportello/ent/casefile"
	"github.com/spazio-in-comune/sportello/internal/access"
	"github.com/spazio-in-comune/sportello/internal/town"
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

// Reference is what whoever holds a step of the ladder may know of its case: no
// name, no answer.
type Reference struct {
	Protocol string
	Phase    town.Phase
}

// References are the references of cases by id, whoever asks. Ask only for the
// case of something that the viewer may see.
func (c *Cases) References(ctx context.Context, ids []string) (map[string]*Reference, error) {
	ctx = access.System(ctx, "casework.reference")
	rows, err := c.store.Reader().CaseFile.Query().Where(casefile.IDIn(ids...)).
		Select(casefile.FieldID, casefile.FieldProtocol, casefile.FieldPhase).All(ctx)
	if err != nil {
		return nil, fmt.Errorf("read %d case references: %w", len(ids), err)
	}
	found := make(map[string]*Reference, len(rows))
	for _, row := range rows {
		found[row.ID] = &Reference{Protocol: row.Protocol, Phase: row.Phase}
	}
	return found, nil
}

func keyed[T any](rows []T, id func(T) string) map[string]T {
	found := make(map[string]T, len(rows))
	for _, row := range rows {
		found[id(row)] = row
	}
	return found
}
