package main

import (
	"net/http"
	"strings"
	"time"

	"github.com/spazio-in-comune/sportello/internal/town"
)

// plantForms files requests that tell of illnesses, of neighbours, and of who asks for
// whom.
func (s *secrets) plantForms() {
	operator := s.h.as("operator1")
	for range 8 {
		given, family := s.word("a given name"), s.word("a family name")
		code, birth := s.taxCode(given, family)
		otherGiven, otherFamily := s.word("a delegate's name"), s.word("a delegate's family name")
		otherCode, _ := s.taxCode(otherGiven, otherFamily)
		answers := variables{
			"nome": given, "cognome": family, "codice_fiscale": code, "data_nascita": birth.String(),
			"luogo_nascita": "F205", "cittadinanza": "IT", "isee_presentato": false,
			"agisce_per_altri": true, "titolo_rappresentanza": "delegato",
			"rappresentante_nome": otherGiven, "rappresentante_cognome": otherFamily, "rappresentante_cf": otherCode,
			"linea_telefonica": "fissa", "chiavi_depositate": s.word("a neighbour"), "patologie": s.text("an illness"),
			"contatti": []any{variables{"nome": s.word("a relative"), "telefono": "3331234567"}},
		}
		filed := s.must(operator, "submitIntake", `status case { id }`, variables{"practice": "telesoccorso", "answers": answers})
		if filed.text("status") != "ACCEPTED" {
			s.t.Fatalf("filed: %v", filed)
		}
	}
}

// plantCase leads a case to its decision and says much on the way, and gives its
// protocol number. Who may read the words reads them.
func (s *secrets) plantCase() string {
	citizen, officer, head := s.h.as("citizen"), s.h.as("officer.tributi-patrimonio"), s.h.as("head.tributi-patrimonio")
	file := s.filed(citizen, instalments(nil))
	id, version := file.text("id"), file.number("version")
	step := func(c *client, name string, input variables) {
		s.t.Helper()
		input["caseId"], input["expectedVersion"] = id, version
		version = s.must(c, name, "case { version }", input).number("case.version")
	}
	note := s.text("a citizen's note")
	s.must(citizen, "addCaseNote", "", variables{"caseId": id, "text": note, "internal": false})
	s.must(officer, "addCaseNote", "", variables{"caseId": id, "text": s.text("an internal note"), "internal": true})
	step(officer, "takeCaseInCharge", variables{})
	codes := texts(file.list("documents"), "code")
	step(officer, "requestDocuments", variables{"documents": codes, "ground": s.text("a ground") + " L. 241/1990 art. 2 c. 7"})
	for _, code := range codes {
		step(officer, "receiveDocument", variables{"document": code})
	}
	step(officer, "proposeDecision", variables{"outcome": "GRANTED", "reasons": s.text("a proposal")})
	step(head, "decideCase", variables{"outcome": "GRANTED", "reasons": s.text("the reasons")})
	step(officer, "fulfilCase", variables{"note": s.text("a last note")})
	read := officer.ask(`query($id: ID!) { case(id: $id) { reasons answers documents { ground } timeline(first: 50) { edges { node { note } } } } }`, variables{"id": id})
	if !strings.Contains(read.String(), note) {
		s.t.Errorf("the officer does not read what was written: %v", read)
	}

	moved := s.filed(citizen, instalments(nil))
	s.must(head, "transferCase", "", variables{
		"caseId": moved.text("id"), "expectedVersion": moved.number("version"), "officeCode": "back-office-tecnico", "reason": s.text("why it moves"),
	})
	withdrawn := s.filed(citizen, instalments(nil))
	s.must(citizen, "withdrawCase", "", variables{"caseId": withdrawn.text("id"), "expectedVersion": withdrawn.number("version"), "note": s.text("why it is withdrawn")})
	past := s.must(s.h.as("operator1"), "submitIntake", "status", variables{
		"practice": practice, "answers": instalments(map[string]any{"debito_totale": "100.00"}), "overrideNote": s.text("why a block was passed"),
	})
	if past.text("status") != "ACCEPTED" {
		s.t.Errorf("past a block: %v", past)
	}
	return file.text("protocol")
}

