package desk

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/spazio-in-comune/sportello/ent"
	"github.com/spazio-in-comune/sportello/ent/counter"
	"github.com/spazio-in-comune/sportello/ent/countersession"
	"github.com/spazio-in-comune/sportello/ent/leg"
	"github.com/spazio-in-comune/sportello/ent/predicate"
	"github.com/spazio-in-comune/sportello/internal/desk/rules"
	"github.com/spazio-in-comune/sportello/internal/town"
)

// The mean time of a visit, in minutes, where the catalogue knows no better, and
// how many practices a visit has in the mean.
const (
	minutesAtInfoPoint  = 2.0
	minutesAtCounter    = 7.9
	minutesAtOffice     = 16.8
	practicesAtCounter  = 1.2
	practicesAtOffice   = 1.07
	spreadAtCounter     = 0.55
	spreadAtOffice      = 0.65
	maxWaitersInPromise = rules.MaxReplay + 1
)

// policy is the order of call at a moment.
func (d *Desk) policy(now time.Time) rules.Policy {
	return rules.Policy{Now: now, AgeCap: rules.AgeCapOn(d.ageCaps, town.Today(now))}
}

// serviceTime is how long a visit for that service and practice takes.
func (d *Desk) serviceTime(service, practice string, level town.Level) rules.Service {
	minutes, practices, spread := minutesAtOffice, practicesAtOffice, spreadAtOffice
	switch {
	case level <= town.LevelInfoPoint:
		minutes, practices, spread = minutesAtInfoPoint, 1, spreadAtCounter
	case level == town.LevelCounter:
		minutes, practices, spread = minutesAtCounter, practicesAtCounter, spreadAtCounter
	}
	if facts, found := d.services.Service(service); service != "" && found {
		if facts.TypicalMinutes > 0 {
			minutes = facts.TypicalMinutes
		}
		if m := facts.Minutes[practice]; m > 0 {
			minutes = m
		}
	}
	return rules.Service{MeanSeconds: minutes * practices * 60, Sigma: spread}
}

// hall is what goes on in one office of a site, as far as a wait depends on it.
type hall struct {
	busy []rules.Ongoing
	// desks are the open ones; if there is none yet, all that the office has.
	desks int
}

// hall reads what goes on in an office. It is the house's own reading: a person
// who waits may know the wait, not whom it is made of.
func (d *Desk) hall(ctx context.Context, siteID, officeID string, now time.Time) (hall, error) {
	open, err := d.store.Reader().CounterSession.Query().
		Where(countersession.SiteID(siteID), countersession.OfficeID(officeID), countersession.StateEQ(town.SessionOpen)).All(ctx)
	if err != nil {
		return hall{}, fmt.Errorf("read the open counters: %w", err)
	}
	counters, err := d.store.Reader().Counter.Query().Where(counter.SiteID(siteID), counter.OfficeID(officeID)).Count(ctx)
	if err != nil {
		return hall{}, fmt.Errorf("count the counters: %w", err)
	}
	served, err := d.store.Reader().Leg.Query().
		Where(leg.SiteID(siteID), leg.OfficeID(officeID), leg.StateIn(town.LegCalled, town.LegServing)).All(ctx)
	if err != nil {
		return hall{}, fmt.Errorf("read who is being served: %w", err)
	}
	return d.hallOf(open, counters, served, now), nil
}

// hallOf is the hall of one office. A paused counter serves who is there to the end
// and then calls nobody: it shortens no wait. Where none is open the wait is told as
// if all were.
func (d *Desk) hallOf(open []*ent.CounterSession, counters int, served []*ent.Leg, now time.Time) hall {
	h := hall{desks: len(open)}
	if h.desks == 0 {
		h.desks = counters
	}
	for _, l := range served {
		if len(open) == 0 || slices.ContainsFunc(open, func(s *ent.CounterSession) bool { return s.ID == l.SessionID }) {
			h.busy = append(h.busy, d.ongoing(l, now))
		}
	}
	return h
}

func (d *Desk) ongoing(l *ent.Leg, now time.Time) rules.Ongoing {
	o := rules.Ongoing{Service: d.serviceTime(l.ServiceID, l.PracticeID, l.Level)}
	if l.State == town.LegServing && l.StartedAt != nil {
		o.ElapsedSeconds = now.Sub(*l.StartedAt).Seconds()
	}
	return o
}

