package simulate

import (
	"time"

	"github.com/spazio-in-comune/sportello/internal/town"
)

// tally is what happened, as the answers of the API told it.
type tally struct {
	arrived  int
	expired  int
	linked   int
	outcomes []*outcome
	numbers  []number
	present  []*presence
	calls    []boardCall
	waits    map[string][]time.Duration // by day
	queue    []time.Duration            // of those, the waits for the counter's one queue
	legs     map[legKind]int
	intakes  map[string]int // by status
	scores   map[int][]int  // by level
	steps    map[stepKind]int
	stepIDs  map[string]bool // that answers told of
	courses  map[string]int
	toMayor  []string
	cases    []caseSeen

	followedVisits, followedCases int
}

// outcome is what became of one practice of the week.
type outcome struct {
	practice Practice
	// answer is what the house said of the form; empty until it is filed.
	answer string
	// state is how it stands: that of the case, once it is one.
	state  string
	isCase bool
}

func (o *outcome) is(state string) { o.state = state }

// answered notes what the house said of the form.
func (o *outcome) answered(answer string) { o.answer, o.state = answer, answer }

// number is a number as it was printed.
type number struct{ day, label string }

type legKind struct {
	level   int
	outcome string
}

type stepKind struct {
	level int
	what  string
}

// caseSeen is a case with its office and who filed it.
type caseSeen struct{ id, office, filedBy string }

func newTally() tally {
	return tally{
		waits: map[string][]time.Duration{}, legs: map[legKind]int{}, intakes: map[string]int{},
		scores: map[int][]int{}, steps: map[stepKind]int{}, stepIDs: map[string]bool{}, courses: map[string]int{},
	}
}

// stateSentHome is where a practice stands that nothing comes of: the day ended first.
const stateSentHome = "SENT_HOME"

// expectOutcome notes that a practice of the week begins.
func (t *tally) expectOutcome(p Practice) *outcome {
	o := &outcome{practice: p, state: stateSentHome}
	t.outcomes = append(t.outcomes, o)
	return o
}

// wait notes how long somebody waited for a call, in virtual time.
func (t *tally) wait(w *week, p *presence) {
	day := w.now.In(town.Rome()).Format("Mon 02 Jan")
	waited := p.leg.CalledAt.Sub(p.leg.QueuedAt)
	t.waits[day] = append(t.waits[day], waited)
	if p.leg.Office.Code == counterOffice {
		t.queue = append(t.queue, waited)
	}
}

func (t *tally) leg(w *week, p *presence, outcome string) {
	t.legs[legKind{w.offices[p.leg.Office.Code].Level, outcome}]++
}

// intake counts what came of a form; one that was refused before it was looked at
// by the reason.
func (t *tally) intake(got *submitPayload) {
	status := got.Status
	if status == "" && len(got.UserErrors) > 0 {
		status = "REFUSED " + got.UserErrors[0].Code
	}
	t.intakes[status]++
}

func (t *tally) score(level, score int)      { t.scores[level] = append(t.scores[level], score) }
func (t *tally) step(level int, what string) { t.steps[stepKind{level, what}]++ }
func (t *tally) opened(d *dossier, by string) {
	t.cases = append(t.cases, caseSeen{d.id, d.office, by})
}

// course counts what was done with a case or a step besides answering it.
func (t *tally) course(what string) { t.courses[what]++ }
