package main

import (
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// crowdOffice has a queue that nobody but the crowd stands in.
const crowdOffice = "polizia-locale"

// What witnesses ask for: enough to know what they were told of.
const (
	witnessQueue = `subscription S($office: String!, $after: EventCursor) { update: queueChanged(siteId: "` + site + `", officeCode: $office, after: $after) {
		kind cursor event { id type } leg { id } } }`
	witnessCases = `subscription S($office: String!, $after: EventCursor) { update: officeCasesChanged(officeCode: $office, after: $after) {
		kind cursor event { id type } case { id } } }`
)

// filingOffice gets the cases that the crowd files.
const filingOffice = "tributi-patrimonio"

// crowd are people who want numbers, one after the other, and go on asking with
// the same key until they are answered, whatever becomes of the server; an operator
// who calls and serves them; and somebody at each server who follows the queue, and
// somebody who follows the cases. What they sent and what they were answered is the
// history that is checked in the end. With several servers on one database, whoever is
// not answered by one turns to the next.
type crowd struct {
	t     testing.TB
	h     *house   // the first of the homes
	homes []*house // one town, one server or several
	work  sync.WaitGroup
	leave chan struct{} // closed: ask for nothing more

	witnesses []*witness

	mu     sync.Mutex // guards all below
	given  map[string]number
	filed  map[string]filedCase
	called map[string]string // leg by key of the call
	faults []string
}

// filedCase is what an intake's key was answered with.
type filedCase struct{ id, protocol string }

// somebody may ask at any of the servers, beginning with one.
type somebody []*client

// number is what a key was answered with.
type number struct{ visit, leg, label, day string }

// askers is how many people ask for numbers at a time.
const askers = 8

// roomFor is how many wait in the hall before nobody else comes in: a crowd does not grow
// faster than a slow machine serves it.
const roomFor = 100

func newCrowd(t testing.TB, homes ...*house) *crowd {
	c := &crowd{
		t: t, h: homes[0], homes: homes, leave: make(chan struct{}),
		given: map[string]number{}, filed: map[string]filedCase{}, called: map[string]string{},
	}
	session := openDesk(c.h.as("officer."+crowdOffice), crowdOffice)
	for i := range homes {
		c.witnesses = append(c.witnesses,
			newWitness(c, fmt.Sprintf("the queue, beginning at server %d", i), c.somebody("head."+crowdOffice, i), witnessQueue, crowdOffice, "leg.id"),
			newWitness(c, fmt.Sprintf("the cases, beginning at server %d", i), c.somebody("head."+filingOffice, i), witnessCases, filingOffice, "case.id"))
	}
	for i := range askers {
		c.work.Go(func() { c.ask(c.somebody("kiosk", i), i) })
	}
	c.work.Go(func() { c.serve(c.somebody("officer."+crowdOffice, 0), session) })
	c.work.Go(func() { c.file(c.somebody("operator1", 1)) })
	return c
}

// somebody is a demo person who turns to one server first.
func (c *crowd) somebody(name string, first int) somebody {
	var all somebody
	for i := range c.homes {
		all = append(all, c.homes[(first+i)%len(c.homes)].as(name))
	}
	return all
}

func (c *crowd) fault(format string, args ...any) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.faults = append(c.faults, fmt.Sprintf(format, args...))
}

func isClosed(c <-chan struct{}) bool {
	select {
	case <-c:
		return true
	default:
		return false
	}
}

// answered is how many numbers were given so far.
func (c *crowd) answered() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return len(c.given)
}

// waiting is how many have a number and were not called.
func (c *crowd) waiting() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return len(c.given) - len(c.called)
}

// insist sends a request until it is answered: not by the network, and not by a
// server that has no time now.
func (c *crowd) insist(who somebody, text string, vars variables) (answer, bool) {
	end := time.Now().Add(patience)
	for n := 0; time.Now().Before(end); n++ {
		if n > 0 {
			time.Sleep(20 * time.Millisecond)
		}
		a, err := who[n%len(who)].send(text, vars)
		if err != nil || a.status >= http.StatusInternalServerError || a.code() == "UNAVAILABLE" {
			continue
		}
		if a.code() != "" || a.status != http.StatusOK {
			c.fault("%s: status %d, %s", text, a.status, a.body)
			return a, false
		}
		return a, true
	}
	c.fault("%s: no answer within %v", text, patience)
	return answer{}, false
}

