package desk

import (
	"context"
	"fmt"
	"slices"

	"github.com/spazio-in-comune/sportello/ent"
	"github.com/spazio-in-comune/sportello/ent/call"
	"github.com/spazio-in-comune/sportello/ent/counter"
	"github.com/spazio-in-comune/sportello/ent/countersession"
	"github.com/spazio-in-comune/sportello/ent/interval"
	"github.com/spazio-in-comune/sportello/ent/leg"
	"github.com/spazio-in-comune/sportello/ent/office"
	"github.com/spazio-in-comune/sportello/ent/site"
	"github.com/spazio-in-comune/sportello/ent/visit"
	"github.com/spazio-in-comune/sportello/internal/access"
	"github.com/spazio-in-comune/sportello/internal/desk/rules"
	"github.com/spazio-in-comune/sportello/internal/town"
)

// The batch reads take ids and give a map; one query each. What is missing or
// hidden from the viewer is not in the map.

// VisitsByIDs reads visits.
func (d *Desk) VisitsByIDs(ctx context.Context, ids []string) (map[string]*ent.Visit, error) {
	rows, err := d.store.Reader().Visit.Query().Where(visit.IDIn(ids...)).All(ctx)
	return byKey(rows, err, "read visits", func(v *ent.Visit) string { return v.ID })
}

// LegsByIDs reads legs.
func (d *Desk) LegsByIDs(ctx context.Context, ids []string) (map[string]*ent.Leg, error) {
	rows, err := d.store.Reader().Leg.Query().Where(leg.IDIn(ids...)).All(ctx)
	return byKey(rows, err, "read legs", func(l *ent.Leg) string { return l.ID })
}

// LegsOfVisits reads the legs of visits, in their order.
func (d *Desk) LegsOfVisits(ctx context.Context, visitIDs []string) (map[string][]*ent.Leg, error) {
	rows, err := d.store.Reader().Leg.Query().Where(leg.VisitIDIn(visitIDs...)).
		Order(ent.Asc(leg.FieldVisitID, leg.FieldOrdinal)).All(ctx)
	return group(rows, err, "read the legs of visits", func(l *ent.Leg) string { return l.VisitID })
}

// IntervalsOfLegs reads the intervals of legs, in their order.
func (d *Desk) IntervalsOfLegs(ctx context.Context, legIDs []string) (map[string][]*ent.Interval, error) {
	rows, err := d.store.Reader().Interval.Query().Where(interval.LegIDIn(legIDs...)).
		Order(ent.Asc(interval.FieldLegID, interval.FieldOrdinal)).All(ctx)
	return group(rows, err, "read the intervals of legs", func(i *ent.Interval) string { return i.LegID })
}

// CallsOfLegs reads the calls of legs, oldest first.
func (d *Desk) CallsOfLegs(ctx context.Context, legIDs []string) (map[string][]*ent.Call, error) {
	rows, err := d.store.Reader().Call.Query().Where(call.LegIDIn(legIDs...)).
		Order(ent.Asc(call.FieldLegID, call.FieldAt, call.FieldID)).All(ctx)
	return group(rows, err, "read the calls of legs", func(c *ent.Call) string { return c.LegID })
}

// CountersByIDs reads counters. They are public.
func (d *Desk) CountersByIDs(ctx context.Context, ids []string) (map[string]*ent.Counter, error) {
	rows, err := d.store.Reader().Counter.Query().Where(counter.IDIn(ids...)).All(public(ctx))
	return byKey(rows, err, "read counters", func(c *ent.Counter) string { return c.ID })
}

// CountersOfSites reads the counters of sites, in the order of the room. They are
// public.
func (d *Desk) CountersOfSites(ctx context.Context, siteIDs []string) (map[string][]*ent.Counter, error) {
	rows, err := d.store.Reader().Counter.Query().Where(counter.SiteIDIn(siteIDs...)).
		Order(ent.Asc(counter.FieldPosition, counter.FieldID)).All(public(ctx))
	return group(rows, err, "read the counters of sites", func(c *ent.Counter) string { return c.SiteID })
}

