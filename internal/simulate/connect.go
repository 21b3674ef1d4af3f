package simulate

import (
	"fmt"
	"slices"
)

// connect opens the live connections that are held through the week.
func (w *week) connect() error {
	if err := w.connectBoards(); err != nil {
		return err
	}
	if err := w.connectQueues(); err != nil {
		return err
	}
	for _, code := range w.staffed() {
		officer := w.person("officer." + code)
		p, err := w.streams.follow(w.ctx, followed{
			name: "cases of " + code, token: officer.token, document: followOffice, vars: variables{"officeCode": code},
		})
		if err != nil {
			return err
		}
		w.bureaus[code] = p
	}
	for level, login := range map[int]string{4: "helppoint", 5: "mayor"} {
		p, err := w.streams.follow(w.ctx, followed{
			name: fmt.Sprintf("escalations at level %d", level), token: w.person(login).token,
			document: followSteps, vars: variables{"level": level},
		})
		if err != nil {
			return err
		}
		w.steps[level] = p
	}
	var err error
	w.words, err = w.streams.follow(w.ctx, followed{name: "feedback", token: w.person("mayor").token, document: followWords})
	w.streams.held = len(w.streams.pairs)
	return err
}

func (w *week) connectBoards() error {
	for name, token := range map[string]string{"board of the display": w.person("display").token, "board of the public page": ""} {
		what := followed{name: name, token: token, document: followBoard, vars: variables{"siteId": w.site.ID}}
		if err := w.streams.watch(w.ctx, what); err != nil {
			return err
		}
	}
	return nil
}

// connectQueues follows the queue of every office with a desk, for each of its
// people; they share one reference.
func (w *week) connectQueues() error {
	for _, code := range w.received() {
		desks := w.desks[code]
		what := followed{
			name: "queue of " + code, token: desks[0].who.token, document: followQueue,
			vars: variables{"siteId": w.site.ID, "officeCode": code},
		}
		first, err := w.streams.follow(w.ctx, what)
		if err != nil {
			return err
		}
		w.queues[code] = first
		for _, d := range desks[1:] {
			what.name, what.token = fmt.Sprintf("queue of %s at desk %s", code, d.label), d.who.token
			w.streams.followBeside(w.ctx, what, first.reference)
		}
	}
	return nil
}

// staffed are the offices that hold cases: levels 2 and 3 of the town hall.
func (w *week) staffed() []string {
	var codes []string
	for _, o := range w.offices {
		if !o.External && (o.Level == 2 || o.Level == 3) {
			codes = append(codes, o.Code)
		}
	}
	slices.Sort(codes)
	return codes
}

// received are the offices with a desk in this week.
func (w *week) received() []string {
	var codes []string
	for code := range w.desks {
		codes = append(codes, code)
	}
	slices.Sort(codes)
	return codes
}

// expect counts an event that a mutation's answer told of.
func expect(p *pair, kind string) {
	if p != nil {
		p.expected[kind]++
	}
}
