package main

import (
	"crypto/rand"
	"maps"
	"sync"
	"testing"
)

// testOneEffect sends the same request twenty times at once: one effect, one
// answer; and the same key with other words is refused.
func testOneEffect(t *testing.T, h *house) {
	kiosk := h.as("kiosk")
	input := variables{"idempotencyKey": rand.Text(), "siteId": site, "officeCode": "sportello-messi"}
	text, _ := mutation(t, "issueTicket", "replayed code visit { id label }")
	answers := atOnce(t, 20, func() (answer, error) { return kiosk.send(text, variables{"input": input}) })
	first, codes := answers[0].data.text("issueTicket.visit.id"), 0
	for _, a := range answers {
		issued := a.data.at("issueTicket")
		if issued.text("visit.id") != first {
			t.Errorf("one key gave the visits %s and %v", first, issued)
		}
		if issued.is("replayed") != issued.isNull("code") {
			t.Errorf("a repeat shows the code, or the first does not: %v", issued)
		}
		if !issued.isNull("code") {
			codes++
		}
	}
	if codes != 1 {
		t.Errorf("the code was shown %d times, want once", codes)
	}
	other := maps.Clone(input)
	other["partySize"] = 2
	if code := kiosk.refused("issueTicket", other); code != "IDEMPOTENCY_KEY_REUSED" {
		t.Errorf("the key with another request: %s", code)
	}
	testOneCase(t, h)
	testKeysOfOthers(t, h, input)
}

// testOneCase is the same with an intake, which asks a department in between.
func testOneCase(t *testing.T, h *house) {
	operator := h.as("operator2")
	text, _ := mutation(t, "submitIntake", "status replayed case { id protocol }")
	input := variables{"idempotencyKey": rand.Text(), "practice": practice, "answers": instalments(nil)}
	protocols, effects := map[string]bool{}, 0
	for _, a := range atOnce(t, 20, func() (answer, error) { return operator.send(text, variables{"input": input}) }) {
		filed := a.data.at("submitIntake")
		protocols[filed.text("case.protocol")] = true
		if !filed.is("replayed") {
			effects++
		}
	}
	if len(protocols) != 1 || effects != 1 {
		t.Errorf("one key gave the cases %v in %d effects", protocols, effects)
	}
}

// testKeysOfOthers: a key belongs to who sent it.
func testKeysOfOthers(t *testing.T, h *house, input variables) {
	first := h.as("kiosk").must("issueTicket", "replayed visit { id }", maps.Clone(input))
	other := h.as("info").must("issueTicket", "replayed visit { id }", maps.Clone(input))
	if other.is("replayed") || first.text("visit.id") == other.text("visit.id") {
		t.Errorf("the key of the kiosk gave %v, the same key of the information point %v", first, other)
	}
}

// atOnce runs work in parallel and gives all answers; each must have come.
func atOnce(t *testing.T, n int, work func() (answer, error)) []answer {
	t.Helper()
	var wg sync.WaitGroup
	answers, faults := make([]answer, n), make([]error, n)
	for i := range n {
		wg.Go(func() { answers[i], faults[i] = work() })
	}
	wg.Wait()
	for i, err := range faults {
		if err != nil {
			t.Fatal(err)
		}
		if answers[i].code() != "" || answers[i].data.v == nil {
			t.Fatalf("one of %d at once: %s", n, answers[i].body)
		}
	}
	return answers
}

// testStaleVersions: who acts on what somebody else has changed is told so, and
// changes nothing. Of two at once, one wins.
func testStaleVersions(t *testing.T, h *house) {
	officer, head := h.as("officer.tributi-patrimonio"), h.as("head.tributi-patrimonio")
	filed := file(h.as("operator1"))
	id, version := filed.text("id"), filed.number("version")
	taken := officer.must("takeCaseInCharge", caseFields, variables{"caseId": id, "expectedVersion": version}).at("case")
	decide := variables{"caseId": id, "expectedVersion": version, "outcome": "REFUSED", "reasons": "Visto prima della presa in carico."}
	if code := head.refused("decideCase", decide); code != "CONFLICT" {
		t.Errorf("decided on an old reading: %s", code)
	}

	text, _ := mutation(t, "decideCase", "case { phase version }")
	outcomes := map[string]int{}
	for _, a := range atOnce(t, 8, func() (answer, error) {
		return head.send(text, variables{"input": variables{
			"idempotencyKey": rand.Text(), "caseId": id, "expectedVersion": taken.number("version"),
			"outcome": "REFUSED", "reasons": "Mancano i requisiti del regolamento.",
		}})
	}) {
		if errs := a.data.list("decideCase.userErrors"); len(errs) > 0 {
			outcomes[errs[0].text("code")]++
		} else {
			outcomes["done"]++
		}
	}
	if outcomes["done"] != 1 || outcomes["done"]+outcomes["CONFLICT"] != 8 {
		t.Errorf("eight decisions at once: %v", outcomes)
	}
}
