package catalogue

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/spazio-in-comune/sportello/internal/store"
	"github.com/spazio-in-comune/sportello/internal/town"
	"github.com/spazio-in-comune/sportello/plugins/sdk"
	"github.com/spazio-in-comune/sportello/plugins/sdk/rpc"
)

// TestMain makes the test binary a department, or a host, when it is started as
// one: the processes of these tests are real.
func TestMain(m *testing.M) {
	if len(os.Args) == 4 && os.Args[1] == "plugin" && os.Args[2] == "serve" {
		serveTestDepartment(os.Args[3])
		return
	}
	if len(os.Args) == 3 && os.Args[1] == "host" {
		hostUntilKilled(os.Args[2])
		return
	}
	os.Exit(m.Run())
}

// serveTestDepartment is the process of the department of that name. Most are
// good; the others do what their names say.
func serveTestDepartment(name string) {
	misbehaveAtStart(name)
	switch name {
	case "raw":
		serveRaw()
	case "stream":
		serveStream()
	default:
		name, version, _ := strings.Cut(name, "@")
		rpc.Serve(testDepartment{name, version})
	}
}

// testDepartment does in a review what the practice says. Its version is 1.0.0 where
// none is named.
type testDepartment struct{ name, version string }

func (d testDepartment) Describe(context.Context, sdk.DescribeRequest) (*sdk.DescribeResponse, error) {
	return describe(d.name, d.version)
}

func (d testDepartment) Review(ctx context.Context, req sdk.ReviewRequest) (*sdk.ReviewResponse, error) {
	if answer, handled, err := misbehaveInACall(ctx, req.Practice); handled {
		return answer, err
	}
	switch req.Practice {
	case "environment":
		variables, err := json.Marshal(os.Environ())
		if err != nil {
			return nil, err
		}
		return computed("environment", string(variables))
	case "environment-of-the-host":
		text, err := os.ReadFile(fmt.Sprintf("/proc/%d/environ", os.Getppid()))
		return computed("environment", fmt.Sprint(string(text), err))
	case "version":
		return computed("version", d.version)
	case "pid":
		return computed("pid", strconv.Itoa(os.Getpid()))
	}
	return computed("answers", string(req.Answers["nome"]))
}

func computed(name, value string) (*sdk.ReviewResponse, error) {
	return &sdk.ReviewResponse{Computed: []sdk.Computed{{Name: name, Value: value, Kind: "text"}}}, nil
}

// startSleeper leaves a descendant behind that holds the department's output
// open; a daemon leaves the process group, too.
func startSleeper(daemon bool) int {
	cmd := exec.Command("sleep", "600")
	stdout, stderr := duplicate(1), duplicate(2)
	defer func() { _, _ = stdout.Close(), stderr.Close() }()
	cmd.Stdout, cmd.Stderr = stdout, stderr
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: daemon}
	if err := cmd.Start(); err != nil {
		fmt.Fprintln(os.Stderr, "sleeper:", err)
		return 0
	}
	return cmd.Process.Pid
}

// duplicate is a copy of one of this process's standard files, whatever the library has
// put in the place of os.Stdout. A file of the number itself would close it for everybody
// when it is collected as garbage.
func duplicate(fd int) *os.File {
	copied, err := unix.FcntlInt(uintptr(fd), unix.F_DUPFD_CLOEXEC, 0)
	if err != nil {
		panic(err)
	}
	return os.NewFile(uintptr(copied), "copy of "+strconv.Itoa(fd))
}

// flood writes n bytes to the log, forged lines among them.
func flood(n int) int {
	stderr := duplicate(2)
	defer func() { _ = stderr.Close() }()
	log := bufio.NewWriter(stderr)
	line := `level=ERROR msg="the mayor resigned" department=segreteria` + "\n"
	for written := 0; written < n; written += len(line) {
		_, _ = log.WriteString(line)
	}
	_ = log.Flush()
	return n
}

// hostUntilKilled runs a host with three departments and prints the ids of their
// processes.
func hostUntilKilled(folder string) {
	c, err := New(context.Background(), Config{
		Plugins: []Registration{Bundled("one"), Bundled("two"), Bundled("three")},
		Memory:  newTestMemory(), Clock: town.SystemClock{}, SocketFolder: folder,
		Logger: slog.New(slog.DiscardHandler),
	})
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	if err := c.Settled(context.Background()); err != nil {
		os.Exit(1)
	}
	var ids []string
	for _, p := range c.Plugins() {
		ids = append(ids, strconv.Itoa(p.PID))
	}
	fmt.Println(strings.Join(ids, " "))
	select {}
}