// plantActs writes in every formal act of a case.
func (s *secrets) plantActs() {
	citizen, officer, head := s.h.as("citizen"), s.h.as("officer.tributi-patrimonio"), s.h.as("head.tributi-patrimonio")
	file := s.filed(citizen, instalments(nil))
	id, version := file.text("id"), file.number("version")
	step := func(c *client, name string, input variables) {
		s.t.Helper()
		input["caseId"], input["expectedVersion"] = id, version
		version = s.must(c, name, "case { version }", input).number("case.version")
	}
	step(officer, "takeCaseInCharge", variables{})
	step(officer, "sendStartNotice", variables{"note": s.text("a start notice")})
	step(officer, "requestDocuments", variables{"documents": []string{"avviso-debito"}, "ground": s.text("a request"), "legalGround": "IRREGULAR_REQUEST"})
	step(citizen, "answerIntegration", variables{"text": s.text("the answer to a request")})
	step(officer, "suspendForAcquisition", variables{"days": 5, "reason": s.text("what must be acquired")})
	step(officer, "endAcquisition", variables{"text": s.text("what was acquired")})
	step(head, "extendTerm", variables{"days": 5, "reason": s.text("why it takes longer")})
	step(officer, "serveRejectionNotice", variables{"reason": s.text("why it will be refused")})
	step(citizen, "recordObservations", variables{"text": s.text("what the citizen observes")})
	step(head, "decideCase", variables{
		"outcome": "REFUSED", "reasons": s.text("the reasons of a refusal"), "observationsAnswer": s.text("why the observations do not help"),
	})
	step(head, "reopenCase", variables{"reason": s.text("why it is opened again")})
	step(head, "decideCase", variables{"outcome": "INADMISSIBLE", "reasons": s.text("the reasons in the end")})
	step(officer, "archiveCase", variables{"note": s.text("a note on the archive")})
	deeds := s.must(s.h.as("operator1"), "submitIntake", "status "+caseFields, variables{
		"practice": "accesso-atti-edilizi", "answers": answersOf(s.t, "accesso-atti-edilizi", nil),
	}).at("case")
	s.must(s.h.as("head.sportello"), "startTerm", "", variables{
		"caseId": deeds.text("id"), "expectedVersion": deeds.number("version"), "term": "opposizione",
		"happenedOn": town.Today(time.Now()).String(), "note": s.text("what is added to a start"),
	})
}

// filed files a request and gives its case.
func (s *secrets) filed(c *client, answers map[string]any) tree {
	s.t.Helper()
	got := s.must(c, "submitIntake", "status "+caseFields, variables{"practice": practice, "answers": answers})
	if got.text("status") != "ACCEPTED" {
		s.t.Fatalf("filed: %v", got)
	}
	return got.at("case")
}

