package simulate

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"time"

	"github.com/spazio-in-comune/sportello/internal/casework"
	hall "github.com/spazio-in-comune/sportello/internal/desk"
	"github.com/spazio-in-comune/sportello/internal/simulate/fill"
	"github.com/spazio-in-comune/sportello/internal/store"
	"github.com/spazio-in-comune/sportello/internal/town"
	"github.com/spazio-in-comune/sportello/internal/voice"
	"github.com/spazio-in-comune/sportello/plugins/sdk/calc"
)

// Rooms are the rooms of a furnished demo town, in this process: no sockets, no departments' processes, no API.
type Rooms struct {
	Clock    *town.ManualClock
	Store    *store.Store
	Desk     *hall.Desk
	Cases    *casework.Cases
	Voice    *voice.Voice
	Calendar calc.Calendar
	// Practices is the catalogue with its weekly volumes, Forms the form of each.
	Practices []Practice
	Forms     map[string]*fill.Form
	// Staffed are the offices with an officer and a head.
	Staffed []string
	// SiteID is the place, and Hours are its opening hours by day: "mon" and so on.
	SiteID string
	Hours  map[string][]string
	// As is a context in which a demo person asks, OnTicket one of who holds the ticket of a visit.
	As       func(ctx context.Context, login string) (context.Context, error)
	OnTicket func(ctx context.Context, visitID string) context.Context
	// Citizen is who signs in by that login.
	Citizen func(ctx context.Context, login string) (fill.Person, error)
}

// YearOptions say which year is played.
type YearOptions struct {
	// Weeks of steady volume, 1 to 50.
	Weeks int
	Seed  uint64
	// Scale multiplies the volumes; 0 is 1.
	Scale float64
	// Report names a file for the report as JSON; empty for none.
	Report string
	// Out gets the tables, Progress the progress.
	Out, Progress io.Writer
}

// MostWeeks is the length of a year: the weeks in which a town hall is open.
const MostWeeks = 50

// FirstDay is the Monday on which a simulation begins.
func FirstDay() (town.Date, error) {
	p, err := loadProfile()
	if err != nil {
		return town.Date{}, err
	}
	return p.FirstDay, nil
}

// RunYear plays steady weeks one after the other by calls of the rooms, holidays included, and lets what fell due happen at
// each midnight. Then every term of every case is compared with what a clerk counts from its ledger. It fails unless all
// that must hold did.
func RunYear(ctx context.Context, rooms Rooms, o YearOptions) error {
	started := time.Now()
	if o.Weeks < 1 || o.Weeks > MostWeeks || o.Scale < 0 {
		return fmt.Errorf("no such year: %d weeks, scale %g", o.Weeks, o.Scale)
	}
	if o.Scale == 0 {
		o.Scale = 1
	}
	p, err := loadProfile()
	if err != nil {
		return err
	}
	y := &year{
		ctx: ctx, rooms: rooms, options: o, profile: p, rng: rand.New(rand.NewPCG(o.Seed, 2)),
		people: map[string]context.Context{}, citizens: map[string]fill.Person{}, desks: map[string][]*yearDesk{},
		present: map[string]*guest{}, now: rooms.Clock.Now(), report: newYearReport(o),
	}
	if err := y.furnish(); err != nil {
		return err
	}
	if err := y.play(); err != nil {
		return err
	}
	if err := y.check(); err != nil {
		return err
	}
	y.report.Seconds = time.Since(started).Seconds()
	if err := y.report.write(o.Out, o.Report); err != nil {
		return err
	}
	if len(y.report.Violations) > 0 {
		return fmt.Errorf("%d violations: %w", len(y.report.Violations), ErrViolated)
	}
	return nil
}

// year is a year being played: one action at a time, in the order of virtual time.
type year struct {
	ctx      context.Context
	rooms    Rooms
	options  YearOptions
	profile  *profile
	rng      *rand.Rand
	people   map[string]context.Context
	citizens map[string]fill.Person

	open    []stretch // of all weeks
	desks   map[string][]*yearDesk
	present map[string]*guest // by visit
	agenda  agenda
	now     time.Time
	keys    int
	report  *yearReport
}

