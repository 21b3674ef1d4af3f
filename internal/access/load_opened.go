package access

import (
	"context"
	"fmt"
	"time"

	"github.com/spazio-in-comune/sportello/ent"
	"github.com/spazio-in-comune/sportello/ent/escalation"
	"github.com/spazio-in-comune/sportello/ent/opening"
)

// loadOpened reads the personal data that level 5 has open: few rows, which close by
// themselves within the day.
func (h *standing) loadOpened(ctx context.Context, db *ent.Client, now time.Time) error {
	rows, err := db.Opening.Query().Where(opening.UntilGT(now)).
		Select(opening.FieldID, opening.FieldPersonID, opening.FieldEscalationID, opening.FieldUntil).Order(opening.ByID()).All(ctx)
	if err != nil {
		return fmt.Errorf("load the personal data that are open: %w", err)
	}
	h.opened = map[string][]Opened{}
	if len(rows) == 0 {
		return nil
	}
	ids := make([]string, len(rows))
	for i, row := range rows {
		ids[i] = row.EscalationID
	}
	steps, err := db.Escalation.Query().Where(escalation.IDIn(ids...)).
		Select(escalation.FieldID, escalation.FieldLadderID, escalation.FieldCaseID, escalation.FieldOnBehalfOf,
			escalation.FieldOwnerOffice, escalation.FieldServiceID).All(ctx)
	if err != nil {
		return fmt.Errorf("load the steps whose personal data are open: %w", err)
	}
	about := make(map[string]*ent.Escalation, len(steps))
	for _, step := range steps {
		about[step.ID] = step
	}
	for _, row := range rows {
		if step := about[row.EscalationID]; step != nil {
			h.opened[row.PersonID] = append(h.opened[row.PersonID], Opened{
				EscalationID: step.ID, LadderID: step.LadderID, CaseID: step.CaseID, CitizenID: step.OnBehalfOf, Until: row.Until,
				ownerOffice: step.OwnerOffice, service: step.ServiceID,
			})
		}
	}
	return nil
}
