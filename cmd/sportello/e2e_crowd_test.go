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

// crowd are people who want numbers, one after the other, and go on asking with
// the same key until they are answered, whatever becomes of the server; an operator
// who calls and serves them; and somebody who follows the queue. What they sent and
// what they were answered is the history that is checked in the end.
type crowd struct {
	t     testing.TB
	h     *house
	work  sync.WaitGroup
	leave chan struct{} // closed: ask for nothing more
	gone  chan struct{} // closed: all were answered

	mu     sync.Mutex // guards all below
	given  map[string]number
	filed  map[string]string // protocol number by key of the intake
	called map[string]string // leg by key of the call
	first  string            // cursor of the snapshot
	events []string
	seen   map[string]int // how often leg.queued was told, by leg
	faults []string
}

// number is what a key was answered with.
type number struct{ visit, leg, label, day string }

// askers is how many people ask for numbers at a time.
const askers = 8

func newCrowd(t testing.TB, h *house) *crowd {
	c := &crowd{t: t, h: h, leave: make(chan struct{}), gone: make(chan struct{}), given: map[string]number{}, filed: map[string]string{}, called: map[string]string{}, seen: map[string]int{}}
	kiosk, officer, head, operator := h.as("kiosk"), h.as("officer."+crowdOffice), h.as("head."+crowdOffice), h.as("operator1")
	session := openDesk(officer, crowdOffice)
	followed := make(chan struct{})
	go func() {
		defer close(followed)
		c.follow(head)
	}()
	eventually(t, "the queue is followed", func() bool { c.mu.Lock(); defer c.mu.Unlock(); return c.first != "" })
	for i := range askers {
		c.work.Go(func() { c.ask(kiosk, i) })
	}
	c.work.Go(func() { c.serve(officer, session) })
	c.work.Go(func() { c.file(operator) })
	t.Cleanup(func() { <-followed })
	return c
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

// insist sends a request until it is answered: not by the network, and not by a
// server that has no time now.
func (c *crowd) insist(who *client, text string, vars variables) (answer, bool) {
	for end := time.Now().Add(patience); time.Now().Before(end); time.Sleep(20 * time.Millisecond) {
		a, err := who.send(text, vars)
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
func (c *crowd) ask(kiosk *client, i int) {
	for n := 0; !isClosed(c.leave); n++ {
		key := fmt.Sprintf("asker-%d-%d", i, n)
		for range 1 + (n%4)/3 {
			c.take(kiosk, key)
		}
		time.Sleep(10 * time.Millisecond)
	}
}

func (c *crowd) take(kiosk *client, key string) {
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
func (c *crowd) file(operator *client) {
	text, _ := mutation(c.t, "submitIntake", "status case { protocol }")
	for n := 0; !isClosed(c.leave); n++ {
		key := fmt.Sprintf("intake-%d", n)
		for range 2 {
			a, ok := c.insist(operator, text, variables{"input": variables{"idempotencyKey": key, "practice": practice, "answers": instalments(nil)}})
			if !ok {
				return
			}
			protocol := a.data.text("submitIntake.case.protocol")
			c.mu.Lock()
			before, known := c.filed[key]
			c.filed[key] = protocol
			c.mu.Unlock()
			if protocol == "" || known && before != protocol {
				c.fault("%s was answered with %q, and now %s", key, before, a.body)
			}
		}
	}
}

// serve calls and completes one after the other.
func (c *crowd) serve(officer *client, session string) {
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
func (c *crowd) complete(officer *client, leg string) {
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

// follow resumes where it was, again and again, until the crowd is over and the
// last number was told of.
func (c *crowd) follow(head *client) {
	cursor := ""
	for !c.toldAll() {
		l, err := head.tryFollow(followQueue, variables{"office": crowdOffice}, cursor)
		if err != nil {
			time.Sleep(50 * time.Millisecond)
			continue
		}
		for !c.toldAll() {
			update, open := c.nextOf(l)
			if !open {
				break
			}
			if update.v == nil {
				continue
			}
			cursor = update.text("cursor")
			c.note(update, cursor)
		}
		l.cut()
	}
}

// nextOf waits a moment for an update.
func (c *crowd) nextOf(l *live) (tree, bool) {
	select {
	case u, open := <-l.updates:
		if !open {
			return tree{c.t, nil}, false
		}
		return u.at("update"), true
	case <-time.After(50 * time.Millisecond):
		return tree{c.t, nil}, true
	}
}

func (c *crowd) note(update tree, cursor string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if update.text("kind") == "SNAPSHOT" {
		if c.first != "" {
			c.faults = append(c.faults, "a resumed stream began with a snapshot")
		}
		c.first = cursor
		return
	}
	c.events = append(c.events, update.text("event.id")+" "+update.text("event.type"))
	if update.text("event.type") == "leg.queued" {
		c.seen[update.text("leg.id")]++
	}
}

// toldAll reports whether the crowd is gone and each of its numbers was told of.
func (c *crowd) toldAll() bool {
	if !isClosed(c.gone) {
		return false
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.t.Failed() || len(c.seen) >= len(c.given)
}

// finish lets the crowd go home and checks its history.
func (c *crowd) finish() {
	c.t.Helper()
	close(c.leave)
	c.work.Wait()
	close(c.gone)
	eventually(c.t, "the follower hears of every number", c.toldAll)
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, f := range c.faults {
		c.t.Error(f)
	}
	c.t.Logf("%d numbers, %d calls, %d cases, %d events", len(c.given), len(c.called), len(c.filed), len(c.events))
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
	for key, protocol := range c.filed {
		year, serial, _ := strings.Cut(protocol, "/")
		n, err := strconv.Atoi(serial)
		if err != nil {
			c.t.Fatal(err)
		}
		if slices.Contains(years[year], n) {
			c.t.Errorf("%s has the protocol number %s of another case", key, protocol)
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
// log tells in one go.
func (c *crowd) checkEvents() {
	c.t.Helper()
	for leg, times := range c.seen {
		if times != 1 {
			c.t.Errorf("the leg %s was told of %d times", leg, times)
		}
	}
	l := c.h.as("head."+crowdOffice).follow(followQueue, variables{"office": crowdOffice}, c.first)
	var whole []string
	for len(whole) < len(c.events) {
		update, ok := l.next()
		if !ok {
			c.t.Fatalf("the log ends after %d of %d events: %q", len(whole), len(c.events), l.failed)
		}
		whole = append(whole, update.text("event.id")+" "+update.text("event.type"))
	}
	if diff := cmp.Diff(whole, c.events); diff != "" {
		c.t.Errorf("events, at one go and across interruptions (-whole +followed):\n%.4000s", diff)
	}
}
