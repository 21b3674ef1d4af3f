package main

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/spazio-in-comune/sportello/internal/store/dbtest"
)

// lawFields are what a test of the acts of a case reads of it.
const lawFields = `case { id version phase flags dueOn milestone { it }
	acts { kind state ground article onDay dueOn text answer answeredOn outcome late contents { key value } }
	clocks { kind state dueOn remainingDays explanation { it en } ledger { effect article days ground actId author { label } } }
	availableActions { action allowed reason { en } clockEffect { it en } } } `

// TestE2ELaw leads one case through every act of the law, and another through silence.
func TestE2ELaw(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, db dbtest.DB) {
		t.Parallel()
		h := newHouse(t, db)
		t.Run("a long life", func(t *testing.T) { lawLife(t, h.in(t)) })
		t.Run("many at once", func(t *testing.T) { lawBulk(t, h.in(t)) })
		t.Run("silence while the server is down", func(t *testing.T) { lawSilence(t, h.in(t)) })
	})
}

// acting makes acts on one case, each as it was left.
type acting struct {
	t  *testing.T
	id string
	at tree
}

func actingOn(t *testing.T, h *house) *acting {
	t.Helper()
	got := submit(h.as("citizen"), variables{"practice": practice, "answers": instalments(nil)})
	if got.text("status") != "ACCEPTED" {
		t.Fatalf("filed: %v", got)
	}
	return &acting{t: t, id: got.text("case.id"), at: got.at("case")}
}

func (a *acting) input(more variables) variables {
	input := variables{"caseId": a.id, "expectedVersion": a.at.number("version")}
	for name, value := range more {
		input[name] = value
	}
	return input
}

// does makes an act and wants the phase after it.
func (a *acting) does(who *client, mutation, phase string, more variables) {
	a.t.Helper()
	a.at = who.must(mutation, lawFields, a.input(more)).at("case")
	if a.at.text("phase") != phase {
		a.t.Fatalf("after %s: %s, want %s", mutation, a.at.text("phase"), phase)
	}
}

func (a *acting) refused(who *client, mutation, code string, more variables) {
	a.t.Helper()
	if got := who.refused(mutation, a.input(more)); got != code {
		a.t.Errorf("%s is refused with %s, want %s", mutation, got, code)
	}
}

