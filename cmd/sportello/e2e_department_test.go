package main

import (
	"encoding/json"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// child is a process that the server started.
type child struct {
	pid  int
	args []string
}

// children are the server's processes, its departments, read from the system.
func (h *house) children() []child {
	h.t.Helper()
	stats, err := filepath.Glob("/proc/[0-9]*/stat")
	if err != nil || len(stats) == 0 {
		h.t.Fatalf("this system does not show its processes: %v", err)
	}
	var all []child
	for _, path := range stats {
		stat, err := os.ReadFile(path)
		if err != nil {
			continue // ended meanwhile
		}
		_, rest, _ := strings.Cut(string(stat), ") ")
		if fields := strings.Fields(rest); len(fields) < 2 || fields[1] != strconv.Itoa(h.pid()) || fields[0] == "Z" {
			continue
		}
		line, _ := os.ReadFile(filepath.Join(filepath.Dir(path), "cmdline"))
		pid, err := strconv.Atoi(filepath.Base(filepath.Dir(path)))
		if err != nil {
			h.t.Fatal(err)
		}
		all = append(all, child{pid, strings.Split(strings.TrimRight(string(line), "\x00"), "\x00")})
	}
	return all
}

// department is the process of that name.
func (h *house) department(name string) int {
	h.t.Helper()
	var pid int
	eventually(h.t, "the department "+name+" has a process", func() bool {
		for _, c := range h.children() {
			if slices.Contains(c.args, name) {
				pid = c.pid
				return true
			}
		}
		return false
	})
	return pid
}

// alive reports whether the process still runs.
func alive(pid int) bool {
	stat, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/stat")
	if err != nil {
		return false
	}
	_, rest, _ := strings.Cut(string(stat), ") ")
	return !strings.HasPrefix(rest, "Z") // a zombie runs no more
}

// testDepartmentKilled kills a department's process in the middle of a call. The
// intake is taken in all the same and marked; the other departments go on; the
// process comes back, and then the case is reviewed.
func testDepartmentKilled(t *testing.T, h *house) {
	const name = "tributi-patrimonio"
	pid, a := fileWhileKilled(t, h, func() int { return h.department(name) }, name, variables{"practice": practice, "answers": instalments(nil)})
	got := a.data.at("submitIntake")
	if got.text("status") != "ACCEPTED" || !got.is("decision.degraded") || !slices.Contains(flags(got.at("case")), "plugin_degraded") ||
		got.text("case.office.code") != "tributi-patrimonio" || got.text("case.protocol") == "" {
		t.Fatalf("taken in without its department: %s", a.body)
	}
	checkOthersUnhurt(t, h)

	officer, id := h.as("officer.tributi-patrimonio"), got.text("case.id")
	eventually(t, "the case is reviewed after its department came back", func() bool {
		file := officer.ask(`query($id: ID!) { case(id: $id) { flags decision { degraded } } }`, variables{"id": id}).at("case")
		return !slices.Contains(flags(file), "plugin_degraded") && !file.is("decision.degraded")
	})
	if again := h.department(name); again == pid || alive(pid) {
		t.Errorf("the process %d is still there, the department's is %d", pid, again)
	}
	eventually(t, "plugin list shows the department ready", func() bool { return pluginStates(t, h)[name] == "ready" })
}

// fileWhileKilled files an intake, kills the department's process in the middle of the
// call, and gives the pid that was killed. On a busy machine the call may come so late
// that it meets the next process and is reviewed as usual: then it waits longer and
// tries again.
func fileWhileKilled(t *testing.T, h *house, process func() int, name string, input variables) (pid int, got answer) {
	t.Helper()
	operator := h.as("operator1")
	text, _ := mutation(t, "submitIntake", `status `+caseFields+` decision { degraded to { code } }`)
	for _, wait := range []time.Duration{300 * time.Millisecond, 900 * time.Millisecond, 1500 * time.Millisecond} {
		pid = process()
		if err := syscall.Kill(pid, syscall.SIGSTOP); err != nil { // so that the call is not over before the kill
			t.Fatal(err)
		}
		filed := make(chan answer, 1)
		go func() {
			again := maps.Clone(input)
			again["idempotencyKey"] = "degraded " + name + wait.String()
			a, err := operator.send(text, variables{"input": again})
			if err != nil {
				t.Error(err)
			}
			filed <- a
		}()
		time.Sleep(wait)
		if err := syscall.Kill(pid, syscall.SIGKILL); err != nil {
			t.Fatal(err)
		}
		if got = <-filed; got.data.at("submitIntake").is("decision.degraded") {
			return pid, got
		}
		eventually(t, "the department is back", func() bool { return pluginStates(t, h)[name] == "ready" })
	}
	return pid, got
}

// checkOthersUnhurt files with another department.
func checkOthersUnhurt(t *testing.T, h *house) {
	t.Helper()
	answers := mario()
	for name, value := range map[string]any{
		"tipo_certificato": []string{"residenza"}, "intestatario_cf": answers["codice_fiscale"], "destinatario": "notaio", "uso": "bollo", "copie": 1,
	} {
		answers[name] = value
	}
	got := submit(h.as("operator1"), variables{"practice": "certificato-anagrafico", "answers": answers})
	if got.text("status") != "ACCEPTED" || got.is("decision.degraded") {
		t.Errorf("another department meanwhile: %v", got)
	}
}

// pluginStates are the states that the command line tells.
func pluginStates(t *testing.T, h *house) map[string]string {
	t.Helper()
	got := h.command("plugin", "list", "--json")
	var list []struct {
		Name, Version, SHA256, State string
		Practices                    []string
	}
	if err := json.Unmarshal([]byte(got.out), &list); err != nil || got.code != 0 {
		t.Fatalf("plugin list --json: exit %d, %v\n%s%s", got.code, err, got.out, got.err)
	}
	states := map[string]string{}
	for _, p := range list {
		if p.Version == "" || len(p.SHA256) != 64 || len(p.Practices) == 0 {
			t.Errorf("plugin list --json tells too little: %+v", p)
		}
		states[p.Name] = p.State
	}
	return states
}
