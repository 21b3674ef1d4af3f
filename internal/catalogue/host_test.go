package catalogue

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/spazio-in-comune/sportello/internal/town"
	"github.com/spazio-in-comune/sportello/plugins/sdk"
	"github.com/spazio-in-comune/sportello/plugins/sdk/rpc"
)

func ask(t *testing.T, c *Catalogue, service, practice string) (*sdk.ReviewResponse, error) {
	t.Helper()
	return c.Review(t.Context(), service, "", requestOf(practice))
}

func requestOf(practice string) sdk.ReviewRequest {
	return sdk.ReviewRequest{
		Practice: practice, Now: time.Date(2026, 9, 14, 8, 30, 0, 0, time.UTC),
		Answers: map[string]json.RawMessage{"nome": json.RawMessage(`"Zoë"`)},
	}
}

// value is the one computed value of a review that must succeed.
func value(t *testing.T, c *Catalogue, service, practice string) string {
	t.Helper()
	answer, err := ask(t, c, service, practice)
	if err != nil {
		t.Fatal(err)
	}
	return answer.Computed[0].Value
}

// wantUnavailable checks that an error is the typed one, with its detail.
func wantUnavailable(t *testing.T, err error, detail string) {
	t.Helper()
	var refusal *town.Error
	if !errors.As(err, &refusal) || refusal.Code != town.PluginUnavailable || refusal.Detail != detail {
		t.Fatalf("got %v, want PLUGIN_UNAVAILABLE with detail %q", err, detail)
	}
}

func instance(t *testing.T, c *Catalogue, name string) Instance {
	t.Helper()
	for _, i := range c.Plugins() {
		if i.Name == name {
			return i
		}
	}
	t.Fatalf("no plug-in %s", name)
	return Instance{}
}

// pidOf is the id of a running process, never 0: that would be the group of the
// test itself.
func pidOf(t *testing.T, c *Catalogue, name string) int {
	t.Helper()
	i := instance(t, c, name)
	if i.PID == 0 {
		t.Fatalf("%s does not run: %+v", name, i)
	}
	return i.PID
}

func inState(c *Catalogue, name string, state State) func() bool {
	return func() bool {
		for _, i := range c.Plugins() {
			if i.Name == name {
				return i.State == state
			}
		}
		return false
	}
}

func TestThreeDepartmentsAnswer(t *testing.T) {
	memory := newTestMemory()
	c := startHostWith(t, memory, Limits{}, io.Discard, Bundled("anagrafe"), Bundled("isee"), Bundled("tributi"))
	pids := map[int]bool{os.Getpid(): true}
	for _, name := range []string{"anagrafe", "isee", "tributi"} {
		if got := value(t, c, name, "prova"); got != `"Zoë"` {
			t.Errorf("%s computed %s", name, got)
		}
		i := instance(t, c, name)
		if i.State != Ready || pids[i.PID] || i.Version != "1.0.0" || len(i.SHA256) != 64 || i.Practices[0] != "prova-"+name {
			t.Errorf("instance %+v", i)
		}
		pids[i.PID] = true
		service, ok := c.Service(name)
		if !ok || service.Hash != i.DefinitionHash || service.Definition().Service != name {
			t.Errorf("service %s: %+v", name, service)
		}
		if _, err := memory.LoadDefinition(t.Context(), service.Hash); err != nil {
			t.Errorf("definition of %s: %v", name, err)
		}
	}
	if _, err := ask(t, c, "unknown", "prova"); town.CodeOf(err) != town.NotFound {
		t.Errorf("unknown service: %v", err)
	}
	_, err := c.Review(t.Context(), "isee", strings.Repeat("0", 64), sdk.ReviewRequest{})
	wantUnavailable(t, err, DetailNotRunning)
}

