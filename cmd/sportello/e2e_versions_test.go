package main

import (
	"crypto/rand"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/spazio-in-comune/sportello/internal/catalogue"
)

// The department from outside that these tests bring along, in as many versions as
// they want.
const (
	civicHall    = "sala-civica"
	hallPractice = "uso-sala"
	followHalls  = `subscription S($after: EventCursor) { update: pluginsChanged(after: $after) {
		kind cursor event { id type } plugin { name version standing state disabledReason } plugins { name } } }`
)

// outsider is the path of its program; made once, when first needed.
var outsider = sync.OnceValues(func() (string, error) {
	folder, err := programs()
	if err != nil {
		return "", err
	}
	path := filepath.Join(folder, "versioned")
	if out, err := exec.Command("go", "build", "-buildvcs=false", "-o", path, "../../internal/catalogue/testdata/versioned").CombinedOutput(); err != nil {
		return "", fmt.Errorf("build the department from outside: %w\n%s", err, out)
	}
	return path, nil
})

// outsideProgram is the path of the program of the department from outside.
func outsideProgram(t *testing.T) string {
	t.Helper()
	path, err := outsider()
	if err != nil {
		t.Fatal(err)
	}
	return path
}

// registerHall registers a version from the command line.
func registerHall(t *testing.T, h *house, args ...string) result {
	t.Helper()
	line := append([]string{"plugin", "register", outsideProgram(t)}, h.place()...)
	return command(t, append(append(line, "--"), args...)...)
}

// testVersions goes through the life of a department that comes from outside while the
// town hall is open: registered, upgraded under load, asked about what it took in
// earlier, taken back, disabled and enabled. Nothing is restarted.
func testVersions(t *testing.T, h *house) {
	admin := h.as("admin")
	changes := admin.follow(followHalls, nil, "")
	if got := changes.snapshot().list("plugins"); len(got) == 0 {
		t.Error("the snapshot shows no department")
	}
	check(t, "register", registerHall(t, h, "1.0.0"), 0, `(?s)^registered sala-civica 1\.0\.0\n.*sha256  [0-9a-f]{64}\n`, `^$`)
	becameCurrent(changes, "1.0.0")
	firstHash := offeredHash(t, h, "1.0.0")
	checkHallTakesNumbers(t, h)
	if got := reviewedBy(fileHall(t, h, nil)); got != "1.0.0" {
		t.Errorf("reviewed by %s", got)
	}
	checkHallRefusals(t, h)

	filed := 1 + upgradeUnderLoad(t, h, changes)
	secondHash := offeredHash(t, h, "2.0.0")
	for hash, want := range map[string]string{firstHash: "1.0.0", secondHash: "2.0.0"} {
		filed++
		if got := reviewedBy(fileHall(t, h, variables{"definitionHash": hash})); got != want {
			t.Errorf("a form of %s is reviewed by %s", want, got)
		}
	}
	if code := h.as("operator1").refused("submitIntake", hallIntake(variables{"definitionHash": strings.Repeat("0", 64)})); code != "CONFLICT" {
		t.Errorf("a form of no version: %s", code)
	}
	checkPinned(t, h, filed)

	check(t, "rollback", h.command("plugin", "rollback", civicHall), 0, `^sala-civica 1\.0\.0 is current\n$`, `^$`)
	changes.event("plugin.rolled_back")
	offeredHash(t, h, "1.0.0")
	if got := reviewedBy(fileHall(t, h, nil)); got != "1.0.0" {
		t.Errorf("after the rollback reviewed by %s", got)
	}
	back := admin.must("rollbackPlugin", `plugin { version standing }`, variables{"name": civicHall, "version": "2.0.0"})
	if back.text("plugin.version") != "2.0.0" || back.text("plugin.standing") != "CURRENT" {
		t.Errorf("a version that runs is not current at once: %v", back)
	}
	offeredHash(t, h, "2.0.0")
	testDisabled(t, h, changes)
}

// becameCurrent reads up to the event that tells it.
func becameCurrent(changes *live, version string) {
	changes.t.Helper()
	changes.until(version+" is current", func(u tree) bool {
		return u.text("event.type") == "plugin.made_current" && u.text("plugin.name") == civicHall && u.text("plugin.version") == version
	})
}

// offeredHash waits until a version takes new intakes and gives the hash of its form.
func offeredHash(t *testing.T, h *house, version string) string {
	t.Helper()
	var hash string
	eventually(t, "new intakes go to "+version, func() bool {
		p := h.public().ask(`query($code: String!) { practice(code: $code) { service { version definitionHash } } }`, variables{"code": hallPractice}).at("practice")
		hash = p.text("service.definitionHash")
		return p.text("service.version") == version
	})
	return hash
}

// checkHallTakesNumbers: a department that came while the doors are open has its letter.
func checkHallTakesNumbers(t *testing.T, h *house) {
	t.Helper()
	label := h.as("kiosk").must("issueTicket", `visit { label }`, variables{"siteId": site, "serviceCode": civicHall, "practiceCode": hallPractice}).text("visit.label")
	if !strings.HasPrefix(label, "J") {
		t.Errorf("its number is %s", label)
	}
}

