package main

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/spazio-in-comune/sportello/internal/store/dbtest"
	"github.com/spazio-in-comune/sportello/plugins/sdk"
	"github.com/spazio-in-comune/sportello/plugins/sdk/sdktest"
)

// What could break the citizens' trust, each through the real server and the real
// departments. The town is the same all along; the server is stopped and started
// again later, so that terms also pass while it is down.
func TestE2ETrust(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, db dbtest.DB) {
		t.Parallel()
		h := emptyHouse(t, db)
		var filed filedInOctober
		var terms awaitedTerms
		for _, day := range []struct {
			now   string
			tests map[string]func(*testing.T, *house)
		}{
			{"2026-10-05T10:00", map[string]func(*testing.T, *house){
				"refused with the reason, not with an error": testSelfDeclaration,
				"third visit with an open case":              testThirdVisit,
				"a woman at risk":                            testWomanAtRisk,
				"ISEE of the wrong regime":                   testWrongRegime,
				"tax code with omocodia":                     testOmocodia,
				"old notice, read and not written":           testOldNotice,
				"two rules, two destinations":                testTwoDestinations,
				"a term that ends on the patron's day":       testPatronDay,
				"requests with silence":                      filed.file,
				"terms that wait":                            terms.file,
			}},
			{"2026-11-05T23:00", map[string]func(*testing.T, *house){"the last day is not over": filed.lastDay}},
			{"2026-11-06T08:30", map[string]func(*testing.T, *house){"the day after": filed.dayAfter}},
			{"2026-11-20T08:30", map[string]func(*testing.T, *house){"confirmed by silence": filed.confirmed, "a permit under examination": terms.examined}},
			{"2026-11-21T11:50", map[string]func(*testing.T, *house){"a death on Saturday": testDeathOnSaturday}},
			{"2027-10-01T09:00", map[string]func(*testing.T, *house){
				"a term across 4 October": testFourthOctober, "a building permit by silence": terms.granted,
			}},
		} {
			h.args = []string{"--demo", "--now", day.now}
			h.start()
			h.awaitDepartments()
			for _, name := range slices.Sorted(maps.Keys(day.tests)) {
				t.Run(name, func(t *testing.T) { day.tests[name](t, h.in(t)) })
			}
			if code := h.terminate(); code != 0 {
				t.Fatalf("the server of %s stopped with exit code %d\n%s", day.now, code, h.log())
			}
		}
		expect(t, h.command("verify", "--replay"), 0, "the stored figures are the same")
	})
}

// answersOf is the valid form with which the case files of a practice begin, with
// changes laid over it; null takes an answer away.
func answersOf(t testing.TB, practice string, changes map[string]any) map[string]any {
	t.Helper()
	found, err := filepath.Glob("../../plugins/*/cases/" + practice + ".yaml")
	if err != nil || len(found) != 1 {
		t.Fatalf("case files of %s: %v, %v", practice, found, err)
	}
	var file sdktest.File
	if err := sdk.DecodeYAML(os.DirFS(filepath.Dir(found[0])), filepath.Base(found[0]), &file); err != nil {
		t.Fatal(err)
	}
	maps.Copy(file.Answers, changes)
	return file.Answers
}

// put files the practice as somebody and gives the answer.
func put(c *client, practice string, changes map[string]any) tree {
	c.t.Helper()
	return mustAnswer(c.tryTo("submitIntake", `status intake { id } `+caseFields+`
		decision { degraded priority to { code } alternatives { to { code } words { it en } } blocks { ruleId words { it en } reason { it en } } fees { code } hints { it en } computed { name value } }`,
		variables{"practice": practice, "answers": answersOf(c.t, practice, changes)}))
}

func accepted(t *testing.T, got tree) tree {
	t.Helper()
	if got.text("status") != "ACCEPTED" || got.is("decision.degraded") {
		t.Fatalf("filed: %v", got)
	}
	return got.at("case")
}

func testSelfDeclaration(t *testing.T, h *house) {
	got := put(h.as("operator1"), "certificato-anagrafico", map[string]any{"destinatario": "pubblica_amministrazione"})
	if got.text("status") != "BLOCKED" || len(got.list("userErrors")) > 0 || !got.isNull("case") {
		t.Fatalf("a certificate for a public office: %v", got)
	}
	if !strings.Contains(got.text("decision.blocks.0.reason.it"), "DPR 445/2000") || !strings.Contains(got.text("decision.hints.0.en"), "self-declaration") {
		t.Errorf("the reason: %v", got.at("decision"))
	}
}

