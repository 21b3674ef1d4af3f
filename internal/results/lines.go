package results

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/spazio-in-comune/sportello/ent"
	"github.com/spazio-in-comune/sportello/ent/countersession"
	"github.com/spazio-in-comune/sportello/ent/leg"
	"github.com/spazio-in-comune/sportello/ent/visit"
	"github.com/spazio-in-comune/sportello/internal/access"
	"github.com/spazio-in-comune/sportello/internal/results/queues"
	"github.com/spazio-in-comune/sportello/internal/results/weekly"
	"github.com/spazio-in-comune/sportello/internal/store"
	"github.com/spazio-in-comune/sportello/internal/town"
)

// line tells the queues from each other: a series of numbers at an office of a site.
type line struct{ site, office, series string }

// Lines are the queues of today at a moment, as anybody in the hall can see them: visits
// that are to leave no trace on displays leave none here either.
func Lines(ctx context.Context, s *store.Store, now time.Time, names weekly.Names) ([]queues.Line, error) {
	ctx = access.System(ctx, "queues as open data")
	legs, err := s.Reader().Leg.Query().
		Where(leg.HasVisitWith(visit.Day(town.Today(now)), visit.Discreet(false))).WithVisit().All(ctx)
	if err != nil {
		return nil, fmt.Errorf("read today's stops: %w", err)
	}
	sessions, err := s.Reader().CounterSession.Query().Where(countersession.StateNEQ(town.SessionClosed)).All(ctx)
	if err != nil {
		return nil, fmt.Errorf("read who is at the counters: %w", err)
	}
	found := map[line]*queues.Line{}
	called := map[line]time.Time{}
	for _, l := range legs {
		v := l.Edges.Visit
		at := line{l.SiteID, l.OfficeID, v.Letter}
		q := found[at]
		if q == nil {
			q = &queues.Line{
				Site: l.SiteID, Office: l.OfficeID, Series: v.Letter, OfficeName: titled(names.Offices, l.OfficeID),
				ServiceID: l.ServiceID, ServiceName: titled(names.Services, l.ServiceID), Status: statusOf(sessions, l.SiteID, l.OfficeID),
			}
			found[at] = q
		}
		count(q, l, v.Number, called, at)
	}
	all := make([]queues.Line, 0, len(found))
	for _, q := range found {
		all = append(all, *q)
	}
	slices.SortFunc(all, func(a, b queues.Line) int {
		return cmp.Or(cmp.Compare(a.Site, b.Site), cmp.Compare(a.Office, b.Office), cmp.Compare(a.Series, b.Series))
	})
	return all, nil
}

// count adds a stop to its line.
func count(q *queues.Line, l *ent.Leg, number int, called map[line]time.Time, at line) {
	if number > q.LastIssued {
		q.LastIssued, q.IssuedLabel = number, l.Label
	}
	if l.LastCalledAt != nil && l.LastCalledAt.After(called[at]) {
		called[at], q.LastCalled, q.CalledLabel = *l.LastCalledAt, number, l.Label
	}
	if l.State == town.LegWaiting {
		q.Waiting++
	}
}

// statusOf is whether somebody calls people at an office, or has a break.
func statusOf(sessions []*ent.CounterSession, site, office string) queues.Status {
	status := queues.Closed
	for _, s := range sessions {
		switch {
		case s.SiteID != site || s.OfficeID != office:
		case s.State == town.SessionOpen:
			return queues.Open
		default:
			status = queues.Suspended
		}
	}
	return status
}

// titled is the Italian title; what has none goes by its id.
func titled(names map[string]weekly.Words, id string) string {
	return cmp.Or(names[id].IT, id)
}