func TestKilledInACall(t *testing.T) {
	c := startHost(t, Limits{}, io.Discard, Bundled("one"), Bundled("two"))
	before := pidOf(t, c, "one")
	failed := make(chan error)
	go func() {
		_, err := ask(t, c, "one", "wait")
		failed <- err
	}()
	time.Sleep(100 * time.Millisecond)
	start := time.Now()
	if err := syscall.Kill(before, syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	wantUnavailable(t, <-failed, string(rpc.Unreachable))
	if took := time.Since(start); took > time.Second {
		t.Errorf("the error took %v", took)
	}
	value(t, c, "two", "prova")
	eventually(t, 5*time.Second, "started anew", inState(c, "one", Ready))
	if got := value(t, c, "one", "pid"); got == strconv.Itoa(before) {
		t.Errorf("the dead process %s answers", got)
	}
}

func TestAnswerOfAGigabyteIsRefused(t *testing.T) {
	c := startHost(t, Limits{Review: 20 * time.Second}, io.Discard, Bundled("raw"))
	before := residentMiB(t)
	_, err := ask(t, c, "raw", "gigabyte")
	wantUnavailable(t, err, string(rpc.TooLarge))
	if grown := residentMiB(t) - before; grown > 64 {
		t.Errorf("the host grew by %d MiB", grown)
	}
}

func residentMiB(t *testing.T) int {
	t.Helper()
	return statusKiB(t, os.Getpid(), "status", "VmRSS:") >> 10
}

// statusKiB reads a figure of a process's account.
func statusKiB(t testing.TB, pid int, file, name string) int {
	t.Helper()
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/%s", pid, file))
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(text)) {
		if fields := strings.Fields(line); len(fields) > 1 && fields[0] == name {
			n, err := strconv.Atoi(fields[1])
			if err != nil {
				t.Fatal(err)
			}
			return n
		}
	}
	t.Fatalf("no %s of process %d", name, pid)
	return 0
}

func TestHungCallIsKilledWithItsGroup(t *testing.T) {
	c := startHost(t, Limits{Review: 2 * time.Second}, io.Discard, Bundled("one"))
	sleeper, err := strconv.Atoi(value(t, c, "one", "fork"))
	if err != nil || !alive(sleeper) {
		t.Fatalf("sleeper %d: %v", sleeper, err)
	}
	process := pidOf(t, c, "one")
	start := time.Now()
	_, err = ask(t, c, "one", "hang")
	wantUnavailable(t, err, string(rpc.Timeout))
	if took := time.Since(start); took > 5*time.Second {
		t.Errorf("the error took %v", took)
	}
	eventually(t, 2*time.Second, "the group is gone", func() bool { return !alive(process) && !alive(sleeper) })
	eventually(t, 30*time.Second, "started anew", inState(c, "one", Ready))
}

func TestCallerWhoGivesUpBlamesNobody(t *testing.T) {
	c := startHost(t, Limits{}, io.Discard, Bundled("one"))
	pid := pidOf(t, c, "one")
	ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	_, err := c.Review(ctx, "one", "", sdk.ReviewRequest{Practice: "wait"})
	if !errors.Is(err, context.DeadlineExceeded) || town.CodeOf(err) == town.PluginUnavailable {
		t.Errorf("got %v", err)
	}
	if i := instance(t, c, "one"); i.PID != pid || i.State != Ready {
		t.Errorf("instance %+v", i)
	}
}

// children counts the living departments of a name whose parent is this process.
func children(t *testing.T, name string) int {
	t.Helper()
	files, err := filepath.Glob("/proc/[0-9]*/cmdline")
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	for _, f := range files {
		cmdline, _ := os.ReadFile(f) // may have ended meanwhile
		stat, _ := os.ReadFile(filepath.Join(filepath.Dir(f), "stat"))
		_, rest, _ := strings.Cut(string(stat), ") ")
		fields := strings.Fields(rest)
		mine := len(fields) > 1 && fields[1] == strconv.Itoa(os.Getpid())
		if mine && strings.HasSuffix(string(cmdline), "\x00serve\x00"+name+"\x00") {
			n++
		}
	}
	return n
}

func TestOutsiderNeedsItsChecksum(t *testing.T) {
	self, sum := pluginFile(t)
	outsider := func(name, path, sum string) Registration {
		return Registration{Name: name, Version: "1.0.0", Command: path, Args: []string{"plugin", "serve", name}, SHA256: sum}
	}
	loose := filepath.Join(filepath.Dir(self), "loose")
	copyFile(t, self, loose, 0o777)
	wrongVersion := outsider("five", self, sum)
	wrongVersion.Version = "2.0.0"
	c := startHost(t, Limits{}, io.Discard,
		outsider("one", self, sum), outsider("two", self, strings.Repeat("ab", 32)),
		outsider("three", loose, sum), outsider("four", self+".missing", sum), wrongVersion)
	value(t, c, "one", "prova")
	for name, words := range map[string]string{
		"two": "checksum differs", "three": "others may change it", "four": "no such file", "five": `registered is "2.0.0"`,
	} {
		if i := instance(t, c, name); i.State == Ready || !strings.Contains(i.LastError, words) {
			t.Errorf("%s: %+v", name, i)
		}
	}
}

// pluginFile is a copy of this test binary in a folder of plug-ins, with its
// checksum.
func pluginFile(t *testing.T) (path, sum string) {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	folder := t.TempDir()
	if err := os.Chmod(folder, 0o755); err != nil {
		t.Fatal(err)
	}
	path = filepath.Join(folder, "plugin")
	copyFile(t, self, path, 0o755)
	if sum, err = Checksum(path); err != nil {
		t.Fatal(err)
	}
	return path, sum
}