// hallIntake is a request for the hall, with a key of its own.
func hallIntake(more variables) variables {
	in := variables{"practice": hallPractice, "idempotencyKey": rand.Text(), "answers": map[string]any{
		"nome": "Mario", "cognome": "Rossi", "codice_fiscale": "RSSMRA80A01F205X",
	}}
	maps.Copy(in, more)
	return in
}

// fileHall files a request that must become a case.
func fileHall(t *testing.T, h *house, more variables) tree {
	t.Helper()
	got := submit(h.as("operator1"), hallIntake(more))
	if got.text("status") != "ACCEPTED" {
		t.Fatalf("filed: %v", got)
	}
	return got
}

// reviewedBy is the version that reviewed a request, by its own word.
func reviewedBy(submitted tree) string {
	submitted.t.Helper()
	if computed := submitted.list("decision.computed"); len(computed) == 1 {
		return computed[0].text("value")
	}
	return ""
}

// checkHallRefusals: what cannot be registered is refused with words, and nothing changes.
func checkHallRefusals(t *testing.T, h *house) {
	t.Helper()
	check(t, "the letter of another", registerHall(t, h, "9.0.0", "A"), 1, `^$`, `letter A of the numbers belongs to anagrafe`)
	check(t, "the practice of another", registerHall(t, h, "9.0.0", "J", "isee-corrente-assistenza"), 1, `^$`, `isee-corrente-assistenza belongs to isee`)
	check(t, "no plug-in", command(t, append([]string{"plugin", "register", "/bin/true"}, h.place()...)...), 1, `^$`, `run once and is refused`)
	check(t, "another name", command(t, append([]string{"plugin", "register", outsideProgram(t), "--name", "biblioteca"}, h.place()...)...), 1, `^$`, `describes the department "sala-civica"`)
	check(t, "another checksum", command(t, append([]string{"plugin", "register", outsideProgram(t), "--sha256", strings.Repeat("0", 64)}, h.place()...)...), 1, `^$`, `has the checksum`)
	check(t, "nothing to go back to", h.command("plugin", "rollback", civicHall), 1, `^$`, `no earlier version`)
	check(t, "no such department", h.command("plugin", "disable", "biblioteca"), 1, `^$`, `no department "biblioteca"`)

	input := func(more variables) variables {
		in := variables{"file": "nothing-here", "name": civicHall, "version": "9.0.0", "sha256": strings.Repeat("0", 64)}
		maps.Copy(in, more)
		return in
	}
	for what, in := range map[string]variables{
		"a file that is not there": input(nil), "a path": input(variables{"file": "../sportello.db"}),
		"no checksum": input(variables{"sha256": "abc"}), "no name": input(variables{"name": "Sala Civica"}), "no version": input(variables{"version": ""}),
	} {
		if code := h.as("admin").refused("registerPlugin", in); code != "INVALID" {
			t.Errorf("%s: %s", what, code)
		}
	}
	for _, who := range []string{"operator1", "mayor", "auditor"} {
		if code := h.as(who).refused("restartPlugin", variables{"name": civicHall}); code != "FORBIDDEN" {
			t.Errorf("%s restarts a department: %s", who, code)
		}
	}
}

// upgradeUnderLoad has several people file all the time while a version takes over from
// another, and gives how many cases there are of it: each filed once, none refused, none
// taken in without its department.
func upgradeUnderLoad(t *testing.T, h *house, changes *live) int {
	t.Helper()
	var mu sync.Mutex // guards seen and protocols
	seen, protocols := map[string]int{}, map[string]bool{}
	stop := make(chan struct{})
	var people sync.WaitGroup
	text, _ := mutation(t, "submitIntake", `status replayed case { protocol } decision { degraded to { code } computed { value } }`)
	for n := range 4 {
		operator := h.as(fmt.Sprintf("operator%d", n+1))
		people.Go(func() {
			for {
				select {
				case <-stop:
					return
				default:
				}
				a, err := operator.send(text, variables{"input": hallIntake(nil)})
				got := a.data.at("submitIntake")
				if err != nil || a.code() != "" || got.text("status") != "ACCEPTED" || got.is("decision.degraded") {
					t.Errorf("filed during the upgrade: %s, %v", a.body, err)
					return
				}
				mu.Lock()
				seen[reviewedBy(got)]++
				protocols[got.text("case.protocol")] = true
				mu.Unlock()
			}
		})
	}
	await := func(version string) {
		eventually(t, "requests are reviewed by "+version, func() bool {
			mu.Lock()
			defer mu.Unlock()
			return seen[version] > 3 || t.Failed()
		})
	}
	await("1.0.0")
	registerOverTheAPI(t, h, "2.0.0")
	becameCurrent(changes, "2.0.0")
	await("2.0.0")
	close(stop)
	people.Wait()
	filed := 0
	for _, n := range seen {
		filed += n
	}
	if len(protocols) != filed || len(seen) != 2 {
		t.Errorf("%d requests were filed, %d cases opened; by version: %v", filed, len(protocols), seen)
	}
	return filed
}

