package desk

import (
	"context"
	"fmt"
	"slices"
	"time"

	"entgo.io/ent/dialect/sql"

	"github.com/spazio-in-comune/sportello/ent"
	"github.com/spazio-in-comune/sportello/ent/counter"
	"github.com/spazio-in-comune/sportello/ent/countersession"
	"github.com/spazio-in-comune/sportello/ent/leg"
	"github.com/spazio-in-comune/sportello/ent/office"
	"github.com/spazio-in-comune/sportello/ent/visit"
	"github.com/spazio-in-comune/sportello/internal/access"
	"github.com/spazio-in-comune/sportello/internal/desk/rules"
	"github.com/spazio-in-comune/sportello/internal/town"
)

// lastCalls is how many calls the display shows.
const lastCalls = 5

// Board is what the waiting room may see: numbers and desks, no names.
type Board struct {
	SiteID string
	// At is the moment shown.
	At time.Time
	// Calls are the last five of today, newest first; discreet visits leave no trace.
	Calls []BoardCall
	// Queues are those of the offices that have a counter here or somebody waiting.
	Queues       []BoardQueue
	OpenCounters int
}

// BoardCall is one line of the display.
type BoardCall struct {
	Label   string
	Counter string
	// Office is its code.
	Office    string
	CalledAt  time.Time
	State     town.LegState
	CallCount int
}

// BoardQueue is the state of one queue, with the wait of who takes a number now.
type BoardQueue struct {
	// Office is its code.
	Office                    string
	Waiting                   int
	MedianSeconds, P80Seconds int
}

// Board reads the public board of a site, for anybody.
func (d *Desk) Board(ctx context.Context, siteID string) (*Board, error) {
	if err := access.Asker(ctx).RequireSite(siteID); err != nil {
		return nil, err
	}
	house := access.System(ctx, "desk.board")
	site, err := d.store.Reader().Site.Get(house, siteID)
	if site, err = found(site, err, "read the site of a board"); err != nil {
		return nil, err
	}
	board := &Board{SiteID: site.ID, At: d.store.Clock().Now()}
	counters, err := d.store.Reader().Counter.Query().Where(counter.SiteID(siteID)).All(house)
	if err != nil {
		return nil, fmt.Errorf("read the counters of a board: %w", err)
	}
	if board.Calls, err = d.boardCalls(house, site, counters, board.At); err != nil {
		return nil, err
	}
	return board, d.boardQueues(house, board, counters)
}

func (d *Desk) boardCalls(ctx context.Context, site *ent.Site, counters []*ent.Counter, now time.Time) ([]BoardCall, error) {
	today, err := rules.DayOf(now, site.Timezone)
	if err != nil {
		return nil, err
	}
	midnight, err := rules.StartOf(today, site.Timezone)
	if err != nil {
		return nil, err
	}
	legs, err := d.store.Reader().Leg.Query().
		Where(leg.SiteID(site.ID), leg.LastCalledAtGTE(midnight), leg.HasVisitWith(visit.Discreet(false))).
		Order(leg.ByLastCalledAt(sql.OrderDesc()), leg.ByLabel(), leg.ByID()).Limit(lastCalls).All(ctx)
	if err != nil {
		return nil, fmt.Errorf("read the last calls: %w", err)
	}
	calls := make([]BoardCall, len(legs))
	for i, l := range legs {
		calls[i] = BoardCall{
			Label: l.Label, Counter: labelOf(counters, l.CounterID), Office: l.OfficeID,
			CalledAt: deref(l.LastCalledAt), State: l.State, CallCount: l.CallCount,
		}
	}
	return calls, nil
}

func labelOf(counters []*ent.Counter, id string) string {
	for _, c := range counters {
		if c.ID == id {
			return c.Label
		}
	}
	return ""
}

// boardQueues fills in the queues and the open counters, from two readings of the
// whole site.
func (d *Desk) boardQueues(ctx context.Context, board *Board, counters []*ent.Counter) error {
	sessions, err := d.store.Reader().CounterSession.Query().
		Where(countersession.SiteID(board.SiteID), countersession.StateEQ(town.SessionOpen)).All(ctx)
	if err != nil {
		return fmt.Errorf("read the open counters: %w", err)
	}
	legs, err := d.store.Reader().Leg.Query().
		Where(leg.SiteID(board.SiteID), leg.StateIn(town.LegWaiting, town.LegCalled, town.LegServing)).
		Select(leg.FieldID, leg.FieldOfficeID, leg.FieldLevel, leg.FieldState, leg.FieldLabel, leg.FieldPriority, leg.FieldSeniorAt,
			leg.FieldServiceID, leg.FieldPracticeID, leg.FieldStartedAt, leg.FieldSessionID).All(ctx)
	if err != nil {
		return fmt.Errorf("read who waits at the site: %w", err)
	}
	offices, err := d.store.Reader().Office.Query().Where(office.IDIn(officesOf(counters, legs)...)).
		Order(ent.Asc(office.FieldLevel, office.FieldPosition, office.FieldID)).All(ctx)
	if err != nil {
		return fmt.Errorf("read the offices of a board: %w", err)
	}
	board.OpenCounters = len(sessions)
	board.Queues = make([]BoardQueue, len(offices))
	for i, o := range offices {
		board.Queues[i] = d.boardQueue(o, board.At, sessions, counters, legs)
	}
	return nil
}

func officesOf(counters []*ent.Counter, legs []*ent.Leg) []string {
	var ids []string
	for _, c := range counters {
		ids = append(ids, c.OfficeID)
	}
	for _, l := range legs {
		ids = append(ids, l.OfficeID)
	}
	slices.Sort(ids)
	return slices.Compact(ids)
}

func (d *Desk) boardQueue(o *ent.Office, now time.Time, sessions []*ent.CounterSession, counters []*ent.Counter, legs []*ent.Leg) BoardQueue {
	var open []*ent.CounterSession
	for _, s := range sessions {
		if s.OfficeID == o.ID {
			open = append(open, s)
		}
	}
	desks := 0
	for _, c := range counters {
		if c.OfficeID == o.ID {
			desks++
		}
	}
	var served []*ent.Leg
	var waiting []rules.Waiter
	for _, l := range legs {
		switch {
		case l.OfficeID != o.ID:
		case l.State == town.LegWaiting:
			waiting = append(waiting, waiter(l))
		default:
			served = append(served, l)
		}
	}
	d.policy(now).Sort(waiting)
	h := d.hallOf(open, desks, served, now)
	p := d.foretell(h, waiting, o.Level) // an ordinary newcomer comes after all of them
	return BoardQueue{Office: o.ID, Waiting: len(waiting), MedianSeconds: p.Median, P80Seconds: p.P80}
}
