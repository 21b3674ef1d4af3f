package main

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/spazio-in-comune/sportello/internal/alerts/post/posttest"
)

// testLateCase: the term passes with nothing decided. The citizen asks for the substitute
// power, whose holder takes the step, decides the case itself and says so; each of it is
// told by mail, with the reference and no name.
func testLateCase(t *testing.T, h *house, box *posttest.Mailbox) {
	const mailbox = "cittadina@example.org"
	citizen := h.as("citizen")
	citizen.must("chooseContact", "", variables{"channel": "EMAIL", "address": mailbox})
	a := actingOn(t, h)
	asked := func() variables { return variables{"caseId": a.id, "kind": "DELAY", "text": "Nessuno decide."} }
	if code := citizen.refused("raiseEscalation", asked()); code != "PRECONDITION_FAILED" {
		t.Errorf("a delay before the term has passed: %s", code)
	}
	h.kill()
	yesterday := time.Now().AddDate(0, 0, -1)
	h.statement("UPDATE case_clocks SET due_on = ?, due_at = ? WHERE case_id = ? AND kind = 'conclusion'", yesterday.Format(time.DateOnly), yesterday.UTC(), a.id)
	h.statement("UPDATE case_files SET due_on = ? WHERE id = ?", yesterday.Format(time.DateOnly), a.id)
	h.start()
	h.awaitDepartments()
	citizen = h.as("citizen")
	secretary := h.as("segretario")
	eventually(t, "the term has passed", func() bool {
		return clock(t, citizen.ask(silentCase, variables{"id": a.id}).at("case"), "conclusion").text("state") == "EXPIRED"
	})
	a.at = citizen.ask(`query($id: ID!) { case(id: $id) { version } }`, variables{"id": a.id}).at("case")
	if code := secretary.refused("decideCase", a.input(variables{"outcome": "GRANTED", "reasons": "Nulla osta."})); code != "NOT_FOUND" && code != "NOT_ALLOWED" {
		t.Errorf("the secretary decides what nobody asked them to: %s", code)
	}
	step := citizen.must("raiseEscalation", stepFields, asked()).at("escalation")
	if step.text("step") != "S_SUBSTITUTE" || step.isNull("dueOn") {
		t.Fatalf("a delay opened %v", step)
	}
	if code := citizen.refused("raiseEscalation", asked()); code != "PRECONDITION_FAILED" {
		t.Errorf("asked twice: %s", code)
	}
	step = secretary.must("acknowledgeEscalation", stepFields, variables{"escalationId": step.text("id"), "expectedVersion": step.number("version")}).at("escalation")
	concluded := func() variables {
		return variables{"escalationId": step.text("id"), "expectedVersion": step.number("version"), "outcome": "CONCLUDED", "answer": "Ho deciso io."}
	}
	if code := secretary.refused("answerEscalation", concluded()); code != "PRECONDITION_FAILED" {
		t.Errorf("concluded without an act: %s", code)
	}
	a.at = secretary.ask(`query($id: ID!) { case(id: $id) { version phase } }`, variables{"id": a.id}).at("case")
	a.does(secretary, "decideCase", "INADMISSIBLE", variables{"outcome": "INADMISSIBLE", "reasons": "Manca il documento sul debito."})
	step = secretary.must("answerEscalation", stepFields, concluded()).at("escalation")
	if step.text("state") != "ANSWERED" && step.text("state") != "ACCEPTED" || step.text("outcome") != "CONCLUDED" {
		t.Errorf("answered: %v", step)
	}
	checkLetters(t, box, mailbox, 3)
}

// checkLetters: one for each fact, all about a protocol number and about nobody.
func checkLetters(t *testing.T, box *posttest.Mailbox, to string, want int) {
	t.Helper()
	mine := func() (letters []posttest.Letter) {
		for _, l := range box.Letters() {
			if l.To == to {
				letters = append(letters, l)
			}
		}
		return letters
	}
	eventually(t, "the letters to the citizen", func() bool { return len(mine()) >= want })
	ids := map[string]bool{}
	for _, l := range mine() {
		ids[l.Header.Get("Message-Id")] = true
		if !strings.Contains(l.Body, "Riferimento") || !strings.Contains(l.Body, "Reference") || strings.Contains(l.Body, "Rossi") || strings.Contains(l.Body, "deciso io") {
			t.Errorf("a letter says %s", l.Body)
		}
	}
	if len(ids) != want {
		t.Errorf("%d letters, want %d", len(ids), want)
	}
}

// testRefusedAccess: a civic access is refused; the officer for transparency, and nobody
// else, finds for the citizen.
func testRefusedAccess(t *testing.T, h *house) {
	citizen := h.as("citizen")
	filed := accepted(t, put(citizen, "accesso-civico", nil))
	office := filed.text("office.code")
	a := &acting{t: t, id: filed.text("id"), at: filed}
	a.does(h.as("officer."+office), "takeCaseInCharge", "IN_PROGRESS", nil)
	asked := func() variables { return variables{"caseId": a.id, "kind": "ACCESS", "text": "Non mi danno i dati."} }
	if code := citizen.refused("raiseEscalation", asked()); code != "PRECONDITION_FAILED" {
		t.Errorf("reviewed before it was refused: %s", code)
	}
	head := h.as("head." + office)
	a.does(h.as("officer."+office), "serveRejectionNotice", "REJECTION_NOTICE", variables{"reason": "Richiesta massiva."})
	a.does(citizen, "recordObservations", "REJECTION_NOTICE", variables{"text": "È una sola tabella."})
	a.does(head, "decideCase", "DECIDED_REFUSED", variables{"outcome": "REFUSED", "reasons": "Richiesta massiva.", "observationsAnswer": "Resta massiva."})
	step := citizen.must("raiseEscalation", stepFields, asked()).at("escalation")
	if step.text("step") != "R_ACCESS_REVIEW" {
		t.Fatalf("a refused access opened %v", step)
	}
	upheld := variables{"escalationId": step.text("id"), "expectedVersion": step.number("version"), "outcome": "UPHELD", "answer": "L'accesso va dato."}
	for _, other := range []string{"head." + office, "segretario", "helppoint", "mayor"} {
		if code := h.as(other).refused("answerEscalation", upheld); code != "NOT_FOUND" && code != "NOT_ALLOWED" {
			t.Errorf("%s reviews the access: %s", other, code)
		}
	}
	step = h.as("rpct").must("answerEscalation", stepFields, upheld).at("escalation")
	read := citizen.ask(`query($id: ID!) { escalation(id: $id) { outcome answer outside { source } } }`, variables{"id": step.text("id")}).at("escalation")
	if read.text("outcome") != "UPHELD" || read.text("answer") != "L'accesso va dato." {
		t.Errorf("the citizen reads %v", read)
	}
	want := []string{"L. 241/1990 art. 25 c. 4; D.Lgs. 33/2013 art. 5 c. 8", "D.Lgs. 104/2010 art. 116"}
	if diff := cmp.Diff(want, texts(read.list("outside"), "source")); diff != "" {
		t.Errorf("beyond the town (-want +got):\n%s", diff)
	}
}