// SessionsByIDs reads counter sessions.
func (d *Desk) SessionsByIDs(ctx context.Context, ids []string) (map[string]*ent.CounterSession, error) {
	rows, err := d.store.Reader().CounterSession.Query().Where(countersession.IDIn(ids...)).All(ctx)
	return byKey(rows, err, "read counter sessions", func(s *ent.CounterSession) string { return s.ID })
}

// LiveSessionsOfCounters reads the session that lives at each counter, by counter;
// nothing for who is not signed in.
func (d *Desk) LiveSessionsOfCounters(ctx context.Context, counterIDs []string) (map[string]*ent.CounterSession, error) {
	if _, err := access.From(ctx); err != nil {
		return map[string]*ent.CounterSession{}, nil
	}
	rows, err := d.store.Reader().CounterSession.Query().
		Where(countersession.CounterIDIn(counterIDs...), countersession.StateNEQ(town.SessionClosed)).All(ctx)
	return byKey(rows, err, "read live sessions", func(s *ent.CounterSession) string { return s.CounterID })
}

// CurrentLegsOfSessions reads the leg called or served at each session, by session.
func (d *Desk) CurrentLegsOfSessions(ctx context.Context, sessionIDs []string) (map[string]*ent.Leg, error) {
	rows, err := d.store.Reader().Leg.Query().Where(leg.BusyKeyIn(sessionIDs...)).All(ctx)
	return byKey(rows, err, "read current legs", func(l *ent.Leg) string { return l.BusyKey })
}

// Sites reads all sites. They are public.
func (d *Desk) Sites(ctx context.Context) ([]*ent.Site, error) {
	rows, err := d.store.Reader().Site.Query().Order(ent.Asc(site.FieldName, site.FieldID)).All(public(ctx))
	if err != nil {
		return nil, fmt.Errorf("read the sites: %w", err)
	}
	return rows, nil
}

// SitesByIDs reads sites. They are public.
func (d *Desk) SitesByIDs(ctx context.Context, ids []string) (map[string]*ent.Site, error) {
	rows, err := d.store.Reader().Site.Query().Where(site.IDIn(ids...)).All(public(ctx))
	return byKey(rows, err, "read sites", func(s *ent.Site) string { return s.ID })
}

// Offices reads everywhere a person can be sent, by level. They are public.
func (d *Desk) Offices(ctx context.Context) ([]*ent.Office, error) {
	rows, err := d.store.Reader().Office.Query().
		Order(ent.Asc(office.FieldLevel, office.FieldPosition, office.FieldID)).All(public(ctx))
	if err != nil {
		return nil, fmt.Errorf("read the offices: %w", err)
	}
	return rows, nil
}

// OfficesByCodes reads offices by their codes. They are public.
func (d *Desk) OfficesByCodes(ctx context.Context, codes []string) (map[string]*ent.Office, error) {
	rows, err := d.store.Reader().Office.Query().Where(office.IDIn(codes...)).All(public(ctx))
	return byKey(rows, err, "read offices", func(o *ent.Office) string { return o.ID })
}

// public is the context for what anybody may read.
func public(ctx context.Context) context.Context { return access.System(ctx, "desk.public") }

// inOrder sorts waiting legs into the order of call.
func inOrder(p rules.Policy, legs []*ent.Leg) {
	slices.SortFunc(legs, func(a, b *ent.Leg) int { return p.Compare(waiter(a), waiter(b)) })
}

func byKey[T any](rows []*T, err error, what string, key func(*T) string) (map[string]*T, error) {
	if err != nil {
		return nil, fmt.Errorf("%s: %w", what, err)
	}
	found := make(map[string]*T, len(rows))
	for _, row := range rows {
		found[key(row)] = row
	}
	return found, nil
}

func group[T any](rows []*T, err error, what string, key func(*T) string) (map[string][]*T, error) {
	if err != nil {
		return nil, fmt.Errorf("%s: %w", what, err)
	}
	groups := map[string][]*T{}
	for _, row := range rows {
		groups[key(row)] = append(groups[key(row)], row)
	}
	return groups, nil
}
