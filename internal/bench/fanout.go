package main

import (
	"context"
	"errors"
	"fmt"
	"net/rpc"
	"strings"
	"time"

	"golang.org/x/sync/errgroup"
)

// Sizes of the fan-out.
const (
	fewSockets = 3000
	burst      = 10
	stuckShare = 100 // one of a hundred
)

// audience are the boards that follow one server.
type audience struct {
	server  *process
	path    string
	publish func(context.Context) error
	tidy    func(context.Context) error // after a round, not measured; nil is nothing
	events  int                         // of a round, one after the other
	sockets int

	crowd  *process
	client *rpc.Client
	last   []byte // a message as it came
}

// fanOut tells many boards of each new number, in turns: the house, from the click to the board; its transport, with the
// same answers from memory as the limits; gqlgen as it comes; and a message prepared once.
type fanOut struct {
	o                      options
	t                      *report
	ours, bare, stock, raw *audience
}

func measureFanOut(ctx context.Context, o options, h *house, t *report) (err error) {
	f := &fanOut{o: o, t: t}
	defer func() { err = errors.Join(err, f.close()) }()
	if err := f.open(ctx, h); err != nil {
		return err
	}
	for _, sockets := range []int{min(fewSockets, o.sockets), o.sockets} {
		if sockets == f.ours.sockets {
			continue
		}
		if err := f.gather(ctx, sockets); err != nil {
			return err
		}
		if err := f.deliveries(ctx); err != nil {
			return err
		}
		if err := f.bursts(ctx); err != nil {
			return err
		}
	}
	if err := f.stuck(ctx); err != nil {
		return err
	}
	return f.reconnect()
}

// open starts the servers that the house is compared with, and the crowds.
func (f *fanOut) open(ctx context.Context, h *house) error {
	kiosk, err := h.token(ctx, "kiosk")
	if err != nil {
		return err
	}
	operator, err := h.token(ctx, "operator1")
	if err != nil {
		return err
	}
	hall, counter, issued := newAPI(h.url, kiosk), newAPI(h.url, operator), make(chan visit, 1000)
	f.ours = &audience{server: h.process, path: "/graphql", events: 10, publish: func(ctx context.Context) error { return ticket(ctx, hall, issued) }}
	f.ours.tidy = func(ctx context.Context) error { return leave(ctx, counter, issued) }
	f.bare = &audience{path: pathShared, events: 10}
	f.stock, f.raw = &audience{path: "/graphql", events: 3}, &audience{path: pathRaw, events: 10}
	for _, a := range []*audience{f.bare, f.stock, f.raw} {
		if a.server, err = startSelf(ctx, "-limit"); err != nil {
			return err
		}
	}
	bare, stock, raw := newAPI(f.bare.server.url, ""), newAPI(f.stock.server.url, ""), newAPI(f.raw.server.url, "")
	f.bare.publish = func(ctx context.Context) error {
		_, err := bare.post(ctx, "/publish/graphql", nil)
		return err
	}
	f.stock.publish = func(ctx context.Context) error {
		_, err := stock.post(ctx, "/publish/graphql", nil)
		return err
	}
	f.raw.publish = func(ctx context.Context) error {
		_, err := raw.post(ctx, "/publish/raw", f.ours.last)
		return err
	}
	for _, a := range f.all() {
		if a.crowd, err = startSelf(ctx, "-crowd"); err != nil {
			return err
		}
		if a.client, err = rpc.Dial("tcp", a.crowd.url); err != nil {
			return fmt.Errorf("reach a crowd: %w", err)
		}
	}
	return nil
}

func (f *fanOut) all() []*audience { return []*audience{f.ours, f.bare, f.stock, f.raw} }

func (f *fanOut) close() error {
	var errs []error
	for _, a := range f.all() {
		if a == nil {
			continue
		}
		if a.client != nil {
			errs = append(errs, a.client.Close())
		}
		if a.crowd != nil {
			errs = append(errs, a.crowd.stop())
		}
		if a != f.ours && a.server != nil {
			errs = append(errs, a.server.stop())
		}
	}
	return errors.Join(errs...)
}

// Names of who is measured.
const (
	whole = "board"
	bare  = "same from memory"
)

func (f *fanOut) name(who, what string) string {
	return fmt.Sprintf("%s to %d sockets, %s", who, f.ours.sockets, what)
}

// calm waits until the server has nothing else to do, such as filling the day of a demo town.
func (a *audience) calm() error {
	for {
		before, err := a.server.cpu()
		if err != nil {
			return err
		}
		time.Sleep(time.Second)
		after, err := a.server.cpu()
		if err != nil || after-before < 0.05 {
			return err
		}
	}
}