// foretell gives the wait of somebody before whom ahead will be called.
func (d *Desk) foretell(h hall, ahead []rules.Waiter, level town.Level) rules.Promise {
	services := make([]rules.Service, len(ahead))
	for i, w := range ahead {
		services[i] = d.serviceTime(w.Service, w.Practice, level)
	}
	return rules.Foretell(rules.Hall{Busy: h.busy, Free: max(h.desks-len(h.busy), 0), Ahead: services})
}

// place is where somebody who comes just now would stand: behind all of their class.
type place struct {
	site, office string
	priority     town.Priority
}

// promiseNow foretells the wait of somebody who comes just now.
func (d *Desk) promiseNow(ctx context.Context, siteID string, office *ent.Office, priority town.Priority) (rules.Promise, error) {
	return d.promises.ask(place{siteID, office.ID, priority}, func() (rules.Promise, error) {
		now := d.store.Clock().Now()
		me := rules.Waiter{Label: lastLabel, Priority: priority, SeniorAt: now}
		return d.promise(context.WithoutCancel(ctx), siteID, office, me, now)
	})
}

// promise foretells the wait of one person in an office.
func (d *Desk) promise(ctx context.Context, siteID string, office *ent.Office, me rules.Waiter, now time.Time) (rules.Promise, error) {
	h, err := d.hall(ctx, siteID, office.ID, now)
	if err != nil {
		return rules.Promise{}, err
	}
	ahead, err := d.whoIsAhead(ctx, siteID, office.ID, me, now)
	if err != nil {
		return rules.Promise{}, err
	}
	return d.foretell(h, ahead, office.Level), nil
}

// whoIsAhead gives those who will be called before me, in their order. Of a very
// long line all but the first are given by their number alone.
func (d *Desk) whoIsAhead(ctx context.Context, siteID, officeID string, me rules.Waiter, now time.Time) ([]rules.Waiter, error) {
	policy := d.policy(now)
	query := d.store.Reader().Leg.Query().Where(waitingAt(siteID, officeID), before(policy, me))
	first, err := onlyWaiter(query.Clone().Limit(maxWaitersInPromise)).All(ctx)
	if err != nil {
		return nil, fmt.Errorf("read who is ahead: %w", err)
	}
	ahead := waiters(first)
	policy.Sort(ahead)
	if len(first) < maxWaitersInPromise {
		return ahead, nil
	}
	n, err := query.Count(ctx)
	if err != nil {
		return nil, fmt.Errorf("count who is ahead: %w", err)
	}
	return append(ahead, make([]rules.Waiter, max(n-len(ahead), 0))...), nil
}

// onlyWaiter reads of a leg what [waiter] needs; a leg has many columns.
func onlyWaiter(q *ent.LegQuery) *ent.LegQuery {
	return q.Select(leg.FieldID, leg.FieldLabel, leg.FieldPriority, leg.FieldSeniorAt, leg.FieldServiceID, leg.FieldPracticeID).LegQuery
}

func waiters(legs []*ent.Leg) []rules.Waiter {
	all := make([]rules.Waiter, len(legs))
	for i, l := range legs {
		all[i] = waiter(l)
	}
	return all
}

func waiter(l *ent.Leg) rules.Waiter {
	return rules.Waiter{
		LegID: l.ID, Label: l.Label, Priority: l.Priority, SeniorAt: l.SeniorAt, Service: l.ServiceID, Practice: l.PracticeID,
	}
}

func waitingAt(siteID, officeID string) predicate.Leg {
	return leg.And(leg.SiteID(siteID), leg.OfficeID(officeID), leg.StateEQ(town.LegWaiting))
}

// before says in SQL what [rules.Policy.Compare] says: who goes before me.
func before(p rules.Policy, me rules.Waiter) predicate.Leg {
	earlier := leg.Or(
		leg.SeniorAtLT(me.SeniorAt),
		leg.And(leg.SeniorAtEQ(me.SeniorAt), leg.Or(
			leg.LabelLT(me.Label),
			leg.And(leg.LabelEQ(me.Label), leg.IDLT(me.LegID)),
		)),
	)
	if me.Priority == town.P0 {
		return leg.And(leg.PriorityEQ(town.P0), earlier)
	}
	if p.Aged(me) { // whoever came earlier is over the cap as well
		return leg.Or(leg.PriorityEQ(town.P0), earlier)
	}
	ahead := leg.Or(
		leg.PriorityLT(me.Priority),
		leg.And(leg.PriorityEQ(me.Priority), earlier),
	)
	if p.AgeCap > 0 {
		ahead = leg.Or(ahead, leg.SeniorAtLT(p.Now.Add(-p.AgeCap)))
	}
	return ahead
}
