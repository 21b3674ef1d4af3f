package main

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

const followSteps = `subscription S($level: Level!, $after: EventCursor) { update: escalationsChanged(level: $level, after: $after) {
	kind cursor event { type } escalation { id step state ownerOffice { code } } } }`

const (
	stepPiece  = `{ id step level state version dueOn ownerOffice { code } answer outcome history { step state answer } }`
	stepFields = "escalation " + stepPiece + " next " + stepPiece
)

// testVoice goes the third way: a low score, the Help Point's offer, its answer
// that does not satisfy, the sector head's, and the Mayor, who is told at once and
// answers in the end.
func testVoice(t *testing.T, h *house) {
	citizen, mayor := h.as("citizen"), h.as("mayor")
	alerts := mayor.follow(followSteps, variables{"level": 5}, "")
	alerts.snapshot()
	helpPoint := h.as("helppoint").follow(followSteps, variables{"level": 4}, "")
	helpPoint.snapshot()

	filed := submit(citizen, variables{"practice": practice, "answers": instalments(nil)})
	caseID := filed.text("case.id")
	given := citizen.must("giveFeedback", `feedback { id score level office { code } } offer { id step level state version dueOn }`,
		variables{"caseId": caseID, "score": 1, "cause": "WAITING", "comment": "Nessuno risponde."})
	offer := given.at("offer")
	if offer.text("step") != "E1_HELP_POINT" || offer.text("state") != "OFFERED" || offer.text("dueOn") == "" {
		t.Fatalf("a score of 1 was offered %v", given)
	}
	checkUnnamed(t)
	if code := citizen.refused("giveFeedback", variables{"caseId": caseID, "score": 5}); code != "PRECONDITION_FAILED" {
		t.Errorf("a second word on the same case: %s", code)
	}

	step := citizen.must("raiseEscalation", stepFields, variables{"escalationId": offer.text("id"), "text": "Aspetto da settimane."}).at("escalation")
	helpPoint.until("the step", func(u tree) bool {
		return u.text("escalation.id") == step.text("id") && u.text("event.type") == "escalation.raised"
	})
	for _, rung := range []struct{ holder, answer, next string }{
		{"helppoint", "Abbiamo parlato con l'ufficio.", "E2_SECTOR_HEAD"},
		{"head.tributi-patrimonio", "L'istruttoria segue i suoi tempi.", "E3_MAYOR"},
	} {
		step = answerStep(h.as(rung.holder), step, rung.answer)
		if step.text("state") != "ANSWERED" {
			t.Fatalf("answered by %s: %v", rung.holder, step)
		}
		up := citizen.must("passUpEscalation", stepFields, variables{"escalationId": step.text("id"), "expectedVersion": step.number("version"), "text": "Non mi basta."})
		if up.text("escalation.state") != "PASSED_UP" || up.text("next.step") != rung.next {
			t.Fatalf("passed up from %s: %v", rung.holder, up)
		}
		step = up.at("next")
	}

	alert := alerts.until("the alert", func(u tree) bool { return u.text("escalation.id") == step.text("id") })
	if alert.text("escalation.ownerOffice.code") != "sindaco-assessori" || alert.text("event.type") != "escalation.raised" {
		t.Errorf("the mayor is told %v", alert)
	}
	if code := h.as("helppoint").refused("answerEscalation", variables{"escalationId": step.text("id"), "expectedVersion": step.number("version"), "outcome": "EXPLAINED", "answer": "Io."}); code != "NOT_ALLOWED" && code != "NOT_FOUND" {
		t.Errorf("the Help Point answers for the Mayor: %s", code)
	}
	checkMayorDecidesNothing(t, mayor, step.text("id"), caseID)
	step = steer(t, h, step)
	step = answerStep(mayor, step, "Ho chiesto all'ufficio di rispondere entro venerdì.")
	if step.text("state") != "ANSWERED" || step.text("outcome") != "EXPLAINED" {
		t.Errorf("answered by the mayor: %v", step)
	}
	checkRated(t, citizen, step, caseID)
	want := []string{"E1_HELP_POINT", "E2_SECTOR_HEAD"}
	read := citizen.ask(`query($id: ID!) { escalation(id: $id) { answer history { step answer } } }`, variables{"id": step.text("id")}).at("escalation")
	if diff := cmp.Diff(want, texts(read.list("history"), "step")); diff != "" || !strings.Contains(read.text("answer"), "venerdì") {
		t.Errorf("what the citizen reads (-want +got):\n%s%v", diff, read)
	}
}

