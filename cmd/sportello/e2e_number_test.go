package main

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

const (
	followBoard = `subscription S($after: EventCursor) { update: boardChanged(siteId: "` + site + `", after: $after) {
		kind cursor board { calls { label counter state callCount } queues { office { code } waiting } openCounters } } }`
	followQueue = `subscription S($office: String!, $after: EventCursor) { update: queueChanged(siteId: "` + site + `", officeCode: $office, after: $after) {
		kind cursor event { id type } leg { id label state } queue { waiting { id } } } }`
	followVisit = `subscription S($after: EventCursor) { update: visitChanged(after: $after) {
		kind cursor event { type } visit { label ahead legs { state counter { label } } } } }`
)

const legFields = `leg { id label state version callCount visit { id version } }`

// testNumber goes the first way: a number taken at the kiosk is on the display and
// in the operator's queue, is called and served, and its holder follows it with
// nothing but the code on the paper.
func testNumber(t *testing.T, h *house) {
	display, operator := h.as("display"), h.as("operator5")
	board := display.follow(followBoard, nil, "")
	board.snapshot()
	queue := operator.follow(followQueue, variables{"office": "sportello"}, "")
	queue.snapshot()

	issued := h.as("kiosk").must("issueTicket", `code replayed visit { id label channel ahead legs { id state office { code } service } }`,
		variables{"siteId": site, "serviceCode": "anagrafe"})
	label, legID := issued.text("visit.label"), issued.text("visit.legs.0.id")
	if issued.is("replayed") || issued.text("visit.channel") != "KIOSK" || issued.text("visit.legs.0.state") != "WAITING" || issued.text("visit.legs.0.service") != "anagrafe" {
		t.Errorf("issued %v", issued)
	}
	queued := queue.until("the new number", func(u tree) bool { return u.text("leg.id") == legID && u.text("event.type") == "leg.queued" })
	if queued.text("leg.label") != label {
		t.Errorf("the operator sees %v, the paper says %s", queued, label)
	}
	board.until("one more who waits", func(u tree) bool { return waiting(u, "sportello") > 0 })

	holder := h.with(issued.text("code"))
	visit := holder.follow(followVisit, nil, "")
	if got := visit.snapshot(); got.text("visit.label") != label {
		t.Errorf("the holder of %s follows %v", label, got)
	}
	if got := holder.ask(`{ ticketVisit { label } }`, nil).text("ticketVisit.label"); got != label {
		t.Errorf("the holder of %s has the visit %s", label, got)
	}

	session := openDesk(operator, "sportello")
	// Whoever else waits in the demo town comes after this one.
	seen := operator.ask(`query($id: ID!) { visit(id: $id) { version } }`, variables{"id": issued.text("visit.id")})
	operator.must("setVisitPriority", "", variables{"visitId": issued.text("visit.id"), "expectedVersion": seen.number("visit.version"), "priority": "P0"})
	called := operator.must("callNext", legFields, variables{"sessionId": session}).at("leg")
	if called.text("label") != label || called.text("state") != "CALLED" {
		t.Fatalf("called %v, want %s", called, label)
	}
	shown := board.until("the call", func(u tree) bool { return len(u.list("board.calls")) > 0 && u.text("board.calls.0.label") == label })
	if shown.text("board.calls.0.counter") == "" || shown.number("board.openCounters") < 1 {
		t.Errorf("the display shows %v", shown)
	}
	queue.until("the call", func(u tree) bool { return u.text("event.type") == "leg.called" && u.text("leg.id") == legID })
	if got := visit.event("leg.called"); got.text("visit.legs.0.counter.label") == "" {
		t.Errorf("the holder is not told where to go: %v", got)
	}

	served := operator.must("startLeg", legFields, variables{"legId": legID, "expectedVersion": called.number("version")}).at("leg")
	done := operator.must("completeLeg", legFields, variables{"legId": legID, "expectedVersion": served.number("version"), "outcome": "SERVED"}).at("leg")
	if done.text("state") != "COMPLETED" {
		t.Errorf("completed %v", done)
	}
	visit.event("leg.completed")
	checkHistory(t, operator, legID)
	closeDesk(operator, session)
}

// checkHistory reads what is kept of a leg: contiguous intervals and the reason
// for the call.
func checkHistory(t *testing.T, operator *client, legID string) {
	t.Helper()
	leg := operator.ask(`query($id: ID!) { node(id: $id) { ... on Leg { intervals { state from to } calls { rule explanation { it en } candidates { label } } } } }`,
		variables{"id": legID}).at("node")
	intervals := leg.list("intervals")
	if diff := cmp.Diff([]string{"WAITING", "CALLED", "SERVING"}, texts(intervals, "state")); diff != "" {
		t.Errorf("intervals (-want +got):\n%s", diff)
	}
	for i := 1; i < len(intervals); i++ {
		if intervals[i-1].text("to") != intervals[i].text("from") {
			t.Errorf("the time between %v and %v is lost", intervals[i-1], intervals[i])
		}
	}
	if leg.text("calls.0.explanation.it") == "" || leg.text("calls.0.rule") == "" {
		t.Errorf("the call is not explained: %v", leg)
	}
}

func waiting(update tree, office string) int {
	for _, q := range update.list("board.queues") {
		if q.text("office.code") == office {
			return q.number("waiting")
		}
	}
	return 0
}

// openDesk opens a free counter of the office and gives the session.
func openDesk(c *client, office string) string {
	c.t.Helper()
	counters := c.ask(`{ site(id: "`+site+`") { counters { id office { code } session { id } } } }`, nil).list("site.counters")
	for i := len(counters) - 1; i >= 0; i-- {
		if counters[i].text("office.code") == office && counters[i].isNull("session") {
			return c.must("openCounter", "session { id version state }", variables{"counterId": counters[i].text("id")}).text("session.id")
		}
	}
	c.t.Fatalf("no counter of %s is free", office)
	return ""
}

func closeDesk(c *client, session string) {
	c.t.Helper()
	version := c.ask(`query($id: ID!) { node(id: $id) { ... on CounterSession { version } } }`, variables{"id": session}).number("node.version")
	c.must("closeCounter", "session { state }", variables{"sessionId": session, "expectedVersion": version})
}
