package simulate

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"time"

	"github.com/spazio-in-comune/sportello/internal/access"
	"github.com/spazio-in-comune/sportello/internal/town"
)

// check notes as faults all that did not hold.
func (w *week) check() {
	w.streams.settle(w.ctx)
	w.note(checkNumbers(w.tally.numbers))
	w.note(checkHall(w.tally.present, w.tally.expired))
	total, _, types := practiceRows(w.practices, w.scale, w.tally.outcomes)
	w.note(checkPractices(total, types))
	for _, p := range w.streams.pairs {
		w.note(p.check())
	}
	for _, f := range w.streams.cuttable() {
		if opened, cut := f.connections(); cut > 0 && opened < 2 {
			w.fault("%s was cut off %d times and never came back", f.name, cut)
		}
	}
	w.checkBoards()
	w.checkMayor()
	w.checkBooks()
	w.checkWalls()
}

func (w *week) note(faults []string) {
	for _, fault := range faults {
		w.fault("%s", fault)
	}
}

// checkNumbers wants the numbers of each series and day to be 1, 2, 3, … without
// doubles and gaps.
func checkNumbers(issued []number) []string {
	series := map[string][]int{}
	var faults []string
	for _, n := range issued {
		value, err := strconv.Atoi(n.label[1:])
		if err != nil {
			faults = append(faults, fmt.Sprintf("the number %q cannot be read", n.label))
			continue
		}
		key := n.day + " " + n.label[:1]
		series[key] = append(series[key], value)
	}
	for _, key := range slices.Sorted(maps.Keys(series)) {
		values := slices.Sorted(slices.Values(series[key]))
		for i, value := range values {
			switch {
			case i > 0 && values[i-1] == value:
				faults = append(faults, fmt.Sprintf("series %s: %d was given out twice", key, value))
			case i > 0 && values[i-1]+1 != value, i == 0 && value != 1:
				faults = append(faults, fmt.Sprintf("series %s: something is missing before %d", key, value))
			}
		}
	}
	return faults
}

// checkHall wants everybody who took a number to have left the hall, or to have
// been sent home at the end of a day.
func checkHall(present []*presence, expired int) []string {
	var left []string
	for _, p := range present {
		switch p.leg.State {
		case "COMPLETED", "NO_SHOW", "LEFT":
		default:
			left = append(left, fmt.Sprintf("%s of %s is still %s", p.label, p.day, p.leg.State))
		}
	}
	if len(left) == expired {
		return nil
	}
	return append(left, fmt.Sprintf("%d people did not leave, and the ends of days sent home %d", len(left), expired))
}

// check wants a cut-off client to have received what an undisturbed one did: each
// event once, in order; and both as many as the mutations told of.
func (p *pair) check() []string {
	var faults []string
	fault := func(format string, args ...any) {
		faults = append(faults, p.live.name+": "+fmt.Sprintf(format, args...))
	}
	for _, f := range []*follower{p.live, p.reference} {
		if err := f.failure(); err != nil {
			fault("ended: %v", err)
		}
	}
	live, reference := p.live.received(), p.reference.received()
	if at, same := firstDifference(live, reference); !same {
		fault("received %d events, an undisturbed client %d; they differ at event %d: %s and %s",
			len(live), len(reference), at+1, kindAt(live, at), kindAt(reference, at))
	}
	seen := map[string]bool{}
	var last time.Time
	for i, r := range live {
		if seen[r.id] {
			fault("event %s came twice", r.id)
		}
		seen[r.id] = true
		if !actOfSomebody(r.kind) {
			continue
		}
		if r.at.Before(last) {
			fault("event %s came after a later one", kindAt(live, i))
		}
		last = r.at
	}
	counts := countKinds(reference)
	for _, kind := range slices.Sorted(maps.Keys(p.expected)) {
		if counts[kind] != p.expected[kind] {
			fault("%d events %s, the answers of mutations tell of %d", counts[kind], kind, p.expected[kind])
		}
	}
	return faults
}