// plantLadder goes from a low score up to the Mayor.
func (s *secrets) plantLadder() {
	citizen := s.h.as("citizen")
	for _, anonymous := range []bool{false, true} {
		rated := s.filed(citizen, instalments(nil))
		given := s.must(citizen, "giveFeedback", "offer "+stepPiece, variables{
			"caseId": rated.text("id"), "score": 1, "cause": "WAITING", "comment": s.text("a comment"), "anonymous": anonymous,
		})
		step := s.must(citizen, "raiseEscalation", stepFields, variables{"escalationId": given.text("offer.id"), "text": s.text("a complaint")}).at("escalation")
		for _, holder := range []string{"helppoint", "head.tributi-patrimonio"} {
			step = s.answered(s.h.as(holder), step)
			step = s.must(citizen, "passUpEscalation", stepFields, variables{
				"escalationId": step.text("id"), "expectedVersion": step.number("version"), "text": s.text("why it goes up"),
			}).at("next")
		}
		mayor := s.h.as("mayor")
		s.must(mayor, "openPersonalData", "", variables{"escalationId": step.text("id"), "reason": s.text("why it is opened")})
		step = s.answered(mayor, step)
		s.must(citizen, "giveFeedback", "", variables{"escalationId": step.text("id"), "score": 4, "comment": s.text("a last comment")})
	}
	passed := s.must(citizen, "raiseEscalation", stepFields, variables{"caseId": s.filed(citizen, instalments(nil)).text("id"), "text": s.text("another complaint")}).at("escalation")
	s.must(s.h.as("helppoint"), "passUpEscalation", "", variables{
		"escalationId": passed.text("id"), "expectedVersion": passed.number("version"), "text": s.text("why the Help Point cannot solve it"),
	})
}

func (s *secrets) answered(c *client, step tree) tree {
	s.t.Helper()
	return s.must(c, "answerEscalation", stepFields, variables{
		"escalationId": step.text("id"), "expectedVersion": step.number("version"), "outcome": "EXPLAINED", "answer": s.text("an answer"),
	}).at("escalation")
}

// plantHall says why somebody is parked, sent on and taken off the queue.
func (s *secrets) plantHall() {
	kiosk, operator := s.h.as("kiosk"), s.h.as("operator5")
	issue := func() (visit, leg string) {
		issued := s.must(kiosk, "issueTicket", "visit { id legs { id } }", variables{"siteId": site, "serviceCode": "anagrafe"})
		return issued.text("visit.id"), issued.text("visit.legs.0.id")
	}
	session := openDesk(operator, "sportello")
	serve := func() tree {
		visit, _ := issue()
		seen := operator.ask(`query($id: ID!) { visit(id: $id) { version } }`, variables{"id": visit})
		operator.must("setVisitPriority", "", variables{"visitId": visit, "expectedVersion": seen.number("visit.version"), "priority": "P0"})
		called := operator.must("callNext", legFields, variables{"sessionId": session}).at("leg")
		return operator.must("startLeg", legFields, variables{"legId": called.text("id"), "expectedVersion": called.number("version")}).at("leg")
	}
	leg := serve()
	s.must(operator, "parkLeg", "", variables{"legId": leg.text("id"), "expectedVersion": leg.number("version"), "note": s.text("why one is parked")})
	leg = serve()
	s.must(operator, "transferLeg", "", variables{
		"legId": leg.text("id"), "expectedVersion": leg.number("version"), "officeCode": "stato-civile", "note": s.text("why one is sent on"),
	})
	_, waiting := issue()
	version := operator.ask(`query($id: ID!) { node(id: $id) { ... on Leg { version } } }`, variables{"id": waiting}).number("node.version")
	s.must(operator, "cancelLeg", "", variables{"legId": waiting, "expectedVersion": version, "note": s.text("why one is taken off")})
	closeDesk(operator, session)
}

