package simulate

import (
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/spazio-in-comune/sportello/ent"
	hall "github.com/spazio-in-comune/sportello/internal/desk"
	"github.com/spazio-in-comune/sportello/internal/town"
)

// yearDesk is a counter in a year.
type yearDesk struct {
	login, office, counter string
	session                *ent.CounterSession // nil while it is shut
	busy                   bool
}

// guest is somebody in the hall.
type guest struct {
	visit *visit
	leg   *ent.Leg
}

// furnish gives a person to every counter that the year uses.
func (y *year) furnish() error {
	used := map[string]bool{counterOffice: true, infoPoint: true}
	for _, p := range y.rooms.Practices {
		if p.Kind == kindOffice {
			used[p.Service] = true
		}
	}
	counters, err := y.rooms.Desk.CountersOfSites(y.as("admin"), []string{y.rooms.SiteID})
	if err != nil {
		return fmt.Errorf("read the counters: %w", err)
	}
	for _, c := range counters[y.rooms.SiteID] {
		if !used[c.OfficeID] || c.OfficeID == counterOffice && len(y.desks[counterOffice]) == operators {
			continue
		}
		login := "officer." + c.OfficeID
		switch c.OfficeID {
		case counterOffice:
			login = fmt.Sprintf("operator%d", len(y.desks[counterOffice])+1)
		case infoPoint:
			login = "info"
		}
		y.desks[c.OfficeID] = append(y.desks[c.OfficeID], &yearDesk{login: login, office: c.OfficeID, counter: c.ID})
	}
	for week := range y.options.Weeks + 1 { // the week after, for what is begun at the end
		y.open = append(y.open, y.openOn(y.profile.FirstDay.AddDays(7*week))...)
	}
	return nil
}

// openOn are the opening hours of a week, without its holidays.
func (y *year) openOn(monday town.Date) []stretch {
	p := *y.profile
	p.FirstDay = monday
	all, err := openings(&p, y.rooms.Hours, 6)
	if err != nil {
		y.fault("%v", err)
	}
	return slices.DeleteFunc(all, func(s stretch) bool { return y.rooms.Calendar.IsHoliday(town.Today(s.from)) })
}

// enter puts a week into the agenda.
func (y *year) enter(drawn plan, open []stretch) {
	for _, s := range open {
		y.at(s.from.Add(-time.Minute), y.openDesks)
		y.at(s.to.Add(lastCall), y.closeDesks)
	}
	for i := range drawn.visits {
		v := &drawn.visits[i]
		y.at(v.at, func() { y.arrive(v) })
	}
	for i := range drawn.filings {
		f := &drawn.filings[i]
		y.at(f.at, func() { y.file(f) })
	}
	y.report.Planned += len(drawn.visits) + len(drawn.filings)
}

func (y *year) eachDesk(do func(*yearDesk)) {
	for _, office := range slices.Sorted(maps.Keys(y.desks)) {
		for _, d := range y.desks[office] {
			do(d)
		}
	}
}

func (y *year) openDesks() {
	y.eachDesk(func(d *yearDesk) {
		if d.session != nil {
			return
		}
		session, err := y.rooms.Desk.OpenCounter(y.as(d.login), hall.OpenCounterInput{IdempotencyKey: y.key(), CounterID: d.counter})
		if err != nil {
			y.fault("%s opens a counter: %v", d.login, err)
			return
		}
		d.session, d.busy = session, false
		y.call(d)
	})
}

// closeDesks closes the counters where nobody is; who still waits is sent home by the house at midnight.
func (y *year) closeDesks() {
	y.eachDesk(func(d *yearDesk) {
		if d.session == nil || d.busy {
			return
		}
		_, err := y.rooms.Desk.CloseCounter(y.as(d.login), hall.CounterSessionInput{SessionID: d.session.ID, ExpectedVersion: d.session.Version})
		if err != nil {
			y.fault("%s closes a counter: %v", d.login, err)
		}
		d.session = nil
	})
}

