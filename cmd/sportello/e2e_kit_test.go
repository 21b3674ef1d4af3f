package main

import (
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

// testKit is the afternoon of a department's developer: a new department is
// written, tested and built outside of the repository, put to the tests of the
// contract as a process, and registered with the running town, which offers it
// without being built or started anew.
func testKit(t *testing.T, h *house) {
	const name, id = "sale-civiche", "domanda-sale-civiche"
	out := filepath.Join(t.TempDir(), "tools", name)
	expect(t, command(t, "plugin", "new", name, "--out", out), 0, "next: cd "+out)
	expect(t, command(t, "plugin", "new", name, "--out", out), 2, "is not empty")

	makeIn(t, out, "test", "build")
	binary := filepath.Join(out, "bin", name)
	expect(t, command(t, "plugin", "test", "--cases", filepath.Join(out, "cases"), binary), 0, "all checks passed")
	expect(t, command(t, "plugin", "test", "/bin/true"), 1, "FAIL  process      the handshake")
	expect(t, command(t, "plugin", "test", "/no/such/file"), 2, "there is no executable")

	before := h.pid()
	expect(t, h.command("plugin", "register", "--name", name, binary), 0, "registered "+name+" 0.1.0")
	public := h.public()
	eventually(t, "the service is offered", func() bool {
		services := public.ask(`{ services { code state } }`, nil).list("services")
		return slices.ContainsFunc(services, func(s tree) bool { return s.text("code") == name && s.text("state") == "READY" })
	})
	form := public.ask(`query($code: String!) { practice(code: $code) { form { fields { name when } jsonSchema } } }`, variables{"code": id}).at("practice.form")
	if form.at("jsonSchema.properties.prezzo_ingresso").v == nil {
		t.Errorf("the form: %v", form)
	}
	operator := h.as("operator1")
	ticket := h.as("kiosk").must("issueTicket", `visit { label }`, variables{"siteId": site, "serviceCode": name, "practiceCode": id})
	if label := ticket.text("visit.label"); !strings.HasPrefix(label, "W") {
		t.Errorf("the ticket is %q", label)
	}

	answers := mario()
	delete(answers, "agisce_per_altri")
	maps.Copy(answers, map[string]any{
		"titolo_evento": "Lettura", "data_evento": time.Now().AddDate(0, 2, 0).Format(time.DateOnly), "ore": 3, "a_pagamento": false,
	})
	bad := maps.Clone(answers)
	bad["a_pagamento"] = true // and no price
	if got := submit(operator, variables{"practice": id, "answers": bad}); got.text("status") != "PROBLEMS" {
		t.Errorf("without the price: %v", got)
	}
	got := submit(operator, variables{"practice": id, "answers": answers})
	if got.text("status") != "ACCEPTED" || got.is("decision.degraded") || got.text("decision.computed.0.value") != "36.00" || got.text("case.office.code") != "sportello" {
		t.Errorf("an intake: %v", got)
	}
	if h.pid() != before {
		t.Error("the server was started anew")
	}
	checkDiff(t, h, out, got.text("case.protocol"))
}

// checkDiff is the next version of that department, held against the one that serves
// before it goes live: on the request that was filed, and on the case files.
func checkDiff(t *testing.T, h *house, out, protocol string) {
	t.Helper()
	const name = "sale-civiche"
	expect(t, h.command("plugin", "diff", name, name), 0, "nothing would change")

	old := filepath.Join(out, "bin", "old")
	if err := os.Rename(filepath.Join(out, "bin", name), old); err != nil {
		t.Fatal(err)
	}
	rewrite(t, filepath.Join(out, "service.yaml"), "version: 0.1.0", "version: 0.2.0", "value: '12.00'", "value: '15.00'")
	rewrite(t, filepath.Join(out, "practices", "domanda-"+name+".yaml"), `when: "ore > 8"`, `when: "ore > 2"`)
	makeIn(t, out, "build")
	next := filepath.Join(out, "bin", name)

	got := h.command("plugin", "diff", name+"@0.1.0", next)
	expect(t, got, 1, protocol)
	for _, words := range []string{name + ": 0.1.0 → 0.2.0", "fires now        domanda-" + name + "/r1", "computed         another value"} {
		expect(t, got, 1, words)
	}
	for _, answer := range []string{"Lettura", "RSSMRA80A01F205X", "45.00"} {
		if strings.Contains(got.out+got.err, answer) {
			t.Errorf("an answer is told: %s", got.out)
		}
	}
	cases := filepath.Join(out, "cases")
	expect(t, command(t, "plugin", "diff", "--cases", cases, old, next), 1, "hall_fee 36.00, deadline 2026-12-09 → hall_fee 45.00")
	expect(t, command(t, "plugin", "diff", "--cases", cases, "--json", old, old), 0, `"changes": []`)
	expect(t, command(t, "plugin", "diff", old, next), 2, "nothing to replay")
	expect(t, h.command("plugin", "diff", name+"@9.9.9", next), 2, "is not registered")
}

// rewrite replaces texts in a file, each of which must be there.
func rewrite(t *testing.T, path string, pairs ...string) {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for i := 0; i < len(pairs); i += 2 {
		if !strings.Contains(string(text), pairs[i]) {
			t.Fatalf("%s has no %q", path, pairs[i])
		}
	}
	if err := os.WriteFile(path, []byte(strings.NewReplacer(pairs...).Replace(string(text))), 0o600); err != nil {
		t.Fatal(err)
	}
}

// expect fails unless a command ended with the code and said the words.
func expect(t *testing.T, got result, code int, words string) {
	t.Helper()
	if got.code != code || !strings.Contains(got.out+got.err, words) {
		t.Fatalf("exit code %d, want %d with %q\n%s%s", got.code, code, words, got.out, got.err)
	}
}

// makeIn runs make in a department's folder as its developer does, but without the
// network: what the SDK needed must do.
func makeIn(t *testing.T, folder string, targets ...string) {
	t.Helper()
	cmd := exec.Command("make", targets...)
	cmd.Dir = folder
	cmd.Env = append(os.Environ(), "GOPROXY=off", "GOFLAGS=-mod=readonly", "GOWORK=off")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("make %v: %v\n%s", targets, err, out)
	}
}