// gather brings every audience to that many sockets, and says what each costs its server.
func (f *fanOut) gather(ctx context.Context, sockets int) error {
	var memory, connect [4]float64
	for i, a := range f.all() {
		progress("%d sockets on %s of %s", sockets, a.path, a.server.url)
		joined := sockets - a.sockets
		if err := a.calm(); err != nil {
			return err
		}
		resident, err := a.server.resident()
		if err != nil {
			return err
		}
		spent, err := a.server.cpu()
		if err != nil {
			return err
		}
		if err := a.join(joined, false); err != nil {
			return err
		}
		after, err := a.server.cpu()
		if err != nil {
			return err
		}
		if err := a.call("Settle", 0, nil); err != nil {
			return err
		}
		held, err := a.server.resident()
		if err != nil {
			return err
		}
		memory[i], connect[i] = (held-resident)/float64(joined), (after-spent)/float64(joined)*1e6
		a.sockets = sockets
	}
	// Something has to be known that can be said on raw sockets.
	if err := f.ours.publish(ctx); err != nil {
		return err
	}
	if _, err := f.ours.figures(); err != nil {
		return err
	}
	for i, who := range []string{whole, bare} {
		f.t.add(&row{path: f.name(who, "memory of each"), unit: "KiB", against: "raw", target: "≤ 10 KiB (aim 7)", ours: memory[i : i+1], limit: memory[3:]})
		f.t.add(&row{path: f.name(who, "connect, init, subscribe"), unit: "µs CPU", against: "raw", target: "≤ 200 µs (aim 130)", ours: connect[i : i+1], limit: connect[3:]})
	}
	return nil
}

// against are the rows of one audience beside the limits.
type against struct{ toRaw, toStock, slow *row }

func (f *fanOut) against(who string) against {
	return against{
		toRaw:   f.t.add(&row{path: f.name(who, "deliveries"), unit: "1/CPU-s", rate: true, against: "raw", target: "≥ 0.90, no round < 0.80 (aim 0.95)"}),
		toStock: f.t.add(&row{path: f.name(who, "deliveries"), unit: "1/CPU-s", rate: true, against: "stock gqlgen, from memory", target: "≥ 3.5"}),
		slow:    f.t.add(&row{path: f.name(who, "p99"), unit: "ms", against: "raw", target: "≥ 0.77, that is ≤ 1.3 × (aim 0.91)"}),
	}
}

// deliveries measures events one after the other.
func (f *fanOut) deliveries(ctx context.Context) error {
	rows := []against{f.against(whole), f.against(bare)}
	for round := range f.o.rounds {
		progress("round %d of %d: fan-out to %d sockets", round+1, f.o.rounds, f.ours.sockets)
		var got [4]measured
		for i, a := range f.all() {
			var err error
			if got[i], err = a.measure(ctx, a.events); err != nil {
				return err
			}
		}
		for i, r := range rows {
			r.toStock.pair(got[i].rate, got[2].rate)
			r.toRaw.pair(got[i].rate, got[3].rate)
			r.slow.pair(got[i].p99, got[3].p99)
		}
	}
	return nil
}

// bursts measures ten events at once. An event is delivered when a board shows it, or a later state: of boards only the
// latest counts, and the house leaves out what was overtaken while on its way.
func (f *fanOut) bursts(ctx context.Context) error {
	house := f.t.add(&row{path: f.name(whole, "burst of 10"), unit: "1/CPU-s", rate: true, against: "raw", target: "≥ 4"})
	memory := f.t.add(&row{path: f.name(bare, "burst of 10"), unit: "1/CPU-s", rate: true, against: "raw", target: "≥ 4"})
	for range f.o.rounds {
		var rates [3]float64
		for i, a := range []*audience{f.ours, f.bare, f.raw} {
			var err error
			if rates[i], err = a.burst(ctx); err != nil {
				return err
			}
		}
		house.pair(rates[0], rates[2])
		memory.pair(rates[1], rates[2])
	}
	return nil
}

// Events of which it is measured how long they take beside readers that are stuck, and those before, which fill what the
// network holds for these. All of them come before a stuck reader is let go.
const (
	fillingEvents = 5
	stuckEvents   = 25
)

