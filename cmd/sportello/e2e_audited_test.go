package main

import (
	"maps"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/spazio-in-comune/sportello/internal/store/dbtest"
)

// did remembers that a mutation was made.
func (r *running) did(name string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.done == nil {
		r.done = map[string]bool{}
	}
	r.done[name] = true
}

// checkAudited: every mutation that was made in the house, by whichever test, has an
// entry in the audit under its name.
func (h *house) checkAudited() {
	h.t.Helper()
	if len(h.done) == 0 || h.t.Failed() {
		return
	}
	told := map[string]bool{}
	for _, e := range h.auditEntries() {
		told[e.Action] = true
	}
	for _, name := range slices.Sorted(maps.Keys(h.done)) {
		if !told[name] {
			h.t.Errorf("%s was made and has no entry in the audit", name)
		}
	}
}

// TestEveryMutationIsMade: what no test makes is not known to be audited.
func TestEveryMutationIsMade(t *testing.T) {
	files, err := filepath.Glob("e2e_*_test.go")
	if err != nil {
		t.Fatal(err)
	}
	var tests strings.Builder
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		tests.Write(text)
	}
	for _, m := range schema(t).Mutation.Fields {
		if !strings.Contains(tests.String(), `"`+m.Name+`"`) {
			t.Errorf("no end-to-end test makes %s", m.Name)
		}
	}
}

// TestE2EAudited makes the mutations that no other way through the house needs.
func TestE2EAudited(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, db dbtest.DB) {
		t.Parallel()
		h := newHouse(t, db)
		h.auditHall()
		h.auditLadder()
		h.auditHold()
		h.auditSignIns(t)
	})
}

// auditHall works at a counter as seldom as it goes: nobody comes, somebody is put
// aside, the wrong person was called.
func (h *house) auditHall() {
	h.t.Helper()
	c := h.as("operator5")
	site := c.ask(`{ site(id: "site_spazio-in-comune") { id counters { id } } }`, nil).at("site")
	for range 2 {
		h.as("kiosk").must("issueTicket", "", variables{"siteId": site.text("id"), "serviceCode": "anagrafe"})
	}
	session := c.must("openCounter", "session { id version }", variables{"counterId": site.text("counters.4.id")}).at("session")
	atCounter := variables{"sessionId": session.text("id"), "expectedVersion": session.number("version")}
	atCounter["expectedVersion"] = c.must("pauseCounter", "session { version }", atCounter).number("session.version")
	c.must("resumeCounter", "session { version }", atCounter)
	call := func() tree {
		return c.must("callNext", "leg { id version }", variables{"sessionId": session.text("id")}).at("leg")
	}
	of := func(leg tree) variables {
		return variables{"legId": leg.text("id"), "expectedVersion": leg.number("version")}
	}
	leg := call()
	leg = h.recalled(c, h.recalled(c, leg)) // called three times: only then nobody came
	leg = c.must("noShowLeg", "leg { id version }", of(leg)).at("leg")
	c.must("reinstateLeg", "leg { id version }", of(leg))
	leg = call()
	c.must("returnLeg", "leg { id version }", of(leg))
	leg = call()
	leg = c.must("startLeg", "leg { id version }", of(leg)).at("leg")
	input := of(leg)
	input["note"] = "Va a prendere un documento."
	leg = c.must("parkLeg", "leg { id version }", input).at("leg")
	input = of(leg)
	input["sessionId"] = session.text("id")
	c.must("resumeLeg", "leg { id version }", input)
}

// recalled calls a leg again, as soon as the house allows it: twenty seconds later.
func (h *house) recalled(c *client, leg tree) tree {
	h.t.Helper()
	input := variables{"legId": leg.text("id"), "expectedVersion": leg.number("version")}
	for deadline := time.Now().Add(patience); time.Now().Before(deadline); time.Sleep(time.Second) {
		if payload, _ := c.tryTo("recallLeg", "leg { id version }", input); len(payload.list("userErrors")) == 0 {
			return payload.at("leg")
		}
	}
	return c.must("recallLeg", "leg { id version }", input).at("leg")
}

// auditLadder declines one offer of the Help Point, and is satisfied with another.
func (h *house) auditLadder() {
	h.t.Helper()
	citizen := h.as("citizen")
	offer := func() tree {
		filed := submit(citizen, variables{"practice": practice, "answers": instalments(nil)})
		return citizen.must("giveFeedback", "offer { id version }", variables{"caseId": filed.text("case.id"), "score": 1, "cause": "WAITING"}).at("offer")
	}
	declined := offer()
	citizen.must("declineEscalation", "", variables{"escalationId": declined.text("id"), "expectedVersion": declined.number("version")})
	step := citizen.must("raiseEscalation", stepFields, variables{"escalationId": offer().text("id"), "text": "Aspetto da settimane."}).at("escalation")
	step = answerStep(h.as("helppoint"), step, "Abbiamo parlato con l'ufficio.")
	citizen.must("acceptEscalation", "", variables{"escalationId": step.text("id"), "expectedVersion": step.number("version"), "rating": 4})
}

// auditHold keeps a case from being erased, and lets it go.
func (h *house) auditHold() {
	h.t.Helper()
	auditor := h.as("auditor")
	file := submit(h.as("citizen"), variables{"practice": practice, "answers": instalments(nil)}).text("case.id")
	auditor.must("placeLegalHold", "", variables{"caseId": file, "reason": "Causa pendente."})
	auditor.must("liftLegalHold", "", variables{"caseId": file, "reason": "La causa è finita."})
}

// auditSignIns ends one sign-in of two, and then all.
func (h *house) auditSignIns(t *testing.T) {
	t.Helper()
	at, err := url.Parse(h.address())
	if err != nil {
		t.Fatal(err)
	}
	var citizen *client
	for range 2 {
		b := newBrowser(t)
		if page := b.choose(h, "", "citizen", "L2"); page.status != http.StatusOK {
			t.Fatalf("signing in: %d %s", page.status, page.body)
		}
		for _, cookie := range b.http.Jar.Cookies(at) {
			if !strings.Contains(cookie.Name, "sign-in") {
				citizen = &client{t: t, h: h, name: "citizen", cookie: cookie}
			}
		}
	}
	for _, s := range citizen.ask(`{ mySessions { id current } }`, nil).list("mySessions") {
		if s.at("current").v == false {
			citizen.must("endSession", "", variables{"sessionId": s.text("id")})
		}
	}
	citizen.must("createSocketTicket", "ticket", variables{})
	me := citizen.ask(`{ viewer { id } }`, nil).text("viewer.id")
	admin := h.as("admin")
	for _, disabled := range []bool{true, false} {
		admin.must("setPersonDisabled", "", variables{"personId": me, "disabled": disabled, "reason": "Prova."})
	}
	admin.must("endSessions", "", variables{"personId": me})
}