func lawLife(t *testing.T, h *house) {
	const office = "tributi-patrimonio"
	citizen, officer, head := h.as("citizen"), h.as("officer."+office), h.as("head."+office)
	a := actingOn(t, h)
	a.refused(officer, "sendStartNotice", "PRECONDITION_FAILED", nil)
	a.does(officer, "takeCaseInCharge", "IN_PROGRESS", nil)
	a.does(officer, "sendStartNotice", "IN_PROGRESS", nil)

	a.does(officer, "requestDocuments", "AWAITING_APPLICANT", variables{
		"documents": []string{"avviso-debito"}, "ground": "La domanda non è firmata.", "legalGround": "IRREGULAR_REQUEST",
	})
	if !slices.Contains(flags(a.at), "suspended") || !a.at.isNull("dueOn") {
		t.Errorf("while the request is irregular: %v", a.at)
	}
	a.refused(citizen, "answerIntegration", "INVALID", variables{"text": "Ecco.", "receivedOn": time.Now().AddDate(0, 0, -1).Format(time.DateOnly)})
	a.does(citizen, "answerIntegration", "IN_PROGRESS", variables{"text": "Ecco la domanda firmata."})

	a.refused(officer, "suspendForAcquisition", "PRECONDITION_FAILED", variables{"days": 31, "reason": "Dati che nessuno possiede."})
	a.does(officer, "suspendForAcquisition", "AWAITING_THIRD_PARTY", variables{"days": 30, "reason": "Dati che nessuno possiede."})
	a.does(officer, "endAcquisition", "IN_PROGRESS", variables{"text": "I dati sono arrivati."})
	a.refused(officer, "suspendForAcquisition", "PRECONDITION_FAILED", variables{"days": 1, "reason": "Altri dati ancora."})

	a.refused(officer, "extendTerm", "NOT_ALLOWED", variables{"days": 10, "reason": "Istruttoria complessa."})
	a.does(head, "extendTerm", "IN_PROGRESS", variables{"days": 10, "reason": "Istruttoria complessa."})

	a.does(officer, "serveRejectionNotice", "REJECTION_NOTICE", variables{"reason": "Il debito è sotto il minimo."})
	a.refused(head, "decideCase", "PRECONDITION_FAILED", variables{"outcome": "REFUSED", "reasons": "Il debito è sotto il minimo."})
	a.does(citizen, "recordObservations", "REJECTION_NOTICE", variables{"text": "I debiti sono due."})
	a.refused(head, "decideCase", "REQUIRED", variables{"outcome": "REFUSED", "reasons": "Il debito è sotto il minimo."})
	a.does(head, "decideCase", "DECIDED_REFUSED", variables{
		"outcome": "REFUSED", "reasons": "Il debito è sotto il minimo.", "observationsAnswer": "Il secondo debito è già pagato.",
	})
	a.does(head, "reopenCase", "IN_PROGRESS", variables{"reason": "Il secondo debito non era pagato."})
	if len(a.at.list("clocks")) < 2 || a.at.isNull("dueOn") {
		t.Errorf("a review has no term of its own: %v", a.at.list("clocks"))
	}
	a.does(head, "decideCase", "INADMISSIBLE", variables{"outcome": "INADMISSIBLE", "reasons": "La domanda è tardiva."})
	a.does(officer, "archiveCase", "ARCHIVED", nil)

	var got []string
	for _, act := range a.at.list("acts") {
		got = append(got, act.text("kind")+" "+act.text("state"))
	}
	want := []string{
		"START_NOTICE DONE", "INTEGRATION ANSWERED", "ACQUISITION ANSWERED", "EXTENSION DONE", "REJECTION_NOTICE ANSWERED",
		"MEASURE REVIEWED", "REOPENING DONE", "MEASURE DONE",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("acts (-want +got):\n%s", diff)
	}
	checkLedger(t, a)
	checkChanges(t, citizen, a.id)
}

// checkLedger: every line says under which article and out of which act it comes.
func checkLedger(t *testing.T, a *acting) {
	t.Helper()
	var got []string
	for _, e := range a.at.list("clocks.0.ledger") {
		got = append(got, e.text("effect")+" "+e.text("article"))
		if e.text("effect") != "START" && e.isNull("author") {
			t.Errorf("nobody wrote %v", e)
		}
	}
	want := []string{
		"START ", "SUSPEND DPR 445/2000 art. 71 c. 3", "SHIFT_START DPR 445/2000 art. 71 c. 3",
		"SUSPEND L. 241/1990 art. 2 c. 7", "RESUME L. 241/1990 art. 2 c. 7", "EXTEND L. 241/1990 art. 2 c. 4",
		"SUSPEND L. 241/1990 art. 10-bis", "SUSPEND L. 241/1990 art. 10-bis", "STOP ",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("ledger (-want +got):\n%s", diff)
	}
	for _, action := range a.at.list("availableActions") {
		if !action.is("allowed") && action.isNull("reason") {
			t.Errorf("%s is refused without a reason", action.text("action"))
		}
		if strings.HasPrefix(action.text("action"), "SUSPEND") && action.isNull("clockEffect") {
			t.Error("nobody says what a suspension does to the term")
		}
	}
}

// checkChanges: the citizen reads in words what each act did to the term.
func checkChanges(t *testing.T, citizen *client, id string) {
	t.Helper()
	lines := citizen.ask(`query($id: ID!) { case(id: $id) { timeline(first: 50) { edges { node { kind termChange { from to words { it en } } } } } } }`, variables{"id": id}).list("case.timeline.edges")
	moved := 0
	for _, l := range lines {
		if !l.isNull("node.termChange") {
			moved++
			if !strings.Contains(l.text("node.termChange.words.it"), "scadenza") {
				t.Errorf("words %v", l)
			}
		}
	}
	if moved != 7 {
		t.Errorf("%d lines moved the term, want 7", moved)
	}
}

