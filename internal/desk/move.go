package desk

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"github.com/spazio-in-comune/sportello/ent"
	"github.com/spazio-in-comune/sportello/ent/leg"
	"github.com/spazio-in-comune/sportello/ent/visit"
	"github.com/spazio-in-comune/sportello/internal/access"
	"github.com/spazio-in-comune/sportello/internal/desk/rules"
	"github.com/spazio-in-comune/sportello/internal/store"
	"github.com/spazio-in-comune/sportello/internal/town"
)

// moving is a leg about to change, as it was read in the transaction, with who
// changes it. Its context sees everything: what the viewer may see and do has
// been checked when the value was made.
type moving struct {
	ctx   context.Context
	tx    *store.Tx
	actor string
	visit *ent.Visit
	leg   *ent.Leg
}

// step is one way through the table.
type step struct {
	action rules.Action
	facts  rules.Facts
	// session, for actions that bring the leg to a desk.
	session *ent.CounterSession
	// set changes further fields of the leg.
	set func(u *ent.LegUpdate, at time.Time)
	// data are further codes of the event.
	data map[string]string
}

// move changes the leg by the table: guards, a conditional update that only the
// first of several can win, the interval, the event, and the visit's end where no
// leg is left. A lost race is a conflict without effect.
func (m *moving) move(s step) (*ent.Leg, error) {
	t, found := rules.Find(m.leg.State, s.action)
	if !found {
		return nil, errState(m.leg.State)
	}
	last, err := lastInterval(m.ctx, m.tx, m.leg.ID)
	if err != nil {
		return nil, err
	}
	at := m.tx.Now
	if known := beginningOrEnd(last); at.Before(known) { // the clock was set back
		at = known
	}
	if err := t.Check(s.factsOf(m.leg, at)); err != nil {
		return nil, err
	}
	if err := m.update(t, s, at); err != nil {
		return nil, err
	}
	if t.To != t.From {
		if err := follow(m.ctx, m.tx, last, t.To, m.actor, at); err != nil {
			return nil, err
		}
	}
	moved, err := m.tx.Leg.Get(m.ctx, m.leg.ID)
	if err != nil {
		return nil, fmt.Errorf("read leg %s again: %w", m.leg.ID, err)
	}
	data := s.data
	if t.Event == town.EventLegCalled && m.leg.CalledAt == nil {
		data = m.waited(data, at)
	}
	tellLeg(m.tx, t.Event, m.actor, m.visit, moved, data)
	if rules.Open(t.From) && !rules.Open(t.To) && t.To != town.LegTransferred {
		return moved, m.closeVisit(moved, at)
	}
	return moved, nil
}

// waited adds to the data of the first call how long it took to come, and whether that is
// what was promised.
func (m *moving) waited(data map[string]string, at time.Time) map[string]string {
	seconds := int(at.Sub(m.leg.QueuedAt).Seconds())
	data = with(with(data, town.DataClass, string(m.leg.Priority)), town.DataWaited, strconv.Itoa(seconds))
	if promised := m.leg.PromisedP80Seconds; promised > 0 {
		data = with(data, town.DataPromiseKept, strconv.FormatBool(seconds <= promised))
	}
	return data
}

// factsOf completes the facts with what the leg itself knows.
func (s step) factsOf(l *ent.Leg, at time.Time) rules.Facts {
	f := s.facts
	f.Now, f.CallCount = at, l.CallCount
	f.CalledAt, f.LastCalledAt, f.EndedAt = deref(l.CalledAt), deref(l.LastCalledAt), deref(l.EndedAt)
	return f
}

func (m *moving) update(t rules.Transition, s step, at time.Time) error {
	u := m.tx.Leg.Update().
		Where(leg.ID(m.leg.ID), leg.Version(m.leg.Version), leg.StateEQ(t.From)).
		SetState(t.To).AddVersion(1)
	if !rules.AtDesk(t.To) {
		u.SetBusyKey(m.leg.ID)
	}
	if !rules.Open(t.To) {
		u.SetEndedAt(at)
	}
	if s.session != nil {
		toDesk(u, s.session, at)
	}
	if s.set != nil {
		s.set(u, at)
	}
	changed, err := u.Save(m.ctx)
	if ent.IsConstraintError(err) { // the session's key is taken
		return errBusy()
	}
	if err != nil {
		return fmt.Errorf("change leg %s: %w", m.leg.ID, err)
	}
	if changed == 0 {
		return errStale()
	}
	return nil
}

// toDesk calls the leg to the session's counter.
func toDesk(u *ent.LegUpdate, s *ent.CounterSession, at time.Time) {
	u.SetBusyKey(s.ID).SetSessionID(s.ID).SetCounterID(s.CounterID).SetOperatorID(s.OperatorID).
		SetCalledAt(at).SetLastCalledAt(at).SetCallCount(1)
}

// closeVisit ends the visit: none of its legs lives any more.
func (m *moving) closeVisit(l *ent.Leg, at time.Time) error {
	closed, err := m.tx.Visit.Update().Where(visit.ID(m.visit.ID), visit.ClosedAtIsNil()).
		SetClosedAt(at).ClearOpenKey().AddVersion(1).Save(m.ctx)
	if err != nil {
		return fmt.Errorf("close visit %s: %w", m.visit.ID, err)
	}
	if closed > 0 {
		tellVisit(m.tx, town.EventVisitClosed, m.actor, m.visit, l, map[string]string{
			town.DataStops: strconv.Itoa(l.Ordinal), town.DataOutcome: string(l.Outcome),
		})
	}
	return nil
}

// grasp reads a leg that the viewer may see and handle, in the version that the
// viewer has seen.
func grasp(ctx context.Context, tx *store.Tx, legID string, version int) (*moving, *access.Viewer, error) {
	v, err := access.From(ctx)
	if err != nil {
		return nil, nil, err
	}
	l, err := tx.Leg.Get(ctx, legID)
	if err != nil {
		return nil, nil, fmt.Errorf("read the leg: %w", err)
	}
	if err := v.Require(access.LegHandle, l.OfficeID); err != nil {
		return nil, nil, err
	}
	if l.Version != version {
		return nil, nil, errStale()
	}
	house := access.System(ctx, "desk.handle-leg")
	of, err := tx.Visit.Get(house, l.VisitID)
	if err != nil {
		return nil, nil, fmt.Errorf("read the visit of a leg: %w", err)
	}
	return &moving{ctx: house, tx: tx, actor: v.ID, visit: of, leg: l}, v, nil
}

// graspAtDesk is grasp for a leg at somebody's counter: only its operator, or the
// head of the office, may go on with it.
func graspAtDesk(ctx context.Context, tx *store.Tx, legID string, version int) (*moving, error) {
	m, v, err := grasp(ctx, tx, legID, version)
	if err != nil {
		return nil, err
	}
	if rules.AtDesk(m.leg.State) && !mayUse(v, m.leg.OperatorID, m.leg.OfficeID) {
		return nil, errNotYours()
	}
	return m, nil
}

// mayUse reports whether the viewer may act at an operator's counter: the operator
// alone, or who closes the day of the office, its head.
func mayUse(v *access.Viewer, operator, office string) bool {
	return v.Is(operator) || v.Allow(access.DayClose, office)
}
