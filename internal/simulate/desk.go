package simulate

import (
	"fmt"
	"slices"
	"time"

	"github.com/spazio-in-comune/sportello/internal/town"
)

// The times at a desk.
const (
	changeover = time.Minute
	walking    = 25 * time.Second
	recallGap  = 25 * time.Second
	comingBack = 5 * time.Minute
	pause      = 10 * time.Minute
	// lastCall is how long after closing nobody is called any more, and the day is
	// closed.
	lastCall = 90 * time.Minute
)

// deskState is what goes on at a desk.
type deskState int

const (
	shut deskState = iota
	idle
	calling // about to call
	busy
	paused
)

// desk is a counter with the person who works there.
type desk struct {
	who                    actor
	office, label, counter string
	session                string
	version                int
	state                  deskState
	idleSince              time.Time
	breakDue               bool
}

// dayPayload is what closeDay answers.
type dayPayload struct {
	UserErrors                  refusals
	ExpiredLegs, ClosedSessions int
}

// furnishDesks gives a person to every counter that is used this week.
func (w *week) furnishDesks() {
	used := map[string]bool{counterOffice: true, infoPoint: true}
	for code := range w.profile.TransferTo {
		used[code] = true
	}
	for _, p := range w.practices {
		if o, isOffice := w.offices[p.Service]; isOffice && p.Kind == kindOffice {
			used[o.Code] = true
		}
	}
	for _, c := range w.site.Counters {
		code := c.Office.Code
		if !used[code] || code == counterOffice && len(w.desks[code]) == operators {
			continue
		}
		login := "officer." + code
		switch code {
		case counterOffice:
			login = fmt.Sprintf("operator%d", len(w.desks[code])+1)
		case infoPoint:
			login = "info"
		}
		w.desks[code] = append(w.desks[code], &desk{who: w.person(login), office: code, label: c.Label, counter: c.ID})
	}
}

func (w *week) eachDesk(do func(*desk)) {
	for _, code := range w.received() {
		for _, d := range w.desks[code] {
			do(d)
		}
	}
}

func (w *week) openDesks() {
	w.eachDesk(func(d *desk) {
		if d.state != shut {
			return // still serving from before
		}
		var opened sessionPayload
		if w.must(d.who, openCounter, variables{"idempotencyKey": w.key(), "counterId": d.counter}, &opened) {
			d.session, d.version = opened.Session.ID, opened.Session.Version
			w.free(d, 0)
		}
	})
}

// turn pauses, resumes or closes a counter.
func (w *week) turn(d *desk, document string, to deskState) {
	var turned sessionPayload
	if w.must(d.who, document, variables{"sessionId": d.session, "expectedVersion": d.version}, &turned) {
		d.version, d.state = turned.Session.Version, to
	}
}

// isOpen reports whether the site is open now.
func (w *week) isOpen() bool {
	return slices.ContainsFunc(w.open, func(s stretch) bool { return !w.now.Before(s.from.Add(-2*time.Minute)) && w.now.Before(s.to) })
}

// closeIdle closes the desks where nobody is, at the end of opening hours. The
// others close when nobody waits any more.
func (w *week) closeIdle() {
	w.eachDesk(func(d *desk) {
		switch d.state {
		case idle:
			w.turn(d, closeCounter, shut)
		case paused:
			w.turn(d, resumeCounter, idle)
			w.free(d, 0)
		}
	})
}

// lastHour is when nobody is served any more, however long it takes.
const lastHour = 22

// endDay closes the day in every office, once nobody is being served any more:
// whoever still waits is sent home by the house.
func (w *week) endDay() {
	closed := w.now.In(town.Rome()).Hour() >= lastHour
	if w.anyBusy() && !closed {
		w.after(5*time.Minute, w.endDay)
		return
	}
	if closed {
		w.fault("somebody is still being served at %d", lastHour)
	}
	for _, code := range w.received() {
		who := w.person("admin") // who closes what has no head
		if slices.Contains(w.staffed(), code) {
			who = w.person("head." + code)
		}
		var day dayPayload
		if w.must(who, closeDay, variables{"idempotencyKey": w.key(), "siteId": w.site.ID}, &day) {
			w.tally.expired += day.ExpiredLegs
		}
		for _, d := range w.desks[code] {
			d.state = shut
		}
	}
}

