package desk

import (
	"context"
	"fmt"

	"github.com/spazio-in-comune/sportello/ent"
	"github.com/spazio-in-comune/sportello/ent/leg"
	"github.com/spazio-in-comune/sportello/ent/office"
	"github.com/spazio-in-comune/sportello/ent/site"
	"github.com/spazio-in-comune/sportello/ent/visit"
	"github.com/spazio-in-comune/sportello/internal/access"
	"github.com/spazio-in-comune/sportello/internal/desk/rules"
	"github.com/spazio-in-comune/sportello/internal/town"
)

// Visit is a visit that the viewer may see, or NOT_FOUND.
func (d *Desk) Visit(ctx context.Context, id string) (*ent.Visit, error) {
	v, err := d.store.Reader().Visit.Get(ctx, id)
	return found(v, err, "read a visit")
}

// Leg is a leg that the viewer may see, or NOT_FOUND.
func (d *Desk) Leg(ctx context.Context, id string) (*ent.Leg, error) {
	l, err := d.store.Reader().Leg.Get(ctx, id)
	return found(l, err, "read a leg")
}

// TicketVisit is the visit whose ticket the viewer holds, nil for anyone who holds
// none.
func (d *Desk) TicketVisit(ctx context.Context) (*ent.Visit, error) {
	viewer, err := access.From(ctx)
	if err != nil || viewer.VisitID == "" {
		return nil, err
	}
	return d.Visit(ctx, viewer.VisitID)
}

// MyVisits are the viewer's own visits of today, or those of whom they act for, newest
// first.
func (d *Desk) MyVisits(ctx context.Context) ([]*ent.Visit, error) {
	v, err := access.From(ctx)
	if err != nil {
		return nil, err
	}
	today, err := rules.StartOf(town.Today(d.store.Clock().Now()), town.Rome().String())
	if err != nil {
		return nil, err
	}
	mine, err := d.store.Reader().Visit.Query().
		Where(visit.PersonID(v.Account()), visit.PersonIDNEQ(""), visit.ArrivedAtGTE(today)).
		Order(ent.Desc(visit.FieldArrivedAt, visit.FieldID)).All(ctx)
	if err != nil {
		return nil, fmt.Errorf("read one's own visits: %w", err)
	}
	return mine, nil
}

// Queue are the people of an office at a site: who waits, in the order of call,
// who is parked, by seniority, and who is called or served.
type Queue struct {
	SiteID string
	// Office is its code.
	Office                  string
	Waiting, Parked, Active []*ent.Leg
}

// Queue reads the queue of an office, for its staff.
func (d *Desk) Queue(ctx context.Context, siteID, office string) (*Queue, error) {
	v, err := access.From(ctx)
	if err != nil {
		return nil, err
	}
	if !v.Can(access.QueueRead, office) {
		return nil, town.ErrNotFound()
	}
	if err := v.RequireSite(siteID); err != nil {
		return nil, err
	}
	if err := d.place(access.System(ctx, "desk.queue"), siteID, office); err != nil {
		return nil, err
	}
	legs, err := d.store.Reader().Leg.Query().
		Where(leg.SiteID(siteID), leg.OfficeID(office), leg.StateIn(rules.OpenStates()...)).
		Order(ent.Asc(leg.FieldSeniorAt, leg.FieldLabel, leg.FieldID)).All(ctx)
	if err != nil {
		return nil, fmt.Errorf("read the queue of %s: %w", office, err)
	}
	q := &Queue{SiteID: siteID, Office: office, Waiting: []*ent.Leg{}, Parked: []*ent.Leg{}, Active: []*ent.Leg{}}
	for _, l := range legs {
		switch l.State {
		case town.LegWaiting:
			q.Waiting = append(q.Waiting, l)
		case town.LegParked:
			q.Parked = append(q.Parked, l)
		default:
			q.Active = append(q.Active, l)
		}
	}
	inOrder(d.policy(d.store.Clock().Now()), q.Waiting)
	return q, nil
}

// place is NOT_FOUND unless there are such a site and such an office.
func (d *Desk) place(house context.Context, siteID, officeID string) error {
	for _, exist := range []func(context.Context) (bool, error){
		d.store.Reader().Site.Query().Where(site.ID(siteID)).Exist,
		d.store.Reader().Office.Query().Where(office.ID(officeID)).Exist,
	} {
		there, err := exist(house)
		if err != nil {
			return fmt.Errorf("look for the place of a queue: %w", err)
		}
		if !there {
			return town.ErrNotFound()
		}
	}
	return nil
}

// Ahead is how many people will be called before, nil if no leg of the visit
// waits. The caller may see the visit; the count tells nothing of the others.
func (d *Desk) Ahead(ctx context.Context, v *ent.Visit) (*int, error) {
	house := access.System(ctx, "desk.ahead")
	mine, err := d.waitingLeg(house, v)
	if err != nil || mine == nil {
		return nil, err
	}
	n, err := d.store.Reader().Leg.Query().
		Where(waitingAt(mine.SiteID, mine.OfficeID), before(d.policy(d.store.Clock().Now()), waiter(mine))).Count(house)
	if err != nil {
		return nil, fmt.Errorf("count who is ahead: %w", err)
	}
	return &n, nil
}

// WaitPromise is the wait as seen now and as promised when the leg was queued, in
// seconds.
type WaitPromise struct {
	MedianSeconds, P80Seconds                 int
	PromisedMedianSeconds, PromisedP80Seconds int
}

// Wait foretells the wait of a visit, nil if no leg of it waits.
func (d *Desk) Wait(ctx context.Context, v *ent.Visit) (*WaitPromise, error) {
	house := access.System(ctx, "desk.wait")
	mine, err := d.waitingLeg(house, v)
	if err != nil || mine == nil {
		return nil, err
	}
	office := &ent.Office{ID: mine.OfficeID, Level: mine.Level}
	now, err := d.promise(house, mine.SiteID, office, waiter(mine), d.store.Clock().Now())
	if err != nil {
		return nil, err
	}
	return &WaitPromise{
		MedianSeconds: now.Median, P80Seconds: now.P80,
		PromisedMedianSeconds: mine.PromisedMedianSeconds, PromisedP80Seconds: mine.PromisedP80Seconds,
	}, nil
}

func (d *Desk) waitingLeg(ctx context.Context, v *ent.Visit) (*ent.Leg, error) {
	open, err := openLeg(ctx, d.store.Reader(), v.ID)
	if err != nil || open == nil || open.State != town.LegWaiting {
		return nil, err
	}
	return open, nil
}

// Explain says in English and Italian why a leg was called when it was.
func Explain(c *ent.Call) (en, it string) {
	label := ""
	if len(c.Candidates) > 0 {
		label = c.Candidates[0].Label
	}
	return rules.Explain(c.Rule, label, c.Waiting)
}

// found turns a missing row into NOT_FOUND.
func found[T any](thing *T, err error, what string) (*T, error) {
	if ent.IsNotFound(err) {
		return nil, town.ErrNotFound()
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w", what, err)
	}
	return thing, nil
}