func copyFile(t *testing.T, from, to string, mode os.FileMode) {
	t.Helper()
	body, err := os.ReadFile(from)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(to, body, mode); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(to, mode); err != nil {
		t.Fatal(err)
	}
}

func TestRegistrationsAreChecked(t *testing.T) {
	sum := strings.Repeat("ab", 32)
	tests := map[string][]Registration{
		"no name":       {{Command: "/bin/true", SHA256: sum}},
		"odd name":      {{Name: "a/b", Command: "/bin/true", SHA256: sum}},
		"no command":    {{Name: "a", SHA256: sum}},
		"relative path": {{Name: "a", Command: "bin/true", SHA256: sum}},
		"no checksum":   {{Name: "a", Command: "/bin/true"}},
		"odd checksum":  {{Name: "a", Command: "/bin/true", SHA256: "abc"}},
		"twice":         {Bundled("a"), Bundled("a")},
	}
	for name, regs := range tests {
		t.Run(name, func(t *testing.T) {
			if err := checkAll(regs); err == nil {
				t.Error("accepted")
			}
		})
	}
}

func TestEnvironmentIsNotInherited(t *testing.T) {
	t.Setenv("DATABASE_PASSWORD", "geheim")
	c := startHost(t, Limits{}, io.Discard, Bundled("one"))
	env := value(t, c, "one", "environment")
	var variables []string
	if err := json.Unmarshal([]byte(env), &variables); err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, v := range variables {
		name, _, _ := strings.Cut(v, "=")
		names = append(names, name)
	}
	slices.Sort(names)
	want := []string{
		"GOGC", "GOMAXPROCS", "GOMEMLIMIT", "LANG", "PATH", "PLUGIN_CLIENT_CERT", "PLUGIN_MAX_PORT", "PLUGIN_MIN_PORT",
		"PLUGIN_PROTOCOL_VERSIONS", "PLUGIN_UNIX_SOCKET_DIR", rpc.CookieKey, "TMPDIR",
	}
	if diff := cmp.Diff(want, names); diff != "" {
		t.Error(diff)
	}
	if strings.Contains(env, "geheim") {
		t.Error("the department sees the password")
	}
}

func TestNoOrphansWhenTheHostIsKilled(t *testing.T) {
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	host := exec.Command(self, "host", filepath.Join(t.TempDir(), "run"))
	host.Stderr = os.Stderr
	out, err := host.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := host.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = host.Process.Kill() }) // ended below already
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	var pids []int
	for _, field := range strings.Fields(line) {
		pid, err := strconv.Atoi(field)
		if err != nil || !alive(pid) {
			t.Fatalf("process %q of the host is not alive", field)
		}
		pids = append(pids, pid)
	}
	if len(pids) != 3 {
		t.Fatalf("the host said %q", line)
	}
	if err := host.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = host.Wait() // killed, as it should be
	eventually(t, 3*time.Second, "all departments are gone", func() bool {
		for _, pid := range pids {
			if alive(pid) {
				return false
			}
		}
		return true
	})
}

func TestDefinitionOutlivesTheProcess(t *testing.T) {
	memory := newTestMemory()
	first := startHostWith(t, memory, Limits{}, io.Discard, Bundled("one"))
	before, ok := first.Service("one")
	if !ok {
		t.Fatal("no service")
	}
	if err := first.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	list, err := List(t.Context(), memory, false)
	if err != nil || len(list) != 1 || list[0].State != Stopped || list[0].Version != "1.0.0" {
		t.Fatalf("list %+v, %v", list, err)
	}
	broken := Registration{Name: "one", Command: "/nonexistent", SHA256: strings.Repeat("00", 32), Bundled: true}
	second := startHostWith(t, memory, Limits{}, io.Discard, broken)
	after, ok := second.Service("one")
	if !ok || after.Hash != before.Hash || len(second.Services()) != 1 {
		t.Fatalf("the service is now %+v", after)
	}
	if pinned, err := second.ByHash(t.Context(), before.Hash); err != nil || pinned.Definition().Version != "1.0.0" {
		t.Errorf("by hash: %+v, %v", pinned, err)
	}
	if _, err := second.ByHash(t.Context(), strings.Repeat("1", 64)); !errors.Is(err, ErrUnknownDefinition) {
		t.Errorf("unknown hash: %v", err)
	}
	_, err = ask(t, second, "one", "prova")
	if town.CodeOf(err) != town.PluginUnavailable {
		t.Errorf("got %v", err)
	}
}