// testMemory is a Memory without a database.
type testMemory struct {
	mu          sync.Mutex
	definitions map[string]StoredDefinition
	rows        []Instance
	stamp       int64
	states      map[string][]State // every state that was saved, by name
}

func newTestMemory() *testMemory {
	return &testMemory{definitions: map[string]StoredDefinition{}, states: map[string][]State{}}
}

func (m *testMemory) SaveDefinition(_ context.Context, def StoredDefinition) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if _, kept := m.definitions[def.Hash]; !kept {
		m.definitions[def.Hash] = def
	}
	return nil
}

func (m *testMemory) LoadDefinition(_ context.Context, hash string) (StoredDefinition, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	def, ok := m.definitions[hash]
	if !ok {
		return def, ErrUnknownDefinition
	}
	return def, nil
}

func (m *testMemory) SaveState(_ context.Context, i Instance) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	for n, row := range m.rows {
		if row.ID == i.ID {
			m.rows[n].State, m.rows[n].Failures, m.rows[n].LastError = i.State, i.Failures, i.LastError
		}
	}
	m.states[i.Name] = append(m.states[i.Name], i.State)
	return nil
}

func (m *testMemory) Instances(context.Context) ([]Instance, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return slices.Clone(m.rows), nil
}

func (m *testMemory) Stamp(context.Context) (int64, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.stamp, nil
}

func (m *testMemory) Change(_ context.Context, _ string, f func(*Ledger) error) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	l := newLedger(m.rows, nil, time.Now())
	if err := f(l); err != nil {
		return err
	}
	m.rows = nil
	for _, row := range l.rows {
		m.rows = append(m.rows, *row)
	}
	m.stamp++
	return nil
}

func (m *testMemory) ChangeOnce(ctx context.Context, _ store.Once, f func(*Ledger) (string, error)) (id string, err error) {
	err = m.Change(ctx, "", func(l *Ledger) error {
		id, err = f(l)
		return err
	})
	return id, err
}

// startHost starts a host for one test and waits for its departments.
func startHost(t *testing.T, limits Limits, out io.Writer, regs ...Registration) *Catalogue {
	t.Helper()
	return startHostWith(t, newTestMemory(), limits, out, regs...)
}

// startHostWith registers those of the house at the start, the others before it.
func startHostWith(t *testing.T, memory Memory, limits Limits, out io.Writer, regs ...Registration) *Catalogue {
	t.Helper()
	var bundled []Registration
	for _, reg := range regs {
		if reg.Bundled {
			bundled = append(bundled, reg)
			continue
		}
		register(t, memory, reg)
	}
	c, err := New(t.Context(), Config{
		Plugins: bundled, LookEvery: 20 * time.Millisecond, Memory: memory, Clock: town.SystemClock{},
		Logger:       slog.New(slog.NewJSONHandler(out, nil)),
		SocketFolder: filepath.Join(t.TempDir(), "run"), PluginFolder: folderOf(regs), Limits: limits,
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := c.Close(context.Background()); err != nil {
			t.Error(err)
		}
	})
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	if err := c.Settled(ctx); err != nil {
		t.Fatal(err)
	}
	return c
}

// folderOf is where the first plug-in of somebody else lies.
func folderOf(regs []Registration) string {
	for _, reg := range regs {
		if !reg.Bundled {
			return filepath.Dir(reg.Command)
		}
	}
	return ""
}

// register registers a version as the command line does.
func register(t *testing.T, memory Memory, reg Registration) {
	t.Helper()
	err := memory.Change(t.Context(), "register", func(l *Ledger) error {
		_, err := l.Register(reg, nil, "test")
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

// eventually waits for something that happens soon, in real time.
func eventually(t *testing.T, limit time.Duration, what string, holds func() bool) {
	t.Helper()
	for end := time.Now().Add(limit); time.Now().Before(end); time.Sleep(10 * time.Millisecond) {
		if holds() {
			return
		}
	}
	t.Fatalf("not within %v: %s", limit, what)
}

func alive(pid int) bool {
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return false
	}
	_, rest, _ := strings.Cut(string(stat), ") ")
	return !strings.HasPrefix(rest, "Z") // a zombie runs no more
}