// registerOverTheAPI puts the program into the folder of the plug-ins, as an
// administrator does, and registers it. The same request again has no second effect.
func registerOverTheAPI(t *testing.T, h *house, version string) {
	t.Helper()
	file := "sala-civica-" + version
	body, err := os.ReadFile(outsideProgram(t))
	if err == nil {
		err = os.WriteFile(filepath.Join(h.data, "plugins", file), body, 0o500)
	}
	if err != nil {
		t.Fatal(err)
	}
	sum, err := catalogue.Checksum(filepath.Join(h.data, "plugins", file))
	if err != nil {
		t.Fatal(err)
	}
	input := variables{"idempotencyKey": "register " + version, "file": file, "name": civicHall, "version": version, "sha256": sum, "args": []string{version}}
	var ids []string
	for range 2 {
		p := h.as("admin").must("registerPlugin", `plugin { id name version sha256 bundled registeredBy }`, input).at("plugin")
		ids = append(ids, p.text("id"))
		if p.text("version") != version || p.text("sha256") != sum || p.is("bundled") || !strings.HasPrefix(p.text("id"), "plg_") {
			t.Errorf("registered %v", p)
		}
	}
	if ids[0] != ids[1] {
		t.Errorf("the same request registered %v", ids)
	}
}

// checkPinned: both versions run, and each case is pinned to one of them.
func checkPinned(t *testing.T, h *house, filed int) {
	t.Helper()
	standings, open := map[string]string{}, 0
	for _, p := range h.as("admin").ask(`{ plugins { name version standing state openCases series } }`, nil).list("plugins") {
		if p.text("name") != civicHall {
			continue
		}
		standings[p.text("version")] = p.text("standing")
		open += p.number("openCases")
		if p.text("state") != "READY" || p.text("series") != "J" || p.number("openCases") < 2 {
			t.Errorf("%v", p)
		}
	}
	if diff := cmp.Diff(map[string]string{"1.0.0": "KEPT", "2.0.0": "CURRENT"}, standings); diff != "" {
		t.Error(diff)
	}
	if open != filed {
		t.Errorf("%d cases are open, %d were filed", open, filed)
	}
	list := h.command("plugin", "list")
	check(t, "plugin list", list, 0, `(?m)^sala-civica +1\.0\.0 +ready +kept .*\nsala-civica +2\.0\.0 +ready +current `, `^$`)
	if _, page := h.get("/metrics"); !strings.Contains(page, `sportello_department_up{department="sala-civica",standing="kept",state="ready",version="1.0.0"} 1`) {
		t.Error("/metrics does not tell of the kept version")
	}
}

// testDisabled: a department that an administrator has disabled keeps its form, and its
// intakes wait; enabled from the command line, it reviews them.
func testDisabled(t *testing.T, h *house, changes *live) {
	t.Helper()
	admin, operator := h.as("admin"), h.as("operator1")
	disabled := admin.must("disablePlugin", `plugin { state disabledReason }`, variables{"name": civicHall, "reason": "the tariff is wrong"})
	if disabled.text("plugin.disabledReason") != "the tariff is wrong" {
		t.Errorf("disabled: %v", disabled)
	}
	changes.event("plugin.disabled")
	eventually(t, "plugin list shows it disabled", func() bool { return pluginStates(t, h)[civicHall] == "disabled" })
	offeredHash(t, h, "2.0.0")
	waits := fileHall(t, h, nil)
	if !waits.is("decision.degraded") || !slices.Contains(flags(waits.at("case")), "plugin_degraded") {
		t.Errorf("taken in without its department: %v", waits)
	}
	if code := admin.refused("restartPlugin", variables{"name": civicHall}); code != "PRECONDITION_FAILED" {
		t.Errorf("a disabled department is restarted: %s", code)
	}
	check(t, "enable", h.command("plugin", "enable", civicHall), 0, `^sala-civica is enabled\n$`, `^$`)
	start := time.Now()
	changes.event("plugin.enabled")
	if took := time.Since(start); took > 5*time.Second {
		t.Errorf("the server noticed the command after %v", took)
	}
	eventually(t, "the case is reviewed", func() bool {
		file := operator.ask(`query($id: ID!) { case(id: $id) { flags } }`, variables{"id": waits.text("case.id")}).at("case")
		return !slices.Contains(flags(file), "plugin_degraded")
	})
	before := h.department("2.0.0")
	check(t, "restart", h.command("plugin", "restart", civicHall), 0, `^sala-civica gets a new process\n$`, `^$`)
	eventually(t, "a new process", func() bool { return h.department("2.0.0") != before && pluginStates(t, h)[civicHall] == "ready" })
}