const takeNumber = `mutation($input: IssueTicketInput!) { issueTicket(input: $input) { userErrors { code message } replayed visit { id label day legs { id } } } }`

// ask takes numbers, and now and then repeats a request that was answered.
func (c *crowd) ask(kiosk somebody, i int) {
	for n := 0; !isClosed(c.leave); n++ {
		key := fmt.Sprintf("asker-%d-%d", i, n)
		for range 1 + (n%4)/3 {
			c.take(kiosk, key)
		}
		for time.Sleep(10 * time.Millisecond); c.waiting() > roomFor && !isClosed(c.leave); {
			time.Sleep(10 * time.Millisecond)
		}
	}
}

func (c *crowd) take(kiosk somebody, key string) {
	a, ok := c.insist(kiosk, takeNumber, variables{"input": variables{"idempotencyKey": key, "siteId": site, "officeCode": crowdOffice}})
	if !ok {
		return
	}
	visit := a.data.at("issueTicket.visit")
	if visit.v == nil {
		c.fault("%s: %s", key, a.body)
		return
	}
	got := number{visit.text("id"), visit.text("legs.0.id"), visit.text("label"), visit.text("day")}
	c.mu.Lock()
	before, known := c.given[key]
	c.given[key] = got
	c.mu.Unlock()
	if known && before != got {
		c.fault("the key %s was answered with %v and with %v", key, before, got)
	}
}

// file files requests, each twice: the second answer must be the first.
func (c *crowd) file(operator somebody) {
	for n := 0; !isClosed(c.leave); n++ {
		for range 2 {
			if !c.submit(operator, fmt.Sprintf("intake-%d", n)) {
				return
			}
		}
	}
}

func (c *crowd) submit(operator somebody, key string) bool {
	text, _ := mutation(c.t, "submitIntake", "status case { id protocol }")
	a, ok := c.insist(operator, text, variables{"input": variables{"idempotencyKey": key, "practice": practice, "answers": instalments(nil)}})
	if !ok {
		return false
	}
	got := filedCase{a.data.text("submitIntake.case.id"), a.data.text("submitIntake.case.protocol")}
	c.mu.Lock()
	before, known := c.filed[key]
	c.filed[key] = got
	c.mu.Unlock()
	if got.protocol == "" || known && before != got {
		c.fault("%s was answered with %q, and now %s", key, before, a.body)
	}
	return true
}

// serve calls and completes one after the other.
func (c *crowd) serve(officer somebody, session string) {
	text, _ := mutation(c.t, "callNext", "leg { id }")
	for n := 0; !isClosed(c.leave); n++ {
		key := fmt.Sprintf("call-%d", n)
		a, ok := c.insist(officer, text, variables{"input": variables{"idempotencyKey": key, "sessionId": session}})
		if !ok {
			return
		}
		if a.data.isNull("callNext.leg") {
			time.Sleep(20 * time.Millisecond)
			continue
		}
		leg := a.data.text("callNext.leg.id")
		c.mu.Lock()
		c.called[key] = leg
		c.mu.Unlock()
		c.complete(officer, leg)
	}
}

// complete brings a leg to its end, step by step as it stands.
func (c *crowd) complete(officer somebody, leg string) {
	for {
		a, ok := c.insist(officer, `query($id: ID!) { node(id: $id) { ... on Leg { state version } } }`, variables{"id": leg})
		if !ok || a.data.isNull("node") {
			c.fault("the leg %s that was called is gone", leg)
			return
		}
		input := variables{"legId": leg, "expectedVersion": a.data.number("node.version")}
		var step string
		switch a.data.text("node.state") {
		case "CALLED":
			step, _ = mutation(c.t, "startLeg", "")
		case "SERVING":
			step, _ = mutation(c.t, "completeLeg", "")
			input["outcome"] = "SERVED"
		case "COMPLETED":
			return
		default:
			c.fault("the leg %s that was called is %s", leg, a.data.text("node.state"))
			return
		}
		// A step whose answer was lost may have been done: what counts is the next look.
		if _, ok := c.insist(officer, step, variables{"input": input}); !ok {
			return
		}
	}
}

