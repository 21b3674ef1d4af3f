package main

import (
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/spazio-in-comune/sportello/internal/pythontest"
)

// testPython is a department in another language in the running town: registered
// from the command line, its form served, its rules and its computation in the
// decision; and while its process is gone, requests are taken in all the same.
func testPython(t *testing.T, h *house) {
	const loan = "prestito-attrezzi"
	path := pythontest.Department(t, "../..", t.TempDir())
	cases := filepath.Join("../..", "plugins/sdk/python/cases")
	expect(t, command(t, "plugin", "test", "--cases", cases, path), 0, "all checks passed")
	expect(t, h.command("plugin", "register", "--name", pythontest.Name, path), 0, "registered "+pythontest.Name)
	public := h.public()
	eventually(t, "the service is offered", func() bool {
		services := public.ask(`{ services { code state } }`, nil).list("services")
		return slices.ContainsFunc(services, func(s tree) bool { return s.text("code") == pythontest.Name && s.text("state") == "READY" })
	})
	fields := public.ask(`query($code: String!) { practice(code: $code) { form { fields { name when label { it en } } } } }`,
		variables{"code": loan}).list("practice.form.fields")
	if at := slices.IndexFunc(fields, func(f tree) bool { return f.text("name") == "taglia" }); at < 0 ||
		fields[at].text("when") != "oggetto == 'bicicletta'" || fields[at].text("label.en") != "Size of the bicycle" {
		t.Errorf("the form: %v", fields)
	}

	operator := h.as("operator1")
	far := loanOf(map[string]any{"data_ritiro": time.Now().AddDate(0, 0, 90).Format(time.DateOnly)})
	got := mustAnswer(operator.tryTo("submitIntake", `status`, variables{"practice": loan, "answers": far}))
	if got.text("status") != "PROBLEMS" || got.text("userErrors.0.detail") != pythontest.Name+"/troppo_avanti" {
		t.Errorf("too far ahead: %v", got)
	}
	got = mustAnswer(operator.tryTo("submitIntake", `status case { office { code } } decision { degraded fired { ruleId } computed { name value } }`,
		variables{"practice": loan, "answers": loanOf(nil)}))
	if got.text("status") != "ACCEPTED" || got.is("decision.degraded") || got.text("decision.computed.0.value") != "28.65" ||
		got.text("decision.fired.0.ruleId") != loan+"/r2" || got.text("case.office.code") != "sportello" {
		t.Errorf("ten days: %v", got)
	}
	testPythonKilled(t, h, variables{"practice": loan, "answers": loanOf(nil)})
}

// loanOf asks for a drill for ten days; changes are laid over it.
func loanOf(changes map[string]any) map[string]any {
	answers := mario()
	delete(answers, "agisce_per_altri")
	maps.Copy(answers, map[string]any{
		"oggetto": "trapano", "giorni": 10, "per_associazione": false, "consegna": false,
		"data_ritiro": time.Now().AddDate(0, 0, 7).Format(time.DateOnly),
	})
	maps.Copy(answers, changes)
	return answers
}

// testPythonKilled kills the process in the middle of a call: the request is taken
// in by the stored definition, and decided by the next process.
func testPythonKilled(t *testing.T, h *house, input variables) {
	t.Helper()
	operator := h.as("operator1")
	pid, got := fileWhileKilled(t, h, func() int { return h.processNamed(pythontest.Name) }, pythontest.Name, input)
	filed := got.data.at("submitIntake")
	if filed.text("status") != "ACCEPTED" || !filed.is("decision.degraded") || !slices.Contains(flags(filed.at("case")), "plugin_degraded") ||
		filed.text("case.office.code") != "sportello" {
		t.Fatalf("taken in without its department: %s", got.body)
	}
	eventually(t, "the request is decided after the department came back", func() bool {
		file := operator.ask(`query($id: ID!) { case(id: $id) { flags decision { degraded computed { value } } } }`,
			variables{"id": filed.text("case.id")}).at("case")
		return !slices.Contains(flags(file), "plugin_degraded") && !file.is("decision.degraded") && file.text("decision.computed.0.value") == "28.65"
	})
	if again := h.processNamed(pythontest.Name); again == pid || alive(pid) {
		t.Errorf("the process %d is still there, the department's is %d", pid, again)
	}
}

// processNamed is the server's child of that name in the list of processes.
func (h *house) processNamed(name string) int {
	h.t.Helper()
	var pid int
	eventually(h.t, "there is a process "+name, func() bool {
		for _, c := range h.children() {
			comm, err := os.ReadFile("/proc/" + strconv.Itoa(c.pid) + "/comm")
			if err == nil && strings.TrimSpace(string(comm)) == name {
				pid = c.pid
				return true
			}
		}
		return false
	})
	return pid
}
