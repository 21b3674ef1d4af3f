package simulate

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/spazio-in-comune/sportello/internal/simulate/fill"
	"github.com/spazio-in-comune/sportello/internal/town"
)

// week is a week being played. Everything happens in one goroutine, one action at
// a time; only the followers run beside it.
type week struct {
	// ctx is the run's: the actions of a week are callbacks of the agenda.
	ctx     context.Context
	options Options
	profile *profile
	scale   float64
	clock   *town.ManualClock
	server  Server
	dir     string
	api     *api
	streams *streams
	rng     *rand.Rand // for what is not drawn before: when to work on a case
	tokens  map[string]string

	site site
	// open is when the house has visitors, working when its offices work: after the week
	// as well.
	open, working []stretch
	offices       map[string]office
	forms         map[string]*fill.Form
	plan          plan
	// practices is the catalogue with its weekly volumes.
	practices []Practice
	agenda    agenda
	now       time.Time
	keys      int

	desks   map[string][]*desk   // by office
	present map[string]*presence // by visit id
	queues  map[string]*pair     // live queues by office
	bureaus map[string]*pair     // live case lists by office
	steps   map[int]*pair        // live escalations by level
	words   *pair                // live feedback
	tally   tally
	people  map[string]fill.Person // citizens by login
	tries   map[*stop]uint64       // at which try a form was that of somebody entitled
	accepts int                    // how many went to the Help Point so far
	found   *found                 // what stood in the books at the end
	faults  []string
}

// office is a place where a person can be sent.
type office struct {
	Code     string
	Level    int
	External bool
}

// site is the place where the week is played.
type site struct {
	ID        string
	OpenHours map[string][]string
	Counters  []struct {
		ID, Label string
		Office    coded
	}
}

// mostFaults is when a week is given up: more would only repeat the first.
const mostFaults = 200

func newWeek(ctx context.Context, o Options, p *profile, scale float64, clock *town.ManualClock, server Server, dir string) *week {
	return &week{
		ctx: ctx, options: o, profile: p, scale: scale, clock: clock, server: server, dir: dir,
		api: newAPI(server.URL()), streams: &streams{url: server.URL()},
		rng: rand.New(rand.NewPCG(o.Seed, 1)), tokens: map[string]string{},
		offices: map[string]office{}, forms: map[string]*fill.Form{},
		desks: map[string][]*desk{}, present: map[string]*presence{},
		queues: map[string]*pair{}, bureaus: map[string]*pair{}, steps: map[int]*pair{},
		people: map[string]fill.Person{}, tries: map[*stop]uint64{}, now: clock.Now(), tally: newTally(),
	}
}

// actor is somebody who acts: a person of the house, a citizen, a device, or the
// holder of a ticket.
type actor struct{ name, token string }

// person is a demo person by login.
func (w *week) person(login string) actor {
	token, known := w.tokens[login]
	if !known {
		var err error
		if token, err = w.server.Token(login); err != nil {
			w.fault("no token for %s: %v", login, err)
		}
		w.tokens[login] = token
	}
	return actor{login, token}
}

// at enters something into the agenda.
func (w *week) at(t time.Time, do func()) { w.agenda.add(t, do) }

// after does something some time from now.
func (w *week) after(d time.Duration, do func()) { w.at(w.now.Add(d), do) }

// fault notes that something went wrong that must not.
func (w *week) fault(format string, args ...any) {
	w.faults = append(w.faults, w.now.In(town.Rome()).Format("Mon 15:04:05 ")+fmt.Sprintf(format, args...))
}

// payload is what a mutation answers.
type payload interface{ refused() refusals }

func (p *legPayload) refused() refusals      { return p.UserErrors }
func (p *sessionPayload) refused() refusals  { return p.UserErrors }
func (p *casePayload) refused() refusals     { return p.UserErrors }
func (p *submitPayload) refused() refusals   { return p.UserErrors }
func (p *stepPayload) refused() refusals     { return p.UserErrors }
func (p *feedbackPayload) refused() refusals { return p.UserErrors }
func (p *ticketPayload) refused() refusals   { return p.UserErrors }
func (p *dayPayload) refused() refusals      { return p.UserErrors }

// mutate runs a mutation with its one input. A refusal is an error like any other.
func (w *week) mutate(who actor, document string, input variables, into payload) error {
	if err := w.field(who, document, variables{"input": input}, into); err != nil {
		return err
	}
	return into.refused().errorOf()
}

// field runs an operation and reads its only root field.
func (w *week) field(who actor, document string, vars variables, into any) error {
	var data map[string]json.RawMessage
	if err := w.api.call(w.ctx, who.token, document, vars, &data); err != nil {
		return err
	}
	for _, raw := range data {
		if err := json.Unmarshal(raw, into); err != nil {
			return fmt.Errorf("read what %s answers: %w", operationName(document), err)
		}
	}
	return nil
}

// must runs a mutation that nothing speaks against; false if it failed, which is
// noted as a fault.
func (w *week) must(who actor, document string, input variables, into payload) bool {
	if err := w.mutate(who, document, input, into); err != nil {
		w.fault("%s as %s: %v", operationName(document), who.name, err)
		return false
	}
	return true
}

// key makes an idempotency key.
func (w *week) key() string {
	w.keys++
	return fmt.Sprintf("week-%d-%d", w.options.Seed, w.keys)
}

// play lets everything happen.
func (w *week) play() error {
	progress := newProgress(w.options.Progress, len(w.plan.visits)+len(w.plan.filings))
	defer progress.close()
	for {
		next, found := w.agenda.next()
		if !found {
			return nil
		}
		if err := w.ctx.Err(); err != nil {
			return fmt.Errorf("play the week: %w", err)
		}
		if len(w.faults) >= mostFaults {
			return errors.Join(errors.New("the week is given up"), w.firstFaults())
		}
		if next.at.After(w.now) { // never backwards: an action may have been entered late
			w.now = next.at
			w.clock.Set(w.now)
		}
		next.do()
		progress.show(w.tally.arrived, w.now)
	}
}

func (w *week) firstFaults() error {
	var all []error
	for _, fault := range w.faults[:min(len(w.faults), 10)] {
		all = append(all, errors.New(fault))
	}
	return errors.Join(all...)
}
