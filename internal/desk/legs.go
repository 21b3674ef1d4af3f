package desk

import (
	"context"
	"fmt"
	"time"

	"github.com/spazio-in-comune/sportello/ent"
	"github.com/spazio-in-comune/sportello/ent/visit"
	"github.com/spazio-in-comune/sportello/internal/desk/rules"
	"github.com/spazio-in-comune/sportello/internal/store"
	"github.com/spazio-in-comune/sportello/internal/town"
)

// RecallLeg calls again, at most once in 20 seconds.
func (d *Desk) RecallLeg(ctx context.Context, in LegInput) (*ent.Leg, error) {
	return d.atDesk(ctx, "recall a leg", in.LegID, in.ExpectedVersion, func(m *moving) (step, error) {
		session, err := m.tx.CounterSession.Get(m.ctx, m.leg.SessionID)
		if err != nil {
			return step{}, fmt.Errorf("read the session of a leg: %w", err)
		}
		label, err := counterLabel(m, session.CounterID)
		return step{
			action: rules.Recall, data: label,
			facts: rules.Facts{SessionOpen: session.State == town.SessionOpen},
			set:   func(u *ent.LegUpdate, at time.Time) { u.SetLastCalledAt(at).AddCallCount(1) },
		}, err
	})
}

// StartLeg says that the person came.
func (d *Desk) StartLeg(ctx context.Context, in LegInput) (*ent.Leg, error) {
	return d.atDesk(ctx, "start a leg", in.LegID, in.ExpectedVersion, func(*moving) (step, error) {
		return step{action: rules.Start, set: func(u *ent.LegUpdate, at time.Time) { u.SetStartedAt(at) }}, nil
	})
}

// ReturnLeg puts a called person back into the queue with the same seniority.
func (d *Desk) ReturnLeg(ctx context.Context, in LegInput) (*ent.Leg, error) {
	return d.atDesk(ctx, "return a leg", in.LegID, in.ExpectedVersion, func(*moving) (step, error) {
		return step{action: rules.Return, set: leaveDesk}, nil
	})
}

// ParkLeg frees the counter while the person is busy at our request.
func (d *Desk) ParkLeg(ctx context.Context, in LegNoteInput) (*ent.Leg, error) {
	return d.atDesk(ctx, "park a leg", in.LegID, in.ExpectedVersion, func(m *moving) (step, error) {
		note, err := d.sealNote(m, in.Note)
		return step{action: rules.Park, facts: rules.Facts{Reason: in.Note}, set: func(u *ent.LegUpdate, at time.Time) {
			leaveDesk(u, at)
			u.SetNote(note)
		}}, err
	})
}

// CompleteLeg ends the service with its outcome.
func (d *Desk) CompleteLeg(ctx context.Context, in CompleteLegInput) (*ent.Leg, error) {
	return d.atDesk(ctx, "complete a leg", in.LegID, in.ExpectedVersion, func(*moving) (step, error) {
		return step{
			action: rules.Complete, facts: rules.Facts{Outcome: in.Outcome},
			set:  func(u *ent.LegUpdate, _ time.Time) { u.SetOutcome(in.Outcome) },
			data: map[string]string{"outcome": string(in.Outcome)},
		}, nil
	})
}

// NoShowLeg says that nobody came, after three calls or two minutes.
func (d *Desk) NoShowLeg(ctx context.Context, in LegInput) (*ent.Leg, error) {
	return d.atDesk(ctx, "mark a no-show", in.LegID, in.ExpectedVersion, func(*moving) (step, error) {
		return step{action: rules.NoShow}, nil
	})
}

// CancelLeg takes a waiting person off the queue, with the reason.
func (d *Desk) CancelLeg(ctx context.Context, in LegNoteInput) (*ent.Leg, error) {
	return d.atDesk(ctx, "cancel a leg", in.LegID, in.ExpectedVersion, func(m *moving) (step, error) {
		note, err := d.sealNote(m, in.Note)
		return step{
			action: rules.Cancel, facts: rules.Facts{Reason: in.Note},
			set: func(u *ent.LegUpdate, _ time.Time) { u.SetNote(note) },
		}, err
	})
}

// ReinstateLeg lets a no-show wait again, within 15 minutes, at the price of some
// seniority. The visit is open again, unless the person has taken a new number for
// the same service in between.
func (d *Desk) ReinstateLeg(ctx context.Context, in LegInput) (*ent.Leg, error) {
	return d.atDesk(ctx, "reinstate a leg", in.LegID, in.ExpectedVersion, func(m *moving) (step, error) {
		seniority := m.leg.SeniorAt.Add(rules.ReinstatementPenalty)
		s := step{action: rules.Reinstate, set: func(u *ent.LegUpdate, at time.Time) {
			leaveDesk(u, at)
			u.ClearEndedAt().SetSeniorAt(seniority)
		}}
		if _, can := rules.Find(m.leg.State, rules.Reinstate); !can {
			return s, nil // the move will say so
		}
		return s, m.reopenVisit()
	})
}

func (m *moving) reopenVisit() error {
	key := openKey(m.visit.PersonID, destination{service: m.leg.ServiceID, office: &ent.Office{ID: m.leg.OfficeID}})
	if err := noOtherVisit(m.ctx, m.tx, key); err != nil {
		return err
	}
	u := m.tx.Visit.Update().Where(visit.ID(m.visit.ID)).ClearClosedAt().AddVersion(1)
	if key != nil {
		u.SetOpenKey(*key)
	}
	err := u.Exec(m.ctx)
	if ent.IsConstraintError(err) {
		return errOtherVisit()
	}
	if err != nil {
		return fmt.Errorf("open visit %s again: %w", m.visit.ID, err)
	}
	return nil
}

// atDesk runs one step on a leg, in a transaction of its own.
func (d *Desk) atDesk(ctx context.Context, what, legID string, version int, plan func(*moving) (step, error)) (*ent.Leg, error) {
	var moved *ent.Leg
	err := d.store.InTx(ctx, what, func(ctx context.Context, tx *store.Tx) error {
		m, err := graspAtDesk(ctx, tx, legID, version)
		if err != nil {
			return err
		}
		s, err := plan(m)
		if err != nil {
			return err
		}
		moved, err = m.move(s)
		return err
	})
	if err != nil {
		return nil, err
	}
	return moved, nil
}

// leaveDesk begins a new stretch of calls: those before do not count as not coming.
func leaveDesk(u *ent.LegUpdate, _ time.Time) { u.SetCallCount(0) }

// counterLabel is what the board shows of a counter, as data of an event.
func counterLabel(m *moving, counterID string) (map[string]string, error) {
	c, err := m.tx.Counter.Get(m.ctx, counterID)
	if err != nil {
		return nil, fmt.Errorf("read the counter: %w", err)
	}
	return map[string]string{"counter": c.Label}, nil
}