// plantRefusals says things where they are refused: by the form, by a rule, by the
// contract, by the door.
func (s *secrets) plantRefusals() {
	operator, citizen := s.h.as("operator1"), s.h.as("citizen")
	for field, value := range map[string]any{
		"debito_totale": s.word("no amount"), "rate_chieste": s.word("no number"), "tributo": s.word("no choice"),
		"data_nascita": s.word("no date"), "codice_fiscale": s.word("no tax code"), "luogo_nascita": s.word("no place"),
		"email": s.word("no address"), "telefono": s.word("no phone number"), "isee_presentato": s.word("neither yes nor no"),
		"nome": []string{s.word("a list of names")},
	} {
		got := s.do(operator, "submitIntake", "status", variables{"practice": practice, "answers": instalments(map[string]any{field: value})})
		if got.v != nil && got.text("status") == "ACCEPTED" {
			s.t.Errorf("%s was accepted", field)
		}
	}
	s.refused(operator, "submitIntake", variables{"practice": practice, "answers": s.word("no form at all")})
	long := strings.Repeat(s.text("a text that is too long"), 200)
	file := s.filed(citizen, instalments(nil))
	s.refused(citizen, "addCaseNote", variables{"caseId": file.text("id"), "text": long, "internal": false})
	s.refused(citizen, "giveFeedback", variables{"caseId": file.text("id"), "score": 9, "comment": s.text("a comment on nothing")})
	s.refused(citizen, "raiseEscalation", variables{"caseId": file.text("id"), "escalationId": file.text("id"), "text": s.text("a complaint about two things")})
	s.refused(s.h.as("citizen2"), "addCaseNote", variables{"caseId": file.text("id"), "text": s.text("a stranger's note"), "internal": false})
	s.refused(operator, "decideCase", variables{"caseId": file.text("id"), "expectedVersion": 1, "outcome": "GRANTED", "reasons": s.text("reasons of who may not decide")})
	key := variables{"idempotencyKey": "twice", "caseId": file.text("id"), "text": s.text("a note"), "internal": false}
	s.must(citizen, "addCaseNote", "", key)
	s.refused(citizen, "addCaseNote", variables{"idempotencyKey": "twice", "caseId": file.text("id"), "text": s.text("another note under the same key"), "internal": false})
	for _, query := range []string{`query($id: ID!) { case(id: $id) { id } }`, `query($id: ID!) { node(id: $id) { id } }`, `query($id: ID!) { escalation(id: $id) { id } }`} {
		s.keep(operator.try(query, variables{"id": s.word("an id of nothing")}))
	}
	s.keep(citizen.try(`mutation($input: AddCaseNoteInput!) { addCaseNote(input: $input) { case { id } } }`, variables{"input": variables{"caseId": []string{s.word("a list of ids")}}}))
	s.keep(citizen.try(`query($first: Int) { cases(first: $first) { edges { node { id } } } }`, variables{"first": s.word("a number of rows")}))
	s.keep(citizen.try(`query($from: Date) { cases(filter: {dueFrom: $from}) { edges { node { id } } } }`, variables{"from": s.word("a day")}))
	s.keep(citizen.try(`query { cases(first: "`+s.word("a number in the text")+`") { edges { node { id } } } }`, nil))
	s.keep(citizen.try(`query { cases(after: "`+s.word("a cursor")+`") { edges { node { id } } } }`, nil))
	s.keep(citizen.try(`query { cases(filter: {phase: `+s.word("a phase")+`}) { edges { node { id } } } }`, nil))
	s.keep(citizen.try(`query { case(id: "x" note: "`+s.word("an argument")+`") { id } }`, nil))
	s.keep(citizen.try(`query { case(id: "`+s.word("broken off"), nil))
	for _, path := range []string{"/auth/login?to=", "/auth/callback?state=x&code=", "/auth/callback?code=x&state=", "/auth/callback?error=", "/nowhere/", "/graphql?query="} {
		_, page := s.h.get(path + s.word("a part of an address"))
		s.errors.WriteString(page)
	}
	s.keep(s.h.with(s.word("a token")).try(`{ me { id } }`, nil))
	s.keep(s.h.with("Bearer "+s.word("a token")+".x.y").try(`{ me { id } }`, nil))
	request, err := http.NewRequestWithContext(s.t.Context(), http.MethodPost, s.h.address()+"/graphql", strings.NewReader(`{"query": "{ me { id } }", "variables": `+s.word("no JSON")+`}`))
	if err != nil {
		s.t.Fatal(err)
	}
	request.Header.Set("Content-Type", "application/json")
	answer, err := operator.do(request)
	if err != nil {
		s.t.Fatal(err)
	}
	s.keep(answer)
}