// arrive takes a number.
func (y *year) arrive(v *visit) {
	input := hall.IssueTicketInput{IdempotencyKey: y.key(), SiteID: y.rooms.SiteID, Language: &v.language}
	priority := town.Priority(v.priority)
	input.Priority = &priority
	office := infoPoint
	if len(v.stops) == 0 {
		input.OfficeCode = &office
	} else {
		input.ServiceCode, input.PracticeCode = &v.stops[0].practice.Service, &v.stops[0].practice.Code
	}
	login := "kiosk"
	if v.priority == "P0" || v.priority == booked {
		login = "info"
	}
	issued, err := y.rooms.Desk.IssueTicket(y.as(login), input)
	if err != nil {
		y.fault("%s takes a number: %v", login, err)
		return
	}
	y.report.Numbers++
	y.present[issued.Visit.ID] = &guest{visit: v}
	if len(v.stops) > 0 {
		office = counterOffice
		if v.stops[0].practice.Kind == kindOffice {
			office = v.stops[0].practice.Service
		}
	}
	for _, d := range y.desks[office] {
		if d.session != nil && !d.busy {
			y.call(d)
			return
		}
	}
}

// call has a free counter call the next person.
func (y *year) call(d *yearDesk) {
	leg, err := y.rooms.Desk.CallNext(y.as(d.login), hall.CallNextInput{IdempotencyKey: y.key(), SessionID: d.session.ID})
	if err != nil {
		y.fault("%s calls: %v", d.login, err)
		return
	}
	if leg == nil {
		return
	}
	g := y.present[leg.VisitID]
	if g == nil {
		y.fault("%s called leg %s of nobody", d.login, leg.ID)
		return
	}
	d.busy, g.leg = true, leg
	if g.visit.noShow {
		y.after(2*time.Minute+time.Second, func() { y.giveUp(d, g) })
		return
	}
	y.after(walking, func() { y.serve(d, g) })
}

func (y *year) giveUp(d *yearDesk, g *guest) {
	if _, err := y.rooms.Desk.NoShowLeg(y.as(d.login), hall.LegInput{LegID: g.leg.ID, ExpectedVersion: g.leg.Version}); err != nil {
		y.fault("%s says that nobody came: %v", d.login, err)
	}
	y.free(d)
}

// serve serves somebody: all their practices, one after the other.
func (y *year) serve(d *yearDesk, g *guest) {
	leg, err := y.rooms.Desk.StartLeg(y.as(d.login), hall.LegInput{LegID: g.leg.ID, ExpectedVersion: g.leg.Version})
	if err != nil {
		y.fault("%s begins to serve: %v", d.login, err)
		return
	}
	g.leg = leg
	lasts := g.visit.lasts
	for i := range g.visit.stops {
		s := &g.visit.stops[i]
		lasts += s.lasts
		y.after(lasts, func() { y.submit(yearClerk{login: d.login, legID: leg.ID, opinion: g.visit.opinion}, s) })
	}
	y.after(lasts+time.Second, func() { y.complete(d, g) })
}

func (y *year) complete(d *yearDesk, g *guest) {
	outcome := town.OutcomeServed
	if len(g.visit.stops) == 0 {
		outcome = town.OutcomeInfoOnly
	}
	seen, err := y.rooms.Desk.Leg(y.as(d.login), g.leg.ID)
	if err == nil {
		_, err = y.rooms.Desk.CompleteLeg(y.as(d.login), hall.CompleteLegInput{LegID: seen.ID, ExpectedVersion: seen.Version, Outcome: outcome})
	}
	if err != nil {
		y.fault("%s ends a service: %v", d.login, err)
	}
	y.report.Served++
	if g.visit.opinion.given {
		onTicket := y.rooms.OnTicket(y.ctx, g.leg.VisitID)
		said := yearWord{as: onTicket, legID: &g.leg.ID, opinion: g.visit.opinion}
		y.after(2*time.Minute, func() { y.rate(said) })
	}
	delete(y.present, g.leg.VisitID)
	y.free(d)
}

// free has the counter call the next person after a moment, or close after hours.
func (y *year) free(d *yearDesk) {
	y.after(changeover, func() {
		d.busy = false
		if d.session != nil && y.isOpen() {
			y.call(d)
		} else if d.session != nil {
			y.closeDesks()
		}
	})
}

// isOpen reports whether people are called now.
func (y *year) isOpen() bool {
	i, _ := slices.BinarySearchFunc(y.open, y.now, func(s stretch, now time.Time) int {
		if s.to.Add(lastCall).After(now) {
			return 1
		}
		return -1
	})
	return i < len(y.open) && !y.now.Before(y.open[i].from)
}