// testThirdVisit brings the same person three times; the case of the first visit is
// still open.
func testThirdVisit(t *testing.T, h *house) {
	operator := h.as("operator2")
	person := h.as("citizen2").ask(`{ viewer { id } }`, nil).text("viewer.id")
	anna := map[string]any{
		"nome": "Anna Maria", "cognome": "Bianchi", "codice_fiscale": "BNCNMR75T55G488G", "data_nascita": "1975-12-15", "luogo_nascita": "G488",
		"intestatario_cf": "BNCNMR75T55G488G",
	}
	for visit := 1; visit <= 3; visit++ {
		number := operator.must("issueTicket", "visit { id version }", variables{"siteId": site, "serviceCode": "anagrafe", "personId": person})
		got := put(operator, "certificato-anagrafico", anna)
		want := map[bool]string{false: "sportello", true: "help-point"}[visit == 3]
		if got.text("decision.to.code") != want || slices.Contains(flags(accepted(t, got)), "potential_duplicate") != (visit == 3) {
			t.Errorf("visit %d: %v", visit, got)
		}
		operator.must("leaveVisit", "", variables{"visitId": number.text("visit.id"), "expectedVersion": number.number("visit.version")})
	}
}

// testWomanAtRisk looks for her everywhere she must not be.
func testWomanAtRisk(t *testing.T, h *house) {
	ticket := h.as("info").must("issueTicket", "visit { id label }", variables{
		"siteId": site, "serviceCode": "servizi-sociali", "officeCode": "segretariato-sociale", "priority": "P0", "discreet": true,
	})
	board := h.public().ask(`{ board(siteId: "`+site+`") { calls { label } } }`, nil)
	if slices.Contains(texts(board.list("board.calls"), "label"), ticket.text("visit.label")) {
		t.Errorf("the display shows %s", ticket.text("visit.label"))
	}
	file := accepted(t, put(h.as("officer.segretariato-sociale"), "prenotazione-assistente-sociale", map[string]any{"area_bisogno": "violenza", "urgenza_sociale": "immediata"}))
	if file.text("office.code") != "segretariato-sociale" || !slices.Contains(flags(file), "confidential") {
		t.Errorf("case %v", file)
	}
	for _, name := range []string{"operator1", "officer.stato-civile", "head.sportello", "helppoint", "mayor", "info"} {
		a := h.as(name).try(`query($id: ID!) { case(id: $id) { id } }`, variables{"id": file.text("id")})
		if a.code() != "NOT_FOUND" {
			t.Errorf("%s asks for her case: %s", name, a.body)
		}
	}
}

func testWrongRegime(t *testing.T, h *house) {
	got := put(h.as("operator1"), "presentazione-isee-agevolazioni", map[string]any{"isee_regime": "inclusione_familiare_2026"})
	if got.text("status") != "BLOCKED" || got.text("decision.blocks.0.ruleId") != "global/isee-regime" {
		t.Errorf("the other regime: %v", got)
	}
}

// testOmocodia gives a code whose digits were replaced; the date is read from it all
// the same.
func testOmocodia(t *testing.T, h *house) {
	operator := h.as("operator1")
	accepted(t, put(operator, "tessera-elettorale", map[string]any{"codice_fiscale": "RSSMRA80A01F2LRD"}))
	got := put(operator, "tessera-elettorale", map[string]any{"codice_fiscale": "RSSMRA80A01F2LRD", "data_nascita": "1980-01-02"})
	if got.text("status") != "PROBLEMS" || got.text("userErrors.0.detail") != "cf_birth_date" {
		t.Errorf("another date of birth: %v", got)
	}
}

func testOldNotice(t *testing.T, h *house) {
	got := put(h.as("operator1"), "pagamento-avviso-pagopa", map[string]any{"numero_avviso": "001123456789012313"})
	accepted(t, got)
	var values []string
	for _, c := range got.list("decision.computed") {
		values = append(values, c.text("value"))
	}
	if diff := cmp.Diff([]string{"123456789012313"}, values); diff != "" { // no QR code: the town writes only 3
		t.Errorf("read from the old notice (-want +got):\n%s", diff)
	}
}