// actOfSomebody reports whether an event is of what a person did: such acts come one
// after the other in a week. The house's own work at a term goes on beside them and
// has the time at which it began; its place is checked by the undisturbed client.
func actOfSomebody(kind string) bool {
	return kind != string(town.EventClockExpired) && kind != string(town.EventClockResumed) && kind != string(town.EventClockStarted)
}

// kindAt names an event for a person who looks for what went wrong.
func kindAt(records []record, i int) string {
	if i >= len(records) {
		return "nothing"
	}
	return records[i].kind + " " + records[i].id
}

// firstDifference compares two sequences of events by id and type.
func firstDifference(a, b []record) (at int, same bool) {
	for i := range min(len(a), len(b)) {
		if a[i].id != b[i].id || a[i].kind != b[i].kind {
			return i, false
		}
	}
	return min(len(a), len(b)), len(a) == len(b)
}

// checkBoards wants every call to have been among the last five of a board, or of
// the board as it is now.
func (w *week) checkBoards() {
	var now struct{ Calls []boardCall }
	if err := w.field(actor{}, queryBoard, variables{"siteId": w.site.ID}, &now); err != nil {
		w.fault("read the board: %v", err)
	}
	for _, board := range w.streams.boards {
		if err := board.failure(); err != nil {
			w.fault("%s ended: %v", board.name, err)
		}
		for _, call := range w.tally.calls {
			last := slices.ContainsFunc(now.Calls, func(c boardCall) bool { return c.is(call) })
			if !last && !board.shows(call) {
				w.fault("%s never showed %s called at %s", board.name, call.Label, call.CalledAt)
			}
		}
	}
}

// checkMayor wants every step that reached level 5 to have reached the Mayor's
// live connection.
func (w *week) checkMayor() {
	received := w.steps[5].live.received()
	for _, id := range w.tally.toMayor {
		if !slices.ContainsFunc(received, func(r record) bool { return r.subject == id }) {
			w.fault("the step %s at level 5 did not reach the mayor", id)
		}
	}
	if w.options.Profile == "launch" && w.options.Days == 6 && w.scale >= 1 && len(w.tally.toMayor) == 0 {
		w.fault("nobody reached the mayor in a launch week")
	}
}

// checkBooks puts every clock to the clerk, and wants each step of the ladder and each
// word of satisfaction to stand in the books once, and to have come over a live connection.
func (w *week) checkBooks() {
	found, err := w.server.Books().check(access.System(w.ctx, "the check of a simulated week"), w.now)
	if err != nil {
		w.fault("read the books: %v", err)
		return
	}
	w.found = found
	w.note(found.faults)
	for id := range w.tally.stepIDs {
		if _, kept := found.steps[id]; !kept {
			w.fault("the step %s was answered, and does not stand in the books", id)
		}
	}
	for level, p := range w.steps {
		of := func(id string) bool { return found.steps[id] == level }
		kept := slices.DeleteFunc(slices.Collect(maps.Keys(found.steps)), func(id string) bool { return !of(id) })
		w.note(checkArrived(fmt.Sprintf("steps of level %d", level), kept, p.reference.received()))
	}
	w.note(checkArrived("words", found.words, w.words.reference.received()))
	if scores := 0; len(w.faults) == 0 {
		for _, all := range w.tally.scores {
			scores += len(all)
		}
		if scores != len(found.words) {
			w.fault("%d scores were given, %d stand in the books", scores, len(found.words))
		}
	}
}

// checkArrived wants what stands in the books to be what came over a live connection.
func checkArrived(what string, kept []string, received []record) []string {
	came := map[string]bool{}
	for _, r := range received {
		came[r.subject] = true
	}
	var faults []string
	for _, id := range kept {
		if !came[id] {
			faults = append(faults, fmt.Sprintf("%s: %s stands in the books and never came", what, id))
		}
		delete(came, id)
	}
	for id := range came {
		faults = append(faults, fmt.Sprintf("%s: %s came and does not stand in the books", what, id))
	}
	return faults
}
