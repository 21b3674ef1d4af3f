package desk

import (
	"context"
	"fmt"

	"github.com/spazio-in-comune/sportello/ent"
	"github.com/spazio-in-comune/sportello/ent/countersession"
	"github.com/spazio-in-comune/sportello/ent/leg"
	"github.com/spazio-in-comune/sportello/ent/predicate"
	"github.com/spazio-in-comune/sportello/ent/visit"
	"github.com/spazio-in-comune/sportello/internal/access"
	"github.com/spazio-in-comune/sportello/internal/desk/rules"
	"github.com/spazio-in-comune/sportello/internal/store"
	"github.com/spazio-in-comune/sportello/internal/town"
)

// CloseDay closes what is still open at a site, in the offices whose day the
// viewer may close: each leg expires with its event, each session ends.
func (d *Desk) CloseDay(ctx context.Context, in CloseDayInput) (ClosedDay, error) {
	v, err := access.From(ctx)
	if err != nil {
		return ClosedDay{}, err
	}
	if err := v.Require(access.DayClose, ""); err != nil {
		return ClosedDay{}, err
	}
	house := access.System(ctx, "desk.close-day")
	site, err := d.store.Reader().Site.Get(house, in.SiteID)
	if ent.IsNotFound(err) {
		return ClosedDay{}, town.ErrNotFound()
	}
	if err != nil {
		return ClosedDay{}, fmt.Errorf("read the site: %w", err)
	}
	scope := v.Scope.Offices(access.DayClose)
	once := store.Once{Actor: v.ID, Mutation: "closeDay", Key: in.IdempotencyKey, Input: in}
	id, _, err := d.store.Once(house, once, func(ctx context.Context, tx *store.Tx) (string, error) {
		closed, err := closeAll(ctx, tx, v.ID, openThere(site.ID, scope))
		return fmt.Sprintf("%d/%d", closed.ExpiredLegs, closed.ClosedSessions), err
	})
	if err != nil {
		return ClosedDay{}, err
	}
	var closed ClosedDay
	if _, err := fmt.Sscanf(id, "%d/%d", &closed.ExpiredLegs, &closed.ClosedSessions); err != nil {
		return ClosedDay{}, fmt.Errorf("read what the day closed: %w", err)
	}
	return closed, nil
}

// CloseDue closes what past days left open at every site. The worker calls it
// after midnight and at the start; a second call finds nothing to do.
func (d *Desk) CloseDue(ctx context.Context) (ClosedDay, error) {
	house := access.System(ctx, "desk.close-due")
	v, err := access.From(house)
	if err != nil {
		return ClosedDay{}, err
	}
	sites, err := d.store.Reader().Site.Query().All(house)
	if err != nil {
		return ClosedDay{}, fmt.Errorf("read the sites: %w", err)
	}
	var total ClosedDay
	for _, site := range sites {
		var closed ClosedDay
		err := d.store.InTx(house, "close past days", func(ctx context.Context, tx *store.Tx) error {
			past, err := openBeforeToday(site, tx)
			if err != nil {
				return err
			}
			closed, err = closeAll(ctx, tx, v.ID, past)
			return err
		})
		if err != nil {
			return total, fmt.Errorf("site %s: %w", site.ID, err)
		}
		total.ExpiredLegs += closed.ExpiredLegs
		total.ClosedSessions += closed.ClosedSessions
	}
	return total, nil
}

// due says what is to be closed.
type due struct {
	legs     predicate.Leg
	sessions predicate.CounterSession
}

func openThere(siteID string, offices access.OfficeSet) due {
	d := due{
		legs:     leg.And(leg.SiteID(siteID), leg.StateIn(rules.OpenStates()...)),
		sessions: countersession.And(countersession.SiteID(siteID), countersession.StateNEQ(town.SessionClosed)),
	}
	if !offices.All {
		d.legs = leg.And(d.legs, leg.OfficeIDIn(offices.Offices...))
		d.sessions = countersession.And(d.sessions, countersession.OfficeIDIn(offices.Offices...))
	}
	return d
}

func openBeforeToday(site *ent.Site, tx *store.Tx) (due, error) {
	today, err := rules.DayOf(tx.Now, site.Timezone)
	if err != nil {
		return due{}, err
	}
	midnight, err := rules.StartOf(today, site.Timezone)
	if err != nil {
		return due{}, err
	}
	d := openThere(site.ID, access.OfficeSet{All: true})
	d.legs = leg.And(d.legs, leg.HasVisitWith(visit.ArrivedAtLT(midnight)))
	d.sessions = countersession.And(d.sessions, countersession.OpenedAtLT(midnight))
	return d, nil
}

// closeAll ends the sessions, which waits for the calls going on there, and then
// expires the legs.
func closeAll(ctx context.Context, tx *store.Tx, actor string, d due) (ClosedDay, error) {
	var closed ClosedDay
	sessions, err := tx.CounterSession.Query().Where(d.sessions).Order(ent.Asc(countersession.FieldID)).All(ctx)
	if err != nil {
		return closed, fmt.Errorf("read the open sessions: %w", err)
	}
	for _, s := range sessions {
		ended, err := endSession(ctx, tx, actor, s)
		if err != nil {
			return closed, err
		}
		closed.ClosedSessions += ended
	}
	legs, err := tx.Leg.Query().Where(d.legs).WithVisit().Order(ent.Asc(leg.FieldID)).All(ctx)
	if err != nil {
		return closed, fmt.Errorf("read the open legs: %w", err)
	}
	for _, l := range legs {
		expired, err := expire(ctx, tx, actor, l)
		if err != nil {
			return closed, err
		}
		closed.ExpiredLegs += expired
	}
	return closed, nil
}

// endSession closes a session, whoever is there; 0 if its operator just did.
func endSession(ctx context.Context, tx *store.Tx, actor string, s *ent.CounterSession) (int, error) {
	ended, err := tx.CounterSession.Update().
		Where(countersession.ID(s.ID), countersession.StateNEQ(town.SessionClosed)).
		SetState(town.SessionClosed).SetClosedAt(tx.Now).SetOpenKey(s.ID).AddVersion(1).Save(ctx)
	if err != nil {
		return 0, fmt.Errorf("close session %s: %w", s.ID, err)
	}
	if ended > 0 {
		tellSession(tx, town.EventCounterClosed, actor, s)
	}
	return ended, nil
}

// expire closes one leg, in whatever state a colleague may have just brought it; 0
// if it had just ended.
func expire(ctx context.Context, tx *store.Tx, actor string, l *ent.Leg) (int, error) {
	of := l.Edges.Visit
	for {
		m := &moving{ctx: ctx, tx: tx, actor: actor, visit: of, leg: l}
		_, err := m.move(step{action: rules.Expire})
		switch {
		case err == nil:
			return 1, nil
		case !isConflict(err):
			return 0, err
		}
		if l, err = tx.Leg.Get(ctx, l.ID); err != nil {
			return 0, fmt.Errorf("read leg %s again: %w", l.ID, err)
		}
		if !rules.Open(l.State) {
			return 0, nil
		}
	}
}