// as is somebody's context.
func (y *year) as(login string) context.Context {
	known, found := y.people[login]
	if !found {
		var err error
		if known, err = y.rooms.As(y.ctx, login); err != nil {
			y.fault("%s cannot act: %v", login, err)
			known = y.ctx
		}
		y.people[login] = known
	}
	return known
}

func (y *year) key() string {
	y.keys++
	return fmt.Sprintf("year-%d-%d", y.options.Seed, y.keys)
}

func (y *year) fault(format string, args ...any) {
	y.report.violate(y.now.In(town.Rome()).Format("2006-01-02 15:04 ") + fmt.Sprintf(format, args...))
}

func (y *year) at(t time.Time, do func())        { y.agenda.add(t, do) }
func (y *year) after(d time.Duration, do func()) { y.at(y.now.Add(d), do) }
func (y *year) chance(share float64) bool        { return y.rng.Float64() < share }
func (y *year) some(least, most int) time.Duration {
	return time.Duration(least + y.rng.IntN(most-least+1))
}
func (y *year) days(least, most int) time.Duration { return y.some(least, most) * 24 * time.Hour }
func (y *year) hours(most int) time.Duration       { return y.some(1, most) * time.Hour }

// atWork does something some time from now, when the offices are open; what would be after the year is left undone.
func (y *year) atWork(d time.Duration, do func()) {
	if at := workTime(y.open, y.now.Add(d)); !at.IsZero() {
		y.at(at, do)
	}
}

// play lets everything happen, week after week, and the terms that still run after the last week pass.
func (y *year) play() error {
	progress := newYearProgress(y.options.Progress, y.options.Weeks)
	defer progress.close()
	first := y.profile.FirstDay
	for week := range y.options.Weeks {
		if err := y.week(first.AddDays(7*week), uint64(week)); err != nil {
			return err
		}
		progress.show(week + 1)
	}
	return y.goTo(first.AddDays(7*y.options.Weeks).At(0, 0, town.Rome()))
}

// week draws a week and plays it to its Sunday.
func (y *year) week(monday town.Date, number uint64) error {
	p := *y.profile
	p.FirstDay = monday
	open := y.openOn(monday)
	if len(open) > 0 {
		drawn := draw(&p, y.rooms.Practices, open, p.Profiles["steady"]*y.options.Scale, y.options.Seed*1000+number, len(citizens()))
		y.enter(drawn, open)
	}
	end := monday.AddDays(7).At(0, 0, town.Rome())
	for len(y.agenda.entries) > 0 && y.agenda.entries[0].at.Before(end) {
		next, _ := y.agenda.next()
		if err := y.goTo(next.at); err != nil {
			return err
		}
		next.do()
		if len(y.report.Violations) >= mostFaults {
			return errors.Join(errors.New("the year is given up"), errors.New(y.report.Violations[0]))
		}
	}
	return y.goTo(end)
}

// goTo moves the clock, and stops at each midnight on the way for what falls due.
func (y *year) goTo(t time.Time) error {
	if err := y.ctx.Err(); err != nil {
		return fmt.Errorf("play the year: %w", err)
	}
	for {
		midnight := town.Today(y.now).AddDays(1).At(0, 0, town.Rome())
		if midnight.After(t) {
			break
		}
		y.set(midnight)
		if err := y.fallDue(); err != nil {
			return err
		}
	}
	if t.After(y.now) {
		y.set(t)
	}
	return nil
}

func (y *year) set(t time.Time) {
	y.now = t
	y.rooms.Clock.Set(t)
}

// fallDue does the house's own work of a midnight, until nothing is left of it: one thing may make another due.
func (y *year) fallDue() error {
	for {
		terms, err := y.rooms.Cases.ExpireDue(y.ctx)
		if err != nil {
			return fmt.Errorf("terms of cases: %w", err)
		}
		steps, err := y.rooms.Voice.LapseDue(y.ctx)
		if err != nil {
			return fmt.Errorf("terms of the ladder: %w", err)
		}
		if _, err := y.rooms.Desk.CloseDue(y.ctx); err != nil {
			return fmt.Errorf("end of the day: %w", err)
		}
		y.report.TermsPassed += terms
		y.report.StepsLapsed += steps
		if terms+steps == 0 {
			return nil
		}
	}
}
