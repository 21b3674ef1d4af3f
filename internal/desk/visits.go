package desk

import (
	"context"
	"fmt"

	"github.com/spazio-in-comune/sportello/ent"
	"github.com/spazio-in-comune/sportello/ent/leg"
	"github.com/spazio-in-comune/sportello/ent/visit"
	"github.com/spazio-in-comune/sportello/internal/access"
	"github.com/spazio-in-comune/sportello/internal/desk/rules"
	"github.com/spazio-in-comune/sportello/internal/store"
	"github.com/spazio-in-comune/sportello/internal/town"
)

// SetVisitPriority sets the class of an open visit and of its open leg. The change
// is told without the class: its reason is nobody else's matter.
func (d *Desk) SetVisitPriority(ctx context.Context, in SetVisitPriorityInput) (*ent.Visit, error) {
	return d.onVisit(ctx, "set the class of a visit", in.VisitID, in.ExpectedVersion, func(v *access.Viewer, m *moving) error {
		if err := v.Require(access.VisitPrioritise, m.leg.OfficeID); err != nil {
			return err
		}
		if err := mayPrioritise(v, m.leg.OfficeID, in.Priority); err != nil {
			return err
		}
		changed, err := m.tx.Visit.Update().Where(visit.ID(m.visit.ID), visit.Version(m.visit.Version)).
			SetPriority(in.Priority).AddVersion(1).Save(m.ctx)
		if err != nil {
			return fmt.Errorf("set the class of visit %s: %w", m.visit.ID, err)
		}
		if changed == 0 {
			return errStale()
		}
		err = m.tx.Leg.Update().Where(leg.VisitID(m.visit.ID), leg.StateIn(rules.OpenStates()...)).
			SetPriority(in.Priority).AddVersion(1).Exec(m.ctx)
		if err != nil {
			return fmt.Errorf("set the class of the legs of visit %s: %w", m.visit.ID, err)
		}
		tellLeg(m.tx, town.EventVisitPriority, m.actor, m.visit, m.leg, nil)
		return nil
	})
}

// LeaveVisit ends a visit before its call: the citizen, who acts for them, the holder of
// the ticket, or staff who sees it.
func (d *Desk) LeaveVisit(ctx context.Context, in LeaveVisitInput) (*ent.Visit, error) {
	return d.onVisit(ctx, "leave", in.VisitID, in.ExpectedVersion, func(v *access.Viewer, m *moving) error {
		own := v.StandsFor(m.visit.PersonID, m.leg.ServiceID) || holdsTicket(v, m.visit.ID)
		if !own && !v.Allow(access.LegHandle, m.leg.OfficeID) {
			if err := v.Require(access.VisitPrioritise, m.leg.OfficeID); err != nil {
				return err
			}
		}
		_, err := m.move(step{action: rules.Leave})
		return err
	})
}

func holdsTicket(v *access.Viewer, visitID string) bool {
	return v.Kind == access.KindTicket && v.VisitID == visitID
}

// onVisit does something with the open leg of a visit, seen in its version, and
// gives the visit as it is afterwards.
func (d *Desk) onVisit(ctx context.Context, what, visitID string, version int, do func(*access.Viewer, *moving) error) (*ent.Visit, error) {
	v, err := access.From(ctx)
	if err != nil {
		return nil, err
	}
	var after *ent.Visit
	err = d.store.InTx(ctx, what, func(ctx context.Context, tx *store.Tx) error {
		seen, err := tx.Visit.Get(ctx, visitID)
		if err != nil {
			return fmt.Errorf("read the visit: %w", err)
		}
		if seen.Version != version {
			return errStale()
		}
		house := access.System(ctx, "desk.handle-visit")
		open, err := openLeg(house, tx.Client, visitID)
		if err != nil {
			return err
		}
		if open == nil {
			return town.Errorf(town.PreconditionFailed, "The visit is closed.", "L'accesso è concluso.")
		}
		if err := do(v, &moving{ctx: house, tx: tx, actor: v.ID, visit: seen, leg: open}); err != nil {
			return err
		}
		after, err = tx.Visit.Get(house, visitID)
		if err != nil {
			return fmt.Errorf("read the visit again: %w", err)
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return after, nil
}

// openLeg is the one leg of a visit that still lives, nil if none does.
func openLeg(ctx context.Context, client *ent.Client, visitID string) (*ent.Leg, error) {
	open, err := client.Leg.Query().Where(leg.VisitID(visitID), leg.StateIn(rules.OpenStates()...)).First(ctx)
	if ent.IsNotFound(err) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read the open leg of a visit: %w", err)
	}
	return open, nil
}