func testTwoDestinations(t *testing.T, h *house) {
	operator := h.as("operator1")
	got := mustAnswer(operator.tryTo("submitIntake", `status `+caseFields+` decision { degraded to { code } alternatives { to { code } words { it en } } }`, variables{
		"practice": "cambio-residenza", "overrideNote": "Ordinanza del giudice",
		"answers": answersOf(t, "cambio-residenza", map[string]any{
			"provenienza": "estero", "stato_provenienza": "FR", "comune_provenienza": nil, "titolo_occupazione": "nessun_titolo", "data_trasferimento": "2026-10-01",
		}),
	}))
	if file := accepted(t, got); file.text("office.code") != "stato-civile" {
		t.Errorf("case %v", file)
	}
	other := got.list("decision.alternatives")
	if len(other) != 1 || other[0].text("to.code") != "help-point" || other[0].text("words.it") == "" || other[0].text("words.en") == "" {
		t.Errorf("the operator sees of the other rule: %v", other)
	}
}

func testPatronDay(t *testing.T, h *house) {
	file := accepted(t, put(h.as("operator1"), "accesso-documentale", nil))
	if file.text("dueOn") != "2026-11-05" || !strings.Contains(file.text("dueExplained.it"), "5 novembre 2026") {
		t.Errorf("30 days that end on San Carlo: %v", file)
	}
}

// filedInOctober are the requests on which silence has something to say.
type filedInOctober struct{ documentary, civic, residence string }

func (f *filedInOctober) file(t *testing.T, h *house) {
	operator := h.as("operator3")
	f.documentary = accepted(t, put(operator, "accesso-documentale", nil)).text("id")
	f.civic = accepted(t, put(operator, "accesso-civico", nil)).text("id")
	f.residence = accepted(t, put(operator, "cambio-residenza", map[string]any{"data_trasferimento": "2026-10-01"})).text("id")
}

const silentCase = `query($id: ID!) { case(id: $id) { phase substatus decidedAt flags
	clocks { kind state dueOn note { it en } } timeline(first: 20) { edges { node { kind } } } } }`

// clock is one clock of a case.
func clock(t *testing.T, file tree, kind string) tree {
	t.Helper()
	for _, c := range file.list("clocks") {
		if c.text("kind") == kind {
			return c
		}
	}
	t.Fatalf("the case has no clock %s: %v", kind, file)
	return tree{}
}

func (f *filedInOctober) lastDay(t *testing.T, h *house) {
	file := h.as("operator3").ask(silentCase, variables{"id": f.documentary}).at("case")
	if file.text("phase") != "TRIAGE" || clock(t, file, "conclusion").text("dueOn") != "2026-11-05" {
		t.Errorf("on its last day: %v", file)
	}
}

// dayAfter wants the one refused by silence, with where to appeal and until when, and
// the other late, with the review that may be asked.
func (f *filedInOctober) dayAfter(t *testing.T, h *house) {
	operator := h.as("operator3")
	var file tree
	eventually(t, "silence has refused", func() bool {
		file = operator.ask(silentCase, variables{"id": f.documentary}).at("case")
		return file.text("phase") == "DEEMED_REFUSED"
	})
	appeal := clock(t, file, "ricorso")
	if appeal.text("state") != "RUNNING" || appeal.text("dueOn") != "2026-12-05" || !strings.Contains(appeal.text("note.it"), "TAR") || appeal.text("note.en") == "" {
		t.Errorf("the appeal: %v", appeal)
	}
	eventually(t, "the civic access is late", func() bool {
		file = operator.ask(silentCase, variables{"id": f.civic}).at("case")
		return slices.Contains(flags(file), "overdue")
	})
	if file.text("phase") != "TRIAGE" || !strings.Contains(clock(t, file, "conclusion").text("note.it"), "riesame") || clock(t, file, "riesame").text("state") != "PENDING" {
		t.Errorf("late, with a review to ask: %v", file)
	}
}

