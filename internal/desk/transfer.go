package desk

import (
	"context"
	"fmt"
	"time"

	"github.com/spazio-in-comune/sportello/ent"
	"github.com/spazio-in-comune/sportello/internal/access"
	"github.com/spazio-in-comune/sportello/internal/desk/rules"
	"github.com/spazio-in-comune/sportello/internal/store"
	"github.com/spazio-in-comune/sportello/internal/town"
)

// TransferLeg sends a person on to another office. It returns the leg that ended;
// the next one waits there with the seniority of the visit's arrival.
func (d *Desk) TransferLeg(ctx context.Context, in TransferLegInput) (*ent.Leg, error) {
	v, err := access.From(ctx)
	if err != nil {
		return nil, err
	}
	house := access.System(ctx, "desk.transfer-leg")
	once := store.Once{Actor: v.ID, Mutation: "transferLeg", Key: in.IdempotencyKey, Input: in}
	if id, known, err := d.store.Recall(house, &once); err != nil || known {
		return d.movedBefore(house, id, err)
	}
	if err := rules.CheckNote(deref(in.Note)); err != nil {
		return nil, err
	}
	to, promise, err := d.next(ctx, in)
	if err != nil {
		return nil, err
	}
	var moved *ent.Leg
	id, replayed, err := d.store.Once(ctx, once, func(ctx context.Context, tx *store.Tx) (string, error) {
		ended, err := d.transfer(ctx, tx, in, to, promise)
		if err != nil {
			return "", err
		}
		moved = ended
		return ended.ID, nil
	})
	if err != nil || replayed {
		return d.movedBefore(house, id, err)
	}
	return moved, nil
}

// movedBefore is the answer to a repeated request: the leg as it is now, nil if
// nobody was there to move.
func (d *Desk) movedBefore(house context.Context, id string, err error) (*ent.Leg, error) {
	if err != nil || id == "" {
		return nil, err
	}
	return d.Leg(house, id)
}

// next resolves where the person goes and foretells the wait there.
func (d *Desk) next(ctx context.Context, in TransferLegInput) (destination, rules.Promise, error) {
	l, err := d.Leg(ctx, in.LegID)
	if err != nil {
		return destination{}, rules.Promise{}, err
	}
	house := access.System(ctx, "desk.transfer-leg")
	to := destination{service: l.ServiceID, practice: l.PracticeID}
	if in.ServiceCode != nil && *in.ServiceCode != l.ServiceID {
		to.service, to.practice = *in.ServiceCode, ""
		if _, err := d.checkService(to.service, ""); err != nil {
			return destination{}, rules.Promise{}, err
		}
	}
	if to.office, err = d.office(house, in.OfficeCode); err != nil {
		return destination{}, rules.Promise{}, err
	}
	of, err := d.store.Reader().Visit.Get(house, l.VisitID)
	if err != nil {
		return destination{}, rules.Promise{}, fmt.Errorf("read the visit to transfer: %w", err)
	}
	me := rules.Waiter{Label: l.Label, Priority: l.Priority, SeniorAt: of.ArrivedAt}
	promise, err := d.promise(house, l.SiteID, to.office, me, d.store.Clock().Now())
	return to, promise, err
}

func (d *Desk) transfer(ctx context.Context, tx *store.Tx, in TransferLegInput, to destination, promise rules.Promise) (*ent.Leg, error) {
	m, err := graspAtDesk(ctx, tx, in.LegID, in.ExpectedVersion)
	if err != nil {
		return nil, err
	}
	if to.office.ID == m.leg.OfficeID {
		return nil, town.Errorf(town.Invalid, "The person is at this office already.", "La persona è già in questo ufficio.").At("input", "officeCode")
	}
	note, err := d.sealNote(m, deref(in.Note))
	if err != nil {
		return nil, err
	}
	moved, err := m.move(step{
		action: rules.Transfer, data: map[string]string{"to": to.office.ID},
		set: func(u *ent.LegUpdate, _ time.Time) { u.SetNote(note) },
	})
	if err != nil {
		return nil, err
	}
	queued, err := d.queueLeg(m.ctx, tx, m.visit, moved.Ordinal+1, to, deref(moved.EndedAt), promise, m.actor)
	if err != nil {
		return nil, err
	}
	tellQueued(tx, m.actor, m.visit, queued)
	return moved, nil
}
