package main

import (
	"fmt"
	"math/rand/v2"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/coder/websocket"

	"github.com/spazio-in-comune/sportello/internal/audit/chain"
	"github.com/spazio-in-comune/sportello/internal/store/dbtest"
)

// kills is how often the server is killed under load.
const kills = 3

// TestE2ECrash kills the server again and again while people take numbers, are
// called, and follow the queue; then it is told to stop, still under load. Nothing
// that was answered is lost, nothing is done twice, nobody is left behind.
func TestE2ECrash(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, db dbtest.DB) {
		t.Parallel()
		h := newHouse(t, db)
		c := newCrowd(t, h)
		moments := rand.New(rand.NewPCG(7, uint64(len(db.Name))))
		for range kills {
			before := c.answered()
			eventually(t, "the crowd is served", func() bool { return c.answered() > before+2*askers })
			time.Sleep(time.Duration(moments.IntN(400)) * time.Millisecond)
			killAndStart(t, h)
		}
		display := h.as("display").follow(followBoard, nil, "")
		display.snapshot()
		if code := h.terminate(); code != 0 {
			t.Errorf("asked to stop, the server ended with exit code %d\n%s", code, h.log())
		}
		if _, code := display.end(); code != websocket.StatusServiceRestart {
			t.Errorf("the display's socket was closed with %d, want 1012", code)
		}
		h.start()
		h.awaitDepartments()
		c.finish()
		c.checkAudit()
	})
}

// checkAudit: the chain went on through every kill, and each effect that was answered has
// its entry.
func (c *crowd) checkAudit() {
	c.t.Helper()
	expectIn(c.t, c.h.command("verify"), "all is as it was written")
	written := map[string]bool{}
	for _, e := range c.h.auditEntries() {
		for _, object := range e.Objects {
			written[e.Action+" "+object.ID] = e.Kind == chain.Write
		}
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	for key, got := range c.given {
		if !written["issueTicket "+got.visit] {
			c.t.Errorf("the number %s was given for %s, and the audit does not say so", got.label, key)
		}
	}
	for key, leg := range c.called {
		if !written["callNext "+leg] {
			c.t.Errorf("%s called %s, and the audit does not say so", key, leg)
		}
	}
}

// expectIn: the command went well and says the words.
func expectIn(t testing.TB, got result, words string) {
	t.Helper()
	if got.code != 0 || !strings.Contains(got.out, words) {
		t.Errorf("exit code %d, want 0 with %q\n%s%s", got.code, words, got.out, got.err)
	}
}

// killAndStart kills the server, sees that its departments end with it, and starts
// it again.
func killAndStart(t *testing.T, h *house) {
	t.Helper()
	departments := h.children()
	if len(departments) == 0 {
		t.Fatal("the server has no departments")
	}
	h.kill()
	for _, d := range departments {
		eventually(t, fmt.Sprintf("the department %v ends with its host", d.args), func() bool { return !alive(d.pid) })
	}
	h.start()
	if status, body := h.get("/readyz"); status != http.StatusOK {
		t.Errorf("started again, the server says of itself: %d %s", status, body)
	}
}

// TestE2EOneEffectAcrossAKill repeats requests, answered and not, after the server
// was killed and started again.
func TestE2EOneEffectAcrossAKill(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, db dbtest.DB) {
		t.Parallel()
		h := newHouse(t, db)
		kiosk, operator := h.as("kiosk"), h.as("operator1")
		number := variables{"idempotencyKey": "before the kill", "siteId": site, "officeCode": crowdOffice}
		request := variables{"idempotencyKey": "before the kill", "practice": practice, "answers": instalments(nil)}
		blocked := variables{"idempotencyKey": "refused before the kill", "practice": "nozze", "answers": mario()}
		first := kiosk.must("issueTicket", "visit { id label }", number)
		filed := submit(operator, request)
		refusal := operator.refused("submitIntake", blocked)

		h.kill()
		h.start()
		again := kiosk.must("issueTicket", "replayed code visit { id label }", number)
		if again.text("visit.id") != first.text("visit.id") || !again.is("replayed") || !again.isNull("code") {
			t.Errorf("before the kill %v, repeated after it %v", first, again)
		}
		if refiled := submit(operator, request); refiled.text("case.protocol") != filed.text("case.protocol") || !refiled.is("replayed") {
			t.Errorf("before the kill %v, repeated after it %v", filed, refiled)
		}
		if code := operator.refused("submitIntake", blocked); code != refusal {
			t.Errorf("refused with %s before the kill, with %s after it", refusal, code)
		}
	})
}
