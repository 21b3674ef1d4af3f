package desk

import (
	"context"
	"fmt"

	"github.com/spazio-in-comune/sportello/ent"
	"github.com/spazio-in-comune/sportello/ent/countersession"
	"github.com/spazio-in-comune/sportello/ent/leg"
	"github.com/spazio-in-comune/sportello/internal/access"
	"github.com/spazio-in-comune/sportello/internal/store"
	"github.com/spazio-in-comune/sportello/internal/town"
)

// OpenCounter opens a counter for whoever asks: one live session per counter, and
// one per operator.
func (d *Desk) OpenCounter(ctx context.Context, in OpenCounterInput) (*ent.CounterSession, error) {
	v, err := access.From(ctx)
	if err != nil {
		return nil, err
	}
	house := access.System(ctx, "desk.open-counter")
	counter, err := d.store.Reader().Counter.Get(house, in.CounterID)
	if ent.IsNotFound(err) {
		return nil, town.ErrNotFound()
	}
	if err != nil {
		return nil, fmt.Errorf("read the counter: %w", err)
	}
	if err := v.Require(access.CounterOpen, counter.OfficeID); err != nil {
		return nil, err
	}
	var opened *ent.CounterSession
	once := store.Once{Actor: v.ID, Mutation: "openCounter", Key: in.IdempotencyKey, Input: in}
	id, replayed, err := d.store.Once(house, once, func(ctx context.Context, tx *store.Tx) (string, error) {
		session, err := openSession(ctx, tx, counter, v.ID)
		if err != nil {
			return "", err
		}
		opened = session
		return session.ID, nil
	})
	if err != nil {
		return nil, err
	}
	if !replayed {
		return opened, nil
	}
	opened, err = d.store.Reader().CounterSession.Get(house, id)
	if err != nil {
		return nil, fmt.Errorf("read the session of a repeated request: %w", err)
	}
	return opened, nil
}

func openSession(ctx context.Context, tx *store.Tx, c *ent.Counter, operator string) (*ent.CounterSession, error) {
	elsewhere, err := tx.CounterSession.Query().
		Where(countersession.OperatorID(operator), countersession.StateNEQ(town.SessionClosed)).Exist(ctx)
	if err != nil {
		return nil, fmt.Errorf("look for another session of the operator: %w", err)
	}
	if elsewhere {
		return nil, town.Errorf(town.PreconditionFailed, "You have a counter open already. Close it first.", "Ha già uno sportello aperto. Chiuderlo prima.")
	}
	opened, err := tx.CounterSession.Create().SetID(town.NewID(town.PrefixSession, tx.Now)).
		SetCounterID(c.ID).SetSiteID(c.SiteID).SetOfficeID(c.OfficeID).SetOperatorID(operator).
		SetState(town.SessionOpen).SetOpenedAt(tx.Now).SetOpenKey(c.ID).Save(ctx)
	if ent.IsConstraintError(err) {
		return nil, town.Errorf(town.PreconditionFailed, "This counter is open already.", "Questo sportello è già aperto.")
	}
	if err != nil {
		return nil, fmt.Errorf("open the counter: %w", err)
	}
	tellSession(tx, town.EventCounterOpened, operator, opened)
	return opened, nil
}

// PauseCounter keeps the shift but calls nobody; who is there may be served to the
// end.
func (d *Desk) PauseCounter(ctx context.Context, in CounterSessionInput) (*ent.CounterSession, error) {
	return d.turn(ctx, in, shift{town.SessionPaused, []town.SessionState{town.SessionOpen}, town.EventCounterPaused})
}

// ResumeCounter ends a pause.
func (d *Desk) ResumeCounter(ctx context.Context, in CounterSessionInput) (*ent.CounterSession, error) {
	return d.turn(ctx, in, shift{town.SessionOpen, []town.SessionState{town.SessionPaused}, town.EventCounterResumed})
}

// CloseCounter ends the shift; nobody may be at the counter.
func (d *Desk) CloseCounter(ctx context.Context, in CounterSessionInput) (*ent.CounterSession, error) {
	return d.turn(ctx, in, shift{town.SessionClosed, []town.SessionState{town.SessionOpen, town.SessionPaused}, town.EventCounterClosed})
}

// shift is one way through the states of a session.
type shift struct {
	to   town.SessionState
	from []town.SessionState
	fact town.EventType
}

// turn changes the state of a session that the viewer may see and use.
func (d *Desk) turn(ctx context.Context, in CounterSessionInput, way shift) (*ent.CounterSession, error) {
	v, err := access.From(ctx)
	if err != nil {
		return nil, err
	}
	var turned *ent.CounterSession
	err = d.store.InTx(ctx, "turn a counter "+string(way.to), func(ctx context.Context, tx *store.Tx) error {
		seen, err := tx.CounterSession.Get(ctx, in.SessionID)
		if err != nil {
			return fmt.Errorf("read the session: %w", err)
		}
		if err := v.Require(access.CounterOpen, seen.OfficeID); err != nil {
			return err
		}
		if !mayUse(v, seen.OperatorID, seen.OfficeID) {
			return errNotYours()
		}
		if seen.Version != in.ExpectedVersion {
			return errStale()
		}
		turned, err = turnSession(access.System(ctx, "desk.turn-counter"), tx, seen, v.ID, way)
		return err
	})
	if err != nil {
		return nil, err
	}
	return turned, nil
}

// turnSession changes the state first and looks who is there afterwards: whoever
// calls at this moment holds the session (see station) and is then seen here.
func turnSession(ctx context.Context, tx *store.Tx, s *ent.CounterSession, actor string, way shift) (*ent.CounterSession, error) {
	u := tx.CounterSession.Update().
		Where(countersession.ID(s.ID), countersession.Version(s.Version), countersession.StateIn(way.from...)).
		SetState(way.to).AddVersion(1)
	if way.to == town.SessionClosed {
		u.SetClosedAt(tx.Now).SetOpenKey(s.ID)
	}
	changed, err := u.Save(ctx)
	if err != nil {
		return nil, fmt.Errorf("change the session: %w", err)
	}
	turned, err := tx.CounterSession.Get(ctx, s.ID)
	if err != nil {
		return nil, fmt.Errorf("read the session again: %w", err)
	}
	switch {
	case changed == 0 && turned.Version != s.Version:
		return nil, errStale()
	case changed == 0:
		return nil, errSessionState(turned.State)
	case way.to == town.SessionClosed:
		if err := mustBeFree(ctx, tx, s.ID); err != nil {
			return nil, err
		}
	}
	tellSession(tx, way.fact, actor, turned)
	return turned, nil
}

func mustBeFree(ctx context.Context, tx *store.Tx, sessionID string) error {
	busy, err := tx.Leg.Query().Where(leg.BusyKey(sessionID)).Exist(ctx)
	if err != nil {
		return fmt.Errorf("see whether the counter is busy: %w", err)
	}
	if busy {
		return errBusy()
	}
	return nil
}
