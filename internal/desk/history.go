package desk

import (
	"context"
	"fmt"
	"time"

	"github.com/spazio-in-comune/sportello/ent"
	"github.com/spazio-in-comune/sportello/ent/leg"
	"github.com/spazio-in-comune/sportello/ent/visit"
	"github.com/spazio-in-comune/sportello/internal/access"
	"github.com/spazio-in-comune/sportello/internal/store"
	"github.com/spazio-in-comune/sportello/internal/town"
)

// historyDays is how far back a person's visits count.
const historyDays = 30

// History is what the hall knows of a person who comes again.
type History struct {
	// Visits in the last 30 days, the present one included.
	Visits int
	// PreviousOutcome is how the last leg of the visit before ended: done,
	// incomplete_docs, not_competent, info_only, no_show, left; empty if there was
	// none.
	PreviousOutcome string
}

// HistoryOf counts the visits of a person who stands at the desk with the leg
// legID: the present visit counts even if it does not know yet whose it is. Either
// may be empty. It is for the house: the rules of a department ask for it when the
// person files a request.
func (d *Desk) HistoryOf(ctx context.Context, personID, legID string) (History, error) {
	house := access.System(ctx, "desk.history")
	present, err := d.visitOf(house, legID)
	if err != nil {
		return History{}, err
	}
	theirs := visit.ID(present)
	if personID != "" {
		theirs = visit.Or(theirs, visit.PersonID(personID))
	}
	since := d.store.Clock().Now().Add(-historyDays * 24 * time.Hour)
	visits, err := d.store.Reader().Visit.Query().Where(theirs, visit.ArrivedAtGTE(since)).
		Order(ent.Desc(visit.FieldArrivedAt, visit.FieldID)).All(house)
	if err != nil {
		return History{}, fmt.Errorf("read the visits of a person: %w", err)
	}
	history := History{Visits: len(visits)}
	for _, v := range visits {
		if v.ID != present && v.ClosedAt != nil {
			history.PreviousOutcome, err = d.outcomeOf(house, v.ID)
			break
		}
	}
	return history, err
}

// visitOf is the visit that the leg is a stop of; empty if there is no leg.
func (d *Desk) visitOf(house context.Context, legID string) (string, error) {
	if legID == "" {
		return "", nil
	}
	l, err := d.Leg(house, legID)
	if err != nil {
		return "", err
	}
	return l.VisitID, nil
}

// outcomeOf is how a visit ended: how its last leg did.
func (d *Desk) outcomeOf(house context.Context, visitID string) (string, error) {
	last, err := d.store.Reader().Leg.Query().Where(leg.VisitID(visitID)).Order(ent.Desc(leg.FieldOrdinal)).First(house)
	if err != nil {
		return "", fmt.Errorf("read how the visit before ended: %w", err)
	}
	return outcomeCode(last), nil
}

func outcomeCode(l *ent.Leg) string {
	switch {
	case l.State == town.LegNoShow:
		return "no_show"
	case l.State == town.LegLeft:
		return "left"
	case l.Outcome == town.OutcomeServed:
		return "done"
	case l.Outcome == town.OutcomeInfoOnly:
		return "info_only"
	case l.Outcome == town.OutcomeNotCompetent:
		return "not_competent"
	case l.Outcome == town.OutcomeIncompleteDocs:
		return "incomplete_docs"
	default:
		return ""
	}
}

// Identify notes whose visit it is, once a person at the desk has said who they
// are. A visit that has a person keeps that one.
func (d *Desk) Identify(ctx context.Context, tx *store.Tx, legID, personID string) error {
	house := access.System(ctx, "desk.identify")
	l, err := tx.Leg.Get(house, legID)
	if err != nil {
		return fmt.Errorf("find the leg of a visit: %w", err)
	}
	err = tx.Visit.Update().Where(visit.ID(l.VisitID), visit.PersonID("")).SetPersonID(personID).AddVersion(1).Exec(house)
	if err != nil {
		return fmt.Errorf("note whose visit it is: %w", err)
	}
	return nil
}