// finish lets the crowd go home and checks its history.
func (c *crowd) finish() {
	c.t.Helper()
	close(c.leave)
	c.work.Wait()
	// The last of all: whoever hears of them has heard of everything.
	c.take(c.somebody("kiosk", 0), "the last number")
	c.submit(c.somebody("operator1", 0), "the last case")
	c.mu.Lock()
	last := map[string]string{witnessQueue: c.given["the last number"].leg, witnessCases: c.filed["the last case"].id}
	c.mu.Unlock()
	for _, f := range c.witnesses {
		f.finish(last[f.document])
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, f := range c.faults {
		c.t.Error(f)
	}
	c.t.Logf("%d numbers, %d calls, %d cases, %d events at %d witnesses", len(c.given), len(c.called), len(c.filed), len(c.witnesses[0].told), len(c.witnesses))
	c.checkNumbers()
	c.checkProtocols()
	c.checkCalls()
	c.checkEvents()
}

// checkNumbers: each answered key has one visit that is still there, and the
// numbers of a day have no double and no gap.
func (c *crowd) checkNumbers() {
	c.t.Helper()
	days, ids := map[string]map[int]string{}, []string{}
	for key, got := range c.given {
		n, err := strconv.Atoi(strings.TrimLeft(got.label, "ABCDEFGHIJKLMNOPQRSTUVWXYZ"))
		if err != nil {
			c.t.Fatal(err)
		}
		if days[got.day] == nil {
			days[got.day] = map[int]string{}
		}
		if other, taken := days[got.day][n]; taken {
			c.t.Errorf("the number %s was given for %s and for %s", got.label, other, key)
		}
		days[got.day][n] = key
		ids = append(ids, got.visit)
	}
	for day, numbers := range days {
		c.checkWhole(day, slices.Collect(maps.Keys(numbers)))
	}
	officer := c.h.as("officer." + crowdOffice)
	for from := 0; from < len(ids); from += 100 {
		some := ids[from:min(from+100, len(ids))]
		for i, node := range officer.ask(`query($ids: [ID!]!) { nodes(ids: $ids) { id } }`, variables{"ids": some}).list("nodes") {
			if node.v == nil {
				c.t.Errorf("the visit %s was answered and is lost", some[i])
			}
		}
	}
}

// checkWhole: a series of distinct numbers has none missing.
func (c *crowd) checkWhole(series string, numbers []int) {
	c.t.Helper()
	if least, most := slices.Min(numbers), slices.Max(numbers); most-least+1 != len(numbers) {
		c.t.Errorf("%s: %d numbers from %d to %d: some are missing", series, len(numbers), least, most)
	}
}

// checkProtocols: each key has a protocol number of its own, and none is missing.
func (c *crowd) checkProtocols() {
	c.t.Helper()
	years := map[string][]int{}
	for key, got := range c.filed {
		year, serial, _ := strings.Cut(got.protocol, "/")
		n, err := strconv.Atoi(serial)
		if err != nil {
			c.t.Fatal(err)
		}
		if slices.Contains(years[year], n) {
			c.t.Errorf("%s has the protocol number %s of another case", key, got.protocol)
		}
		years[year] = append(years[year], n)
	}
	for year, numbers := range years {
		c.checkWhole("protocol of "+year, numbers)
	}
}

// checkCalls: no leg was called twice.
func (c *crowd) checkCalls() {
	c.t.Helper()
	by := map[string]string{}
	for key, leg := range c.called {
		if other, twice := by[leg]; twice {
			c.t.Errorf("the leg %s was called by %s and by %s", leg, other, key)
		}
		by[leg] = key
	}
}

// checkEvents compares what was followed through every interruption with what the
// log tells in one go: nothing is lost, doubled or out of order. Each number and each
// case was told of once.
func (c *crowd) checkEvents() {
	c.t.Helper()
	for _, f := range c.witnesses {
		if diff := cmp.Diff(f.wholeLog(c.t), f.told, cmp.AllowUnexported(told{})); diff != "" {
			c.t.Errorf("%s: events, at one go and across interruptions (-whole +followed):\n%.4000s", f.what, diff)
		}
		seen := map[string]int{}
		for _, e := range f.told {
			if e.kind == "leg.queued" || e.kind == "case.registered" {
				seen[e.about]++
			}
		}
		wanted := []string{}
		switch f.document {
		case witnessQueue:
			for _, got := range c.given {
				wanted = append(wanted, got.leg)
			}
		case witnessCases:
			for _, got := range c.filed {
				wanted = append(wanted, got.id)
			}
		}
		for _, id := range wanted {
			if seen[id] != 1 {
				c.t.Errorf("%s: %s was told of %d times", f.what, id, seen[id])
			}
		}
	}
}