// steer: the Mayor asks the office to report, reads what it reports, and steers it; the
// citizen is told of no word of it.
func steer(t *testing.T, h *house, step tree) tree {
	t.Helper()
	mayor, officer, id := h.as("mayor"), h.as("officer.tributi-patrimonio"), step.text("id")
	step = mayor.must("requestReport", stepFields, variables{
		"escalationId": id, "expectedVersion": step.number("version"), "question": "Perché è ferma?",
	}).at("escalation")
	asked := officer.ask(`{ reportRequests(first: 1, filter: {open: true}) { edges { node { id version question office { code } } } } }`, nil).at("reportRequests.edges.0.node")
	if asked.text("question") != "Perché è ferma?" || asked.text("office.code") != "tributi-patrimonio" {
		t.Fatalf("the office is asked %v", asked)
	}
	input := variables{"reportId": asked.text("id"), "expectedVersion": asked.number("version"), "answer": "Manca un parere."}
	if code := h.as("citizen").refused("answerReport", input); code != "NOT_FOUND" && code != "NOT_ALLOWED" && code != "FORBIDDEN" {
		t.Errorf("the citizen reports: %s", code)
	}
	officer.must("answerReport", "report { answeredAt }", input)
	step = mayor.must("giveGuidance", stepFields, variables{
		"escalationId": id, "expectedVersion": step.number("version"), "text": "Sollecitate il parere.",
	}).at("escalation")
	const words = `query($id: ID!) { escalation(id: $id) { reports { question answer } guidance { text } } }`
	read := mayor.ask(words, variables{"id": id}).at("escalation")
	if read.text("reports.0.answer") != "Manca un parere." || read.text("guidance.0.text") != "Sollecitate il parere." {
		t.Errorf("the mayor reads %v", read)
	}
	read = h.as("citizen").ask(words, variables{"id": id}).at("escalation")
	if !read.isNull("reports.0.question") || !read.isNull("reports.0.answer") || len(read.list("guidance")) != 0 {
		t.Errorf("the citizen reads %v", read)
	}
	return step
}

// checkRated: the citizen says how the step went, once, and how they wish to be told; no
// delay is remedied before the term has passed.
func checkRated(t *testing.T, citizen *client, step tree, caseID string) {
	t.Helper()
	input := variables{"escalationId": step.text("id"), "expectedVersion": step.number("version"), "rating": 4}
	input["expectedVersion"] = citizen.must("rateEscalation", "escalation { version }", input).number("escalation.version")
	if code := citizen.refused("rateEscalation", input); code != "PRECONDITION_FAILED" {
		t.Errorf("rated twice: %s", code)
	}
	citizen.must("chooseContact", "preference { channel }", variables{"channel": "EMAIL", "address": "cittadina@example.org"})
	told := citizen.ask(`{ contactPreference { channel address } }`, nil)
	if told.text("contactPreference.address") != "cittadina@example.org" {
		t.Errorf("told by %v", told)
	}
	early := variables{"caseId": caseID, "kind": "DELAY", "text": "È tardi."}
	if code := citizen.refused("raiseEscalation", early); code != "PRECONDITION_FAILED" {
		t.Errorf("a delay before the term has passed: %s", code)
	}
	if code := citizen.refused("raiseEscalation", variables{"caseId": caseID, "kind": "ACCESS", "text": "Negato."}); code != "INVALID" {
		t.Errorf("a review of what is no request of access: %s", code)
	}
}

// answerStep takes a step and answers it.
func answerStep(c *client, step tree, words string) tree {
	c.t.Helper()
	id := step.text("id")
	taken := c.must("acknowledgeEscalation", stepFields, variables{"escalationId": id, "expectedVersion": step.number("version")}).at("escalation")
	return c.must("answerEscalation", stepFields, variables{
		"escalationId": id, "expectedVersion": taken.number("version"), "outcome": "EXPLAINED", "answer": words,
	}).at("escalation")
}

// checkMayorDecidesNothing: the step names the case by protocol number; the case
// itself stays with its office (art. 107 TUEL).
func checkMayorDecidesNothing(t *testing.T, mayor *client, stepID, caseID string) {
	t.Helper()
	seen := mayor.ask(`query($step: ID!, $case: ID!) { escalation(id: $step) { caseProtocol case { id answers } availableActions { action allowed } } case: node(id: $case) { id } }`,
		variables{"step": stepID, "case": caseID})
	if seen.text("escalation.caseProtocol") == "" || !seen.isNull("escalation.case") || !seen.isNull("case") {
		t.Errorf("the mayor sees %v", seen)
	}
}

// checkUnnamed: the contract has no way from a citizen's word to an operator.
func checkUnnamed(t *testing.T) {
	t.Helper()
	for _, field := range schema(t).Types["Feedback"].Fields {
		if kind := field.Type.Name(); kind == "Person" || kind == "CounterSession" || kind == "Counter" || kind == "Leg" {
			t.Errorf("a word of feedback leads to an operator by its %s", field.Name)
		}
	}
}