// stuck compares how long the others wait with and without readers that are stuck.
func (f *fanOut) stuck(ctx context.Context) error {
	slow := f.t.add(&row{path: f.name(whole, "p99 with 1 % stuck readers"), unit: "ms", against: "without them", target: "≥ 0.83, that is < 20 % more"})
	for range f.o.rounds {
		free, err := f.ours.measure(ctx, stuckEvents)
		if err != nil {
			return err
		}
		if err := f.ours.join(max(f.ours.sockets/stuckShare, 1), true); err != nil {
			return err
		}
		if _, err := f.ours.measure(ctx, fillingEvents); err != nil {
			return err
		}
		held, err := f.ours.measure(ctx, stuckEvents)
		if err != nil {
			return err
		}
		slow.pair(held.p99, free.p99)
		time.Sleep(stuckFor)
	}
	return nil
}

// stuckFor is how long a reader that is stuck is suffered.
const stuckFor = 11 * time.Second

// reconnect lets everybody go and come back.
func (f *fanOut) reconnect() error {
	again := f.t.add(&row{path: f.name(whole, "all reconnect"), unit: "s", target: "≤ 30 s"})
	if err := f.ours.call("Leave", 0, nil); err != nil {
		return err
	}
	var seconds float64
	if err := f.ours.call("Join", Joining{Address: f.ours.address(), Path: f.ours.path, Sockets: f.ours.sockets}, &seconds); err != nil {
		return err
	}
	again.ours = []float64{seconds}
	return nil
}

func (a *audience) address() string { return strings.TrimPrefix(a.server.url, "http://") }

func (a *audience) call(method string, argument, answer any) error {
	if err := a.client.Call("Crowd."+method, argument, answer); err != nil {
		return fmt.Errorf("crowd of %s: %w", a.path, err)
	}
	return nil
}

func (a *audience) join(sockets int, stuck bool) error {
	return a.call("Join", Joining{Address: a.address(), Path: a.path, Sockets: sockets, Stuck: stuck}, nil)
}

func (a *audience) figures() (Heard, error) {
	var heard Heard
	if err := a.call("Settle", 0, nil); err != nil {
		return heard, err
	}
	err := a.call("Figures", 0, &heard)
	a.last = heard.Last
	return heard, err
}

// leave takes back the numbers that were given: a hall that fills up is more to tell.
func leave(ctx context.Context, counter *api, issued <-chan visit) error {
	for len(issued) > 0 {
		one := <-issued
		input := variables{"visitId": one.ID, "expectedVersion": one.Version}
		if err := counter.ask(ctx, leaveVisit, variables{"input": input}, &struct{}{}); err != nil {
			return err
		}
	}
	return nil
}

// begin waits until nothing happens any more.
func (a *audience) begin(ctx context.Context) error {
	if a.tidy != nil {
		if err := a.tidy(ctx); err != nil {
			return err
		}
	}
	return a.call("Settle", 0, nil)
}

// measured is what one round gives.
type measured struct {
	rate float64 // messages delivered per CPU second of the server
	p99  float64 // ms by which 99 of 100 had heard of an event, of all events the median
}

// measure publishes events one after the other, each once the one before has reached everybody. A server that tells a
// change in two messages has made two deliveries.
func (a *audience) measure(ctx context.Context, events int) (measured, error) {
	var m measured
	if err := a.begin(ctx); err != nil {
		return m, err
	}
	before, err := a.server.cpu()
	if err != nil {
		return m, err
	}
	if err := a.call("Begin", 0, nil); err != nil {
		return m, err
	}
	var received int64
	for i := range events {
		if err := a.call("Published", time.Now().UnixNano(), nil); err != nil {
			return m, err
		}
		if err := a.publish(ctx); err != nil {
			return m, err
		}
		if err := a.call("Await", int64((i+1)*a.sockets), &received); err != nil {
			return m, err
		}
	}
	after, err := a.server.cpu()
	if err != nil {
		return m, err
	}
	heard, err := a.figures()
	return measured{rate: float64(received) / (after - before), p99: heard.P99}, err
}

// burst publishes events all at once, and gives how many were brought to sockets per CPU second of the server.
func (a *audience) burst(ctx context.Context) (float64, error) {
	if err := a.begin(ctx); err != nil {
		return 0, err
	}
	before, err := a.server.cpu()
	if err != nil {
		return 0, err
	}
	var group errgroup.Group
	for range burst {
		group.Go(func() error { return a.publish(ctx) })
	}
	if err := group.Wait(); err != nil {
		return 0, err
	}
	if _, err := a.figures(); err != nil {
		return 0, err
	}
	after, err := a.server.cpu()
	return float64(burst*a.sockets) / (after - before), err
}
