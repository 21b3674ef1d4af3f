package figures

import (
	"github.com/spazio-in-comune/sportello/internal/results/tally"
	"github.com/spazio-in-comune/sportello/internal/town"
)

func (t table) visits() Visits {
	g := group{Counts: tally.Counts(t)}
	v := Visits{
		Opened: g.all(tally.VisitOpened), Closed: g.all(tally.VisitClosed),
		SolvedAtOnce:      int(g.Sum(tally.VisitClosed, tally.Solved)),
		SolvedAtInfoPoint: int(g.Sum(tally.VisitClosed, tally.SolvedAtInfoPoint)),
		NoShows:           g.detail(tally.GaveUp, string(town.LegNoShow)) - g.detail(tally.GaveUp, tally.Reinstated),
		Left:              g.detail(tally.GaveUp, string(town.LegLeft)),
		Cancelled:         g.detail(tally.GaveUp, string(town.LegCancelled)),
		Expired:           g.detail(tally.GaveUp, string(town.LegExpired)),
	}
	v.SolvedAtOnceShare = part(v.SolvedAtOnce, v.Closed)
	return v
}

func (t table) waits() []Waits {
	all := []Waits{}
	for _, g := range t.groups(func(k tally.Key) row {
		class := k.Detail
		if k.Figure == tally.Promise {
			class, _ = tally.ParsePromiseDetail(k.Detail)
		}
		return row{a: k.OfficeID, b: k.ServiceID, c: class}
	}, tally.Wait, tally.Promise) {
		kept := g.detail(tally.Promise, tally.PromiseDetail(g.c, tally.Kept))
		w := Waits{
			OfficeCode: g.a, ServiceCode: g.b, Priority: town.Priority(g.c), Calls: g.all(tally.Wait),
			Promised: g.all(tally.Promise), WithinPromise: kept, WithinPromiseShare: part(kept, g.all(tally.Promise)),
		}
		waits := g.Spread(tally.Wait, anything)
		w.MedianSeconds, _ = waits.Reached(50)
		w.P90Seconds, _ = waits.Reached(90)
		all = append(all, w)
	}
	return all
}
