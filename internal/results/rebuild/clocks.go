package rebuild

import (
	"fmt"
	"time"

	"github.com/spazio-in-comune/sportello/internal/clocks"
	"github.com/spazio-in-comune/sportello/internal/town"
	"github.com/spazio-in-comune/sportello/plugins/sdk/calc"
)

// Term is a clock of a case without its dates: what it counts, and its ledger in the order
// of recording.
type Term struct {
	CaseID, Kind string
	// StartsFrom is the event that starts the clock.
	StartsFrom string
	// Follows is the kind of the clock whose end starts this one; empty for none.
	Follows string
	Clock   clocks.Clock
	Ledger  []Line
}

// Line is an entry of a ledger and the moment at which it was recorded.
type Line struct {
	clocks.Entry

	RecordedAt time.Time
}

// Dates are what a clock is, as it is compared. Zero is none.
type Dates struct {
	State            town.ClockState
	StartedOn, DueOn town.Date
	// NextAt is the moment at which something happens to it by itself, EndedAt that of the
	// act that ended it.
	NextAt, EndedAt time.Time
}

// String is the clock as it is compared.
func (d Dates) String() string {
	day := func(of town.Date) string {
		if of.IsZero() {
			return "-"
		}
		return of.String()
	}
	moment := func(t time.Time) string {
		if t.IsZero() {
			return "-"
		}
		return t.UTC().Format(time.RFC3339Nano)
	}
	return fmt.Sprintf("%s from %s due %s next %s ended %s", d.State, day(d.StartedOn), day(d.DueOn), moment(d.NextAt), moment(d.EndedAt))
}

// passing is a moment at which the house itself moved a clock: its suspension had lasted as
// long as it may, or its term had passed.
type passing struct {
	resumed bool
	at      time.Time
}

// clock takes an event by which a clock moved by itself.
func (l *Log) clock(e town.Event) {
	of := e.CaseID + " " + e.Data[town.DataClock]
	switch e.Type {
	case town.EventClockExpired:
		l.passings[of] = append(l.passings[of], passing{at: e.At})
	case town.EventClockResumed:
		l.passings[of] = append(l.passings[of], passing{resumed: true, at: e.At})
	default:
	}
}

// Moves is how often the clock moved by itself so far.
func (l *Log) Moves(t Term) int { return len(l.passings[t.CaseID+" "+t.Kind]) }

// Dates rebuilds the dates of a clock: entry after entry of its ledger, and between them
// what the log says that the house did of its own accord. A ledger that the law does not
// allow is an error.
func (l *Log) Dates(t Term, calendar calc.Calendar) (Dates, error) {
	r := replayed{term: t, calendar: calendar, moves: l.passings[t.CaseID+" "+t.Kind]}
	r.State = town.ClockPending
	for _, line := range t.Ledger {
		r.moveBefore(line.RecordedAt)
		if err := r.enter(line); err != nil {
			return Dates{}, err
		}
	}
	for len(r.moves) > 0 {
		r.move()
	}
	return r.Dates, nil
}

// replayed is a clock as it stood after some of its entries.
type replayed struct {
	Dates

	term     Term
	calendar calc.Calendar
	ledger   []clocks.Entry
	derived  clocks.Derived
	moves    []passing
}

// moveBefore does what the house did before an entry of that moment. Of what has the same
// moment that came first which was due by then: an entry moves the moment at which the next
// thing happens past itself.
func (r *replayed) moveBefore(at time.Time) {
	for len(r.moves) > 0 {
		next := r.moves[0]
		if next.at.After(at) || next.at.Equal(at) && (r.NextAt.IsZero() || r.NextAt.After(at)) {
			return
		}
		r.move()
	}
}

func (r *replayed) move() {
	if r.moves[0].resumed {
		r.State, r.NextAt = town.ClockRunning, r.derived.DueAt
	} else {
		r.State = town.ClockExpired
	}
	r.moves = r.moves[1:]
}

func (r *replayed) enter(line Line) error {
	r.ledger = append(r.ledger, line.Entry)
	var err error
	if r.derived, err = clocks.Derive(r.term.Clock, r.ledger, r.calendar); err != nil {
		return fmt.Errorf("derive the clock %s of case %s: %w", r.term.Kind, r.term.CaseID, err)
	}
	// What has passed stays so, unless an event of before moved its last day past now.
	if r.State != town.ClockExpired || r.derived.State != town.ClockStopped && !r.derived.Passed(line.RecordedAt) {
		r.State = r.derived.State
	}
	r.StartedOn, r.DueOn, r.NextAt = r.derived.StartedOn, r.derived.DueOn, r.derived.NextAt()
	if r.derived.State == town.ClockStopped {
		r.EndedAt = line.RecordedAt
	}
	return nil
}