func (w *week) anyBusy() bool {
	found := false
	w.eachDesk(func(d *desk) { found = found || d.state == busy })
	return found
}

// pastLastCall reports whether the day is about to be closed.
func (w *week) pastLastCall() bool {
	return slices.ContainsFunc(w.open, func(s stretch) bool {
		return s.last && !w.now.Before(s.to.Add(lastCall)) && w.now.Sub(s.to) < 12*time.Hour
	})
}

// enterBreaks gives each operator ten minutes in the middle of a morning.
func (w *week) enterBreaks() {
	for _, s := range w.open {
		if s.afternoon() {
			continue
		}
		for i, d := range w.desks[counterOffice] {
			at := s.from.Add(90*time.Minute + time.Duration(i)*12*time.Minute)
			w.at(at, func() {
				if d.state == idle {
					w.takeBreak(d)
				} else if d.state != shut {
					d.breakDue = true
				}
			})
		}
	}
}

func (w *week) takeBreak(d *desk) {
	d.breakDue = false
	w.turn(d, pauseCounter, paused)
	w.after(pause, func() {
		if d.state == paused {
			w.turn(d, resumeCounter, idle)
			w.free(d, 0)
		}
	})
}

// free has a desk call the next person after a moment.
func (w *week) free(d *desk, after time.Duration) {
	d.state = calling
	w.after(after, func() {
		if d.state == calling {
			w.call(d)
		}
	})
}

// wake has the desk of an office that has been idle longest look at the queue.
func (w *week) wake(office string) {
	var chosen *desk
	for _, d := range w.desks[office] {
		if d.state == idle && (chosen == nil || d.idleSince.Before(chosen.idleSince)) {
			chosen = d
		}
	}
	if chosen != nil {
		w.free(chosen, 5*time.Second)
	}
}

// staffedNow reports whether a desk of the office is open.
func (w *week) staffedNow(office string) bool {
	return slices.ContainsFunc(w.desks[office], func(d *desk) bool { return d.state != shut })
}

// call calls the next person.
func (w *week) call(d *desk) {
	if d.breakDue && w.isOpen() {
		w.takeBreak(d)
		return
	}
	if w.pastLastCall() {
		w.turn(d, closeCounter, shut)
		return
	}
	var called legPayload
	if !w.must(d.who, callNext, variables{"idempotencyKey": w.key(), "sessionId": d.session}, &called) {
		d.state = shut
		return
	}
	if called.Leg == nil {
		d.state, d.idleSince = idle, w.now
		if !w.isOpen() {
			w.turn(d, closeCounter, shut)
		}
		return
	}
	expect(w.queues[d.office], "leg.called")
	d.state = busy
	p := w.present[called.Leg.Visit.ID]
	if p == nil {
		w.fault("%s called %s, who never took a number", d.who.name, called.Leg.Label)
		return
	}
	w.showCall(called.Leg)
	w.called(d, p, called.Leg)
}

// showCall lets the boards keep pace: in the hall minutes pass between five calls,
// here they may be a few milliseconds.
func (w *week) showCall(l *legAnswer) {
	call := boardCall{l.Label, l.CalledAt.UTC()}
	w.tally.calls = append(w.tally.calls, call)
	if behind := len(w.tally.calls) - boardPace; behind >= 0 {
		if err := w.streams.awaitCall(w.ctx, w.tally.calls[behind]); err != nil {
			w.fault("the boards do not show %s: %v", w.tally.calls[behind].Label, err)
		}
	}
}

// boardPace is how many calls a board may be behind.
const boardPace = 3
