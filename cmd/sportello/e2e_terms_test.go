package main

import (
	"slices"
	"strings"
	"testing"
)

// awaitedTerms are requests of 5 October 2026 of which a term does not run from the filing.
type awaitedTerms struct{ permit string }

const termsOfCase = `case { id version phase flags dueOn dueExplained { it en } acts { kind onDay contents { key value } }
	availableActions { action allowed } clocks { kind state startsFrom startedOn dueOn explanation { it en } ledger { effect onDay actId } } }`

// file records the notice to third parties of a neighbour's files, once, on its own day.
func (f *awaitedTerms) file(t *testing.T, h *house) {
	operator, head := h.as("operator2"), h.as("head.sportello")
	f.permit = accepted(t, put(operator, "deposito-cila-scia", map[string]any{"tipo_titolo": "permesso_costruire"})).text("id")

	deeds := accepted(t, put(operator, "accesso-atti-edilizi", map[string]any{"titolo_richiesta": "confinante"}))
	input := func(version int, term, day string) variables {
		return variables{"caseId": deeds.text("id"), "expectedVersion": version, "term": term, "happenedOn": day}
	}
	version := deeds.number("version")
	for term, code := range map[string]string{"ricorso": "PRECONDITION_FAILED", "conclusion": "PRECONDITION_FAILED", "riesame": "INVALID"} {
		if got := head.refused("startTerm", input(version, term, "2026-10-05")); got != code {
			t.Errorf("%s is refused with %s, want %s", term, got, code)
		}
	}
	for _, day := range []string{"2026-10-06", "2026-10-02"} { // tomorrow, and before the request
		if got := head.refused("startTerm", input(version, "opposizione", day)); got != "INVALID" {
			t.Errorf("a notice of %s is refused with %s", day, got)
		}
	}
	if got := h.as("citizen").refused("startTerm", input(version, "opposizione", "2026-10-05")); got != "NOT_ALLOWED" && got != "NOT_FOUND" {
		t.Errorf("the citizen is refused with %s", got)
	}
	noted := input(version, "opposizione", "2026-10-05")
	noted["note"] = "Raccomandata ricevuta."
	file := head.must("startTerm", termsOfCase, noted).at("case")
	objection := clock(t, file, "opposizione")
	if objection.text("state") != "RUNNING" || objection.text("dueOn") != "2026-10-15" || file.text("dueOn") != "2026-11-05" {
		t.Errorf("third parties have 10 days within the 30: %v", file)
	}
	if !strings.Contains(objection.text("explanation.it"), "avviso ricevuto dai controinteressati") ||
		!strings.Contains(objection.text("explanation.en"), "notice received by the third parties") {
		t.Errorf("explained: %v", objection)
	}
	if file.text("acts.0.kind") != "TERM_START" || objection.isNull("ledger.0.actId") {
		t.Errorf("the event is no act: %v", file)
	}
}

// examined looks while the first of the permit's two terms runs.
func (f *awaitedTerms) examined(t *testing.T, h *house) {
	file := f.read(h)
	if clock(t, file, "conclusion").text("dueOn") != "2026-12-04" || clock(t, file, "permesso").text("state") != "PENDING" || file.text("dueOn") != "2027-01-04" {
		t.Errorf("under examination: %v", file)
	}
	if !strings.Contains(file.text("dueExplained.it"), "fino a lunedì 4 gennaio 2027") || !strings.Contains(file.text("dueExplained.en"), "until Monday 4 January 2027") {
		t.Errorf("explained: %v", file.at("dueExplained"))
	}
}

func (f *awaitedTerms) read(h *house) tree {
	return h.as("head.sportello").ask(`query($id: ID!) { `+strings.Replace(termsOfCase, "case {", "case(id: $id) {", 1)+`}`, variables{"id": f.permit}).at("case")
}

// granted finds both terms passed while no server ran: 60 days until Friday 4 December, then
// 30 until Sunday 3 January, which moves to Monday. Silence grants it, and is attested.
func (f *awaitedTerms) granted(t *testing.T, h *house) {
	var file tree
	eventually(t, "silence has granted the permit", func() bool {
		file = f.read(h)
		return file.text("phase") == "DEEMED_GRANTED"
	})
	if second := clock(t, file, "permesso"); second.text("startedOn") != "2026-12-04" || second.text("dueOn") != "2027-01-04" {
		t.Errorf("the term of the measure: %v", second)
	}
	if slices.Contains(flags(file), "overdue") {
		t.Errorf("granted, and yet overdue: %v", file)
	}
	attested := h.as("head.sportello").must("attestSilence", termsOfCase, variables{"caseId": f.permit, "expectedVersion": file.number("version")}).at("case")
	for _, part := range attested.list("acts.0.contents") {
		if part.text("key") == "effective_from" && part.text("value") != "2027-01-05" {
			t.Errorf("attested from %s", part.text("value"))
		}
	}
}
