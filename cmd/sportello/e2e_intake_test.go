package main

import (
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

const followCases = `subscription S($office: String!, $after: EventCursor) { update: officeCasesChanged(officeCode: $office, after: $after) {
	kind cursor event { id type } case { id protocol phase } } }`

const caseFields = `case { id protocol phase version office { code } flags dueOn dueExplained { it } documents { code state } }`

// mario is the demo person "citizen", as a form asks for him.
func mario() map[string]any {
	return map[string]any{
		"nome": "Mario", "cognome": "Rossi", "codice_fiscale": "RSSMRA80A01F205X", "data_nascita": "1980-01-01",
		"luogo_nascita": "F205", "cittadinanza": "IT", "agisce_per_altri": false,
	}
}

// instalments asks to pay a debt in seven instalments; changes are laid over it.
func instalments(changes map[string]any) map[string]any {
	answers := mario()
	maps.Copy(answers, map[string]any{
		"isee_presentato": false, "tributo": "imu", "richiesta_tipo": "rateizzazione",
		"debito_totale": "1000.00", "rate_chieste": 7, "temporanea_difficolta": true,
	})
	maps.Copy(answers, changes)
	return answers
}

const practice = "tari-riduzioni-rateizzazione"

// submit is the payload of submitIntake.
func submit(c *client, input variables) tree {
	c.t.Helper()
	return mustAnswer(c.tryTo("submitIntake", `status replayed intake { id status } `+caseFields+` decision { degraded to { code } blocks { ruleId words { it } reason { it } } computed { name value } }`, input))
}

func mustAnswer(payload tree, a answer) tree {
	payload.t.Helper()
	if a.code() != "" {
		payload.t.Fatalf("refused: %s", a.body)
	}
	return payload
}

// file files the request with the operator and gives its case.
func file(c *client) tree {
	c.t.Helper()
	got := submit(c, variables{"practice": practice, "answers": instalments(nil)})
	if got.text("status") != "ACCEPTED" {
		c.t.Fatalf("filed: %v", got)
	}
	return got.at("case")
}

// testIntake goes the second way: the form is read from the API, faulty answers
// come back by field, good ones become a case that the office sees at once, works
// on, decides and fulfils.
func testIntake(t *testing.T, h *house) {
	operator, officer, head := h.as("operator1"), h.as("officer.tributi-patrimonio"), h.as("head.tributi-patrimonio")
	cases := officer.follow(followCases, variables{"office": "tributi-patrimonio"}, "")
	cases.snapshot()
	checkForm(t, h.public())

	got := submit(operator, variables{"practice": practice, "answers": instalments(map[string]any{
		"debito_totale": "molti", "rate_chieste": nil, "codice_fiscale": "RSSMRA80A01F205Y", "fantasia": "x",
	})})
	problems := map[string]string{}
	for _, e := range got.list("userErrors") {
		var path []string
		for _, step := range e.list("path") {
			path = append(path, step.v.(string))
		}
		problems[strings.Join(path, ".")] = e.text("code")
	}
	want := map[string]string{
		"input.answers.debito_totale": "FIELD_PROBLEM", "input.answers.rate_chieste": "FIELD_PROBLEM",
		"input.answers.codice_fiscale": "FIELD_PROBLEM", "input.answers.fantasia": "FIELD_PROBLEM",
	}
	if diff := cmp.Diff(want, problems); diff != "" || got.text("status") != "PROBLEMS" || !got.isNull("case") {
		t.Errorf("problems (-want +got):\n%s%v", diff, got)
	}

	got = submit(operator, variables{"practice": practice, "answers": instalments(nil)})
	if got.text("status") != "ACCEPTED" || got.is("decision.degraded") {
		t.Fatalf("good answers gave %v", got)
	}
	file := got.at("case")
	if !regexp.MustCompile(`^\d{4}/\d{6}$`).MatchString(file.text("protocol")) || file.text("office.code") != "tributi-patrimonio" ||
		file.text("dueOn") == "" || file.text("dueExplained.it") == "" {
		t.Errorf("case %v", file)
	}
	id := file.text("id")
	cases.until("the new case", func(u tree) bool { return u.text("case.id") == id && u.text("event.type") == "case.registered" })

	version := workOn(t, officer, id, file.number("version"))
	decide := variables{"caseId": id, "expectedVersion": version, "outcome": "GRANTED", "reasons": "Il debito rientra nei limiti del regolamento."}
	for _, name := range []string{"mayor", "assessore"} {
		// They do not see the case, and would not decide it if they did.
		if code := h.as(name).refused("decideCase", maps.Clone(decide)); code != "NOT_FOUND" && code != "NOT_ALLOWED" {
			t.Errorf("decided by %s: %s", name, code)
		}
	}
	if code := officer.refused("decideCase", maps.Clone(decide)); code != "NOT_ALLOWED" {
		t.Errorf("decided by the officer: %s", code)
	}
	if code := h.as("head.stato-civile").refused("decideCase", maps.Clone(decide)); code != "NOT_FOUND" {
		t.Errorf("decided by another sector: %s", code)
	}
	decided := head.must("decideCase", caseFields, decide).at("case")
	if decided.text("phase") != "DECIDED_GRANTED" {
		t.Errorf("decided %v", decided)
	}
	done := officer.must("fulfilCase", caseFields, variables{"caseId": id, "expectedVersion": decided.number("version")}).at("case")
	if done.text("phase") != "FULFILLED" {
		t.Errorf("fulfilled %v", done)
	}
	cases.until("the end of the case", func(u tree) bool { return u.text("case.id") == id && u.text("event.type") == "case.fulfilled" })
	checkTimeline(t, head, id)
}

// checkForm reads the form as the public does, before any sign-in.
func checkForm(t *testing.T, public *client) {
	t.Helper()
	form := public.ask(`query($code: String!) { practice(code: $code) { service { code } form { fields { name type required label { it en } } jsonSchema } } }`,
		variables{"code": practice}).at("practice.form")
	names := texts(form.list("fields"), "name")
	for name := range instalments(nil) {
		if !slices.Contains(names, name) {
			t.Errorf("the form does not ask %s: %v", name, names)
		}
	}
	if form.at("jsonSchema.properties.debito_totale").v == nil {
		t.Errorf("the JSON Schema does not know the debt: %v", form.at("jsonSchema"))
	}
}

// workOn takes a case in charge, asks for its papers, receives them and proposes;
// it gives the version after that.
func workOn(t *testing.T, officer *client, id string, version int) int {
	t.Helper()
	taken := officer.must("takeCaseInCharge", caseFields, variables{"caseId": id, "expectedVersion": version}).at("case")
	if taken.text("phase") != "IN_PROGRESS" {
		t.Errorf("taken in charge %v", taken)
	}
	needed := texts(taken.list("documents"), "code")
	asked := officer.must("requestDocuments", caseFields, variables{
		"caseId": id, "expectedVersion": taken.number("version"), "documents": needed, "ground": "Mancano alla domanda.",
	}).at("case")
	if asked.text("phase") != "AWAITING_APPLICANT" || !slices.Contains(flags(asked), "integration_pending") {
		t.Errorf("asked for %v: %v", needed, asked)
	}
	version = asked.number("version")
	now := asked
	for _, code := range needed {
		now = officer.must("receiveDocument", caseFields, variables{"caseId": id, "expectedVersion": version, "document": code}).at("case")
		version = now.number("version")
	}
	if now.text("phase") != "IN_PROGRESS" || slices.Contains(flags(now), "integration_pending") {
		t.Errorf("after all papers %v", now)
	}
	proposed := officer.must("proposeDecision", caseFields, variables{"caseId": id, "expectedVersion": version, "outcome": "GRANTED", "reasons": "Requisiti verificati."}).at("case")
	if proposed.text("phase") != "READY_TO_DECIDE" {
		t.Errorf("proposed %v", proposed)
	}
	return proposed.number("version")
}

func flags(file tree) []string {
	all := []string{}
	for _, f := range file.list("flags") {
		all = append(all, f.v.(string))
	}
	return all
}

func checkTimeline(t *testing.T, head *client, id string) {
	t.Helper()
	entries := head.ask(`query($id: ID!) { case(id: $id) { timeline(first: 50) { edges { node { kind actor { label } } } } } }`, variables{"id": id}).list("case.timeline.edges")
	want := []string{"registered", "taken_in_charge", "documents_requested", "document_received", "document_received", "proposed", "decided", "fulfilled"}
	if diff := cmp.Diff(want, texts(entries, "node.kind")); diff != "" {
		t.Errorf("timeline (-want +got):\n%s", diff)
	}
}

// testBlock is a request that a rule stops with its legal basis; an operator may
// go past with a note, a citizen may not.
func testBlock(t *testing.T, h *house) {
	answers := instalments(map[string]any{"debito_totale": "100.00"})
	got := submit(h.as("operator1"), variables{"practice": practice, "answers": answers})
	if got.text("status") != "BLOCKED" || !got.isNull("case") || len(got.list("decision.blocks")) != 1 {
		t.Fatalf("a debt of 100 euro gave %v", got)
	}
	block := got.at("decision.blocks.0")
	if block.text("ruleId") != practice+"/r1" || !strings.Contains(block.text("reason.it"), "L. 160/2019 c. 796") {
		t.Errorf("blocked by %v", block)
	}

	note := variables{"practice": practice, "answers": answers, "overrideNote": "Più avvisi riuniti: il totale supera il minimo."}
	refused := submit(h.as("citizen"), maps.Clone(note))
	if errs := refused.list("userErrors"); len(errs) != 1 || errs[0].text("code") != "NOT_ALLOWED" {
		t.Errorf("a citizen went past a block: %v", refused)
	}
	past := submit(h.as("operator1"), note)
	if past.text("status") != "ACCEPTED" || !slices.Contains(flags(past.at("case")), "blocked_override") {
		t.Errorf("an operator with a note: %v", past)
	}
}

// testWithdrawal is a request filed from home and taken back by who made it.
func testWithdrawal(t *testing.T, h *house) {
	citizen := h.as("citizen")
	got := submit(citizen, variables{"practice": practice, "answers": instalments(nil)})
	if got.text("status") != "ACCEPTED" {
		t.Fatalf("filed from home: %v", got)
	}
	id, version := got.text("case.id"), got.number("case.version")
	for name, hidden := range map[string]string{"another's": id, "no": id[:len(id)-1] + "0"} {
		got := h.as("citizen2").try(`query($id: ID!) { node(id: $id) { id } case(id: $id) { id } }`, variables{"id": hidden})
		if got.code() != "NOT_FOUND" || len(got.errors) != 1 || !got.data.isNull("node") || !got.data.isNull("case") {
			t.Errorf("for %s case another citizen gets %s", name, got.body)
		}
	}
	if code := h.as("head.tributi-patrimonio").refused("withdrawCase", variables{"caseId": id, "expectedVersion": version}); code != "NOT_ALLOWED" {
		t.Errorf("withdrawn by the head: %s", code)
	}
	gone := citizen.must("withdrawCase", caseFields, variables{"caseId": id, "expectedVersion": version, "note": "Ho pagato tutto."}).at("case")
	if gone.text("phase") != "WITHDRAWN" {
		t.Errorf("withdrawn: %v", gone)
	}
}
