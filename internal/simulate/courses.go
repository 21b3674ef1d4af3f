package simulate

import "time"

// course is what an office does with a case besides deciding it.
type course struct {
	// lies about: nobody looks at it until its term has passed.
	lies bool
	// acquire is for how many days facts are acquired from elsewhere, 0 for none; slow
	// says that they come after that time, when the term runs again.
	acquire int
	slow    bool
	// extended: the head takes some days more.
	extended bool
	// forewarned: a refusal is announced; observed: the applicant objects.
	forewarned, observed bool
}

// The practice whose refusal goes to the officer for transparency.
const civicAccess = "accesso-civico"

// courses draws what becomes of what comes in, after all else was drawn. The first
// request of civic access from home is refused, so that each week has a review of one.
func (d *drawer) courses() {
	for i := range d.plan.visits {
		v := &d.plan.visits[i]
		v.opinion.silent = d.silence()
		for k := range v.stops {
			v.stops[k].course = d.course()
		}
	}
	refused := false
	for i := range d.plan.filings {
		f := &d.plan.filings[i]
		f.opinion.silent, f.stop.course = d.silence(), d.course()
		if f.citizen >= 0 && f.stop.practice.Code == civicAccess && !refused {
			refused = true
			f.stop.course, f.stop.decision, f.stop.asItComes, f.stop.incomplete = course{}, refusedDecision, false, false
		}
	}
}

func (d *drawer) course() course {
	c := course{
		lies: d.chance(d.Courses.Lies), extended: d.chance(d.Courses.Extends),
		forewarned: d.chance(d.Courses.Forewarned), observed: d.chance(d.Courses.Observed), slow: d.chance(0.5),
	}
	if days := 1 + d.rng.IntN(30); d.chance(d.Courses.Acquires) {
		c.acquire = days
	}
	return c
}

func (d *drawer) silence() string {
	step := [...]string{helpPointStep, sectorHeadStep, mayorStep}[d.rng.IntN(3)]
	if !d.chance(d.Courses.Silent) {
		return ""
	}
	return step
}

// later does something some days from now, in opening hours.
func (w *week) later(days int, do func()) { w.atWork(time.Duration(days)*24*time.Hour, do) }

// lie leaves a case alone until its term has passed, or for a long time where it has none.
func (w *week) lie(d *dossier, file *caseAnswer) {
	w.tally.course("left alone")
	passed := w.now.AddDate(0, 0, 40)
	if due, err := time.Parse(time.DateOnly, file.DueOn); err == nil {
		passed = due.AddDate(0, 0, 2)
	}
	w.atWork(passed.Sub(w.now), func() { w.rouse(d) })
}

// rouse finds a case that lay about: silence has decided it, the citizen asks for the
// substitute power, or the office goes to work late.
func (w *week) rouse(d *dossier) {
	file := w.look(d, w.person(d.head()))
	switch {
	case file == nil:
	case file.Phase == deemedGranted || file.Phase == deemedRefused:
		w.tally.course(file.Phase)
		d.outcome.is(file.Phase)
		if file.Phase == deemedGranted && d.clerk.citizen {
			w.act(d, d.clerk.who.name, attestSilence, variables{"idempotencyKey": w.key()})
		}
		w.ended(d)
	case d.clerk.citizen && file.has(flagOverdue):
		w.askSubstitute(d)
	default:
		w.examine(d)
	}
}

// The phases into which silence decides, and the flag of a term that has passed.
const (
	deemedGranted = "DEEMED_GRANTED"
	deemedRefused = "DEEMED_REFUSED"
	flagOverdue   = "overdue"
)

// acquire suspends a case until facts have come from elsewhere, or the term runs again by
// itself; false if the case is not for that.
func (w *week) acquire(d *dossier, file *caseAnswer, missing []string) bool {
	c := d.stop.course
	if c.acquire == 0 || !file.may("SUSPEND_FOR_ACQUISITION") {
		return false
	}
	if w.act(d, d.officer(), suspendForAcquisition, variables{"idempotencyKey": w.key(), "days": c.acquire, "reason": "Dati da acquisire presso altro ente."}) == nil {
		return true
	}
	w.tally.course("suspended")
	back := c.acquire / 2
	if c.slow {
		back = c.acquire + 3
	}
	w.later(back, func() {
		if file := w.look(d, w.person(d.officer())); file != nil && file.may("END_ACQUISITION") {
			w.act(d, d.officer(), endAcquisition, variables{"idempotencyKey": w.key(), "text": "Dati ricevuti."})
		}
		w.propose(d, missing)
	})
	return true
}

// extend takes more time, where the law gives some.
func (w *week) extend(d *dossier) {
	if file := w.look(d, w.person(d.head())); d.stop.course.extended && file != nil && file.may("EXTEND_TERM") {
		if w.act(d, d.head(), extendTerm, variables{"idempotencyKey": w.key(), "days": 1, "reason": "Istruttoria complessa."}) != nil {
			w.tally.course("extended")
		}
	}
}

// forewarn announces a refusal and waits for what the applicant says; false if it was
// announced, or is not to be.
func (w *week) forewarn(d *dossier) bool {
	if d.stop.decision != refusedDecision || !d.stop.course.forewarned || d.warned {
		return false
	}
	file := w.look(d, w.person(d.officer()))
	if file == nil || !file.may("SERVE_REJECTION_NOTICE") {
		return false
	}
	if w.act(d, d.officer(), serveRejectionNotice, variables{"idempotencyKey": w.key(), "reason": "Mancano i requisiti."}) == nil {
		return true
	}
	d.warned = true
	w.tally.course("forewarned")
	if d.stop.course.observed {
		who := d.officer()
		if d.clerk.citizen {
			who = d.clerk.who.name
		}
		w.later(3, func() {
			w.act(d, who, recordObservations, variables{"idempotencyKey": w.key(), "text": "Non sono d'accordo."})
		})
	}
	w.later(20, func() { w.decide(d) })
	return true
}