// confirmed looks the day after the 45th, which was Thursday 19 November.
func (f *filedInOctober) confirmed(t *testing.T, h *house) {
	var file tree
	eventually(t, "silence has confirmed the residence", func() bool {
		file = h.as("operator3").ask(silentCase, variables{"id": f.residence}).at("case")
		return strings.Contains(file.text("substatus"), "Confermata per silenzio dal 2026-11-20")
	})
	if kinds := texts(file.list("timeline.edges"), "node.kind"); !slices.Contains(kinds, "clock_expired") {
		t.Errorf("the history does not tell: %v", kinds)
	}
}

// testDeathOnSaturday comes ten minutes before the doors close.
func testDeathOnSaturday(t *testing.T, h *house) {
	officer := h.as("officer.stato-civile")
	got := put(officer, "morte-seppellimento", map[string]any{"decesso_data_ora": "2026-11-20", "decesso_ora": "08:00"})
	file := accepted(t, got)
	if file.text("office.code") != "stato-civile" || got.text("decision.priority") != "P0" {
		t.Fatalf("a death: %v", got)
	}
	done := officer.must("fulfilCase", "case { phase }", variables{"caseId": file.text("id"), "expectedVersion": file.number("version"), "note": "Permesso di seppellimento rilasciato."})
	if done.text("case.phase") != "FULFILLED" {
		t.Errorf("the permit: %v", done)
	}
}

func testFourthOctober(t *testing.T, h *house) {
	file := accepted(t, put(h.as("operator1"), "cambio-residenza", map[string]any{"data_trasferimento": "2027-09-30"}))
	if file.text("dueOn") != "2027-10-05" { // Friday 1, Saturday 2, Sunday 3, San Francesco 4
		t.Errorf("two working days across San Francesco: %v", file)
	}
}

// A department whose files are broken does not start. Its forms are still served, its
// requests go to the counter, and nobody else notices.
func TestE2EBrokenDepartment(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, db dbtest.DB) {
		t.Parallel()
		h := newHouse(t, db)
		if code := h.terminate(); code != 0 {
			t.Fatalf("the server stopped with exit code %d\n%s", code, h.log())
		}
		h.binary = brokenHouse(t, "isee")
		h.start()
		eventually(t, "the others are ready, and the broken one is tried again", func() bool {
			states := pluginStates(t, h)
			for name, state := range states {
				if (name == "isee") == (state == "ready") {
					return false
				}
			}
			return slices.Contains([]string{"backing_off", "disabled"}, states["isee"])
		})
		operator := h.as("operator1")
		if form := h.public().ask(`{ practice(code: "bonus-sociali-verifica") { form { fields { name } } } }`, nil); len(form.list("practice.form.fields")) == 0 {
			t.Errorf("the form is not served: %v", form)
		}
		got := put(operator, "presentazione-isee-agevolazioni", nil)
		if got.text("status") != "ACCEPTED" || !got.is("decision.degraded") || got.text("case.office.code") != "sportello" || !slices.Contains(flags(got.at("case")), "plugin_degraded") {
			t.Errorf("a request of the broken department: %v", got)
		}
		accepted(t, put(operator, "tessera-elettorale", nil))

		if code := h.terminate(); code != 0 {
			t.Fatalf("the server stopped with exit code %d\n%s", code, h.log())
		}
		h.binary = "" // mended
		h.start()
		h.awaitDepartments()
		eventually(t, "the case is reviewed after the department was mended", func() bool {
			file := h.as("officer.sportello").ask(`query($id: ID!) { case(id: $id) { flags } }`, variables{"id": got.text("case.id")}).at("case")
			return !slices.Contains(flags(file), "plugin_degraded")
		})
	})
}

// brokenHouse is the server's program beside a program of the departments in which one
// cannot load its files.
func brokenHouse(t *testing.T, name string) string {
	t.Helper()
	good, folder := program(t), t.TempDir()
	if err := os.Link(good, filepath.Join(folder, "sportello")); err != nil {
		t.Fatal(err)
	}
	script := fmt.Sprintf(`#!/bin/sh
if [ "$1" = %s ]; then echo "read practices: yaml: mapping values are not allowed here" >&2; exit 1; fi
exec %s "$@"
`, name, filepath.Join(filepath.Dir(good), departmentProgram))
	if err := os.WriteFile(filepath.Join(folder, departmentProgram), []byte(script), 0o700); err != nil { //nolint:gosec // a program must be executable
		t.Fatal(err)
	}
	return filepath.Join(folder, "sportello")
}