// lawBulk: many cases in one request, each with a result of its own.
func lawBulk(t *testing.T, h *house) {
	const office = "tributi-patrimonio"
	officer, head := h.as("officer."+office), h.as("head."+office)
	a, b := actingOn(t, h), actingOn(t, h)
	me := officer.ask(`{ viewer { id } }`, nil).text("viewer.id")
	items := []variables{
		{"caseId": a.id, "expectedVersion": 99}, {"caseId": b.id, "expectedVersion": b.at.number("version")},
	}
	const results = `results { caseId skipped userErrors { code } case { version responsible { id } } }`
	of := func(got tree) []string {
		var list []string
		for _, r := range got.list("results") {
			switch {
			case r.is("skipped"):
				list = append(list, "skipped")
			case len(r.list("userErrors")) > 0:
				list = append(list, r.text("userErrors.0.code"))
			default:
				list = append(list, "done")
			}
		}
		return list
	}
	stopped := head.must("assignCases", results, variables{"items": items, "personId": me, "onError": "STOP"})
	if diff := cmp.Diff([]string{"CONFLICT", "skipped"}, of(stopped)); diff != "" {
		t.Errorf("stops (-want +got):\n%s", diff)
	}
	gone := head.must("assignCases", results, variables{"items": items, "personId": me, "onError": "CONTINUE"})
	if diff := cmp.Diff([]string{"CONFLICT", "done"}, of(gone)); diff != "" {
		t.Errorf("goes on (-want +got):\n%s", diff)
	}
	taken := officer.must("takeCasesInCharge", results, variables{"items": []variables{
		{"caseId": a.id, "expectedVersion": a.at.number("version")},
		{"caseId": "case_00000000000000000000000000", "expectedVersion": 1},
		{"caseId": b.id, "expectedVersion": gone.number("results.1.case.version")},
	}, "onError": "CONTINUE"})
	if diff := cmp.Diff([]string{"done", "INVALID", "done"}, of(taken)); diff != "" {
		t.Errorf("taken (-want +got):\n%s", diff)
	}
	if code := officer.refused("takeCasesInCharge", variables{"items": []variables{}, "onError": "STOP"}); code != "INVALID" {
		t.Errorf("no case at all: %s", code)
	}
}

// lawSilence: the midnight of the term passes while no server runs. The next one finds
// it, grants by silence with effect from the day after, and attests it to who asks.
func lawSilence(t *testing.T, h *house) {
	a := actingOn(t, h)
	h.kill()
	h.statement("UPDATE case_clocks SET on_expiry = 'granted', due_on = '2026-01-07', due_at = ? WHERE case_id = ? AND kind = 'conclusion'",
		time.Date(2026, 1, 7, 23, 0, 0, 0, time.UTC), a.id)
	h.statement("UPDATE case_files SET due_on = '2026-01-07' WHERE id = ?", a.id)
	h.start()
	h.awaitDepartments()
	citizen := h.as("citizen")
	read := func() tree {
		return citizen.ask(`query($id: ID!) { `+strings.Replace(lawFields, "case {", "case(id: $id) {", 1)+`}`, variables{"id": a.id}).at("case")
	}
	for deadline := time.Now().Add(20 * time.Second); read().text("phase") != "DEEMED_GRANTED"; time.Sleep(50 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("silence does not decide: %v", read())
		}
	}
	a.at = read()
	a.refused(h.as("head.tributi-patrimonio"), "decideCase", "PRECONDITION_FAILED", variables{"outcome": "REFUSED", "reasons": "Un rifiuto tardivo."})
	a.does(citizen, "attestSilence", "DEEMED_GRANTED", nil)
	from := ""
	for _, part := range a.at.list("acts.0.contents") {
		if part.text("key") == "effective_from" {
			from = part.text("value")
		}
	}
	if a.at.text("acts.0.kind") != "ATTESTATION" || from != "2026-01-08" {
		t.Errorf("attested: %v", a.at.list("acts"))
	}
}
