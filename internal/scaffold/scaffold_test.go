package scaffold

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

const source = "../.." // of the platform

func plan(t *testing.T) Plan {
	t.Helper()
	return Plan{Name: "orti-urbani", Out: filepath.Join(t.TempDir(), "kit", "orti"), SDK: source, Program: "/bin/sportello", Taken: []string{"anagrafe"}}
}

func TestWrite(t *testing.T) {
	t.Parallel()
	p := plan(t)
	names, err := Write(p)
	if err != nil {
		t.Fatal(err)
	}
	want := []string{
		"go.mod", "go.sum", "Makefile", "README.md", "cases/domanda-orti-urbani.yaml", "computations.go", "department.go",
		"department_test.go", ".gitignore", "main.go", "practices/domanda-orti-urbani.yaml", "service.yaml",
	}
	if diff := cmp.Diff(want, names); diff != "" {
		t.Errorf("files (-want +got):\n%s", diff)
	}
	for _, name := range names {
		text, err := os.ReadFile(filepath.Join(p.Out, name))
		if err != nil || len(text) == 0 || strings.Contains(string(text), "<no value>") {
			t.Errorf("%s: %v, %d bytes", name, err, len(text))
		}
	}
	card, err := os.ReadFile(filepath.Join(p.Out, "service.yaml"))
	if err != nil || !strings.Contains(string(card), "service: orti-urbani\n") || !strings.Contains(string(card), "'Orti urbani'") || !strings.Contains(string(card), "series: W\n") {
		t.Errorf("the card: %v\n%s", err, card)
	}
	checkNothingElse(t, p)
}

// checkNothingElse finds what a failed or a finished write left behind.
func checkNothingElse(t *testing.T, p Plan) {
	t.Helper()
	entries, err := os.ReadDir(filepath.Dir(p.Out))
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		t.Fatal(err)
	}
	for _, e := range entries {
		if e.Name() != filepath.Base(p.Out) {
			t.Errorf("left behind: %s", e.Name())
		}
	}
}

func TestAnEmptyFolderIsTaken(t *testing.T) {
	t.Parallel()
	p := plan(t)
	if err := os.MkdirAll(p.Out, 0o755); err != nil {
		t.Fatal(err)
	}
	if _, err := Write(p); err != nil {
		t.Error(err)
	}
}

func TestRefused(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		change func(*testing.T, *Plan)
		says   string
	}{
		"no name":              {func(_ *testing.T, p *Plan) { p.Name = "" }, `the name ""`},
		"capital letters":      {func(_ *testing.T, p *Plan) { p.Name = "Orti" }, `the name "Orti"`},
		"a path":               {func(_ *testing.T, p *Plan) { p.Name = "../orti" }, "the name"},
		"a hyphen at the end":  {func(_ *testing.T, p *Plan) { p.Name = "orti-" }, "the name"},
		"a very long name":     {func(_ *testing.T, p *Plan) { p.Name = strings.Repeat("a", 41) }, "longer than 40"},
		"a name that is taken": {func(_ *testing.T, p *Plan) { p.Name = "anagrafe" }, `has a service "anagrafe"`},
		"a word as series":     {func(_ *testing.T, p *Plan) { p.Series = "OR" }, `the series "OR"`},
		"no folder":            {func(_ *testing.T, p *Plan) { p.Out = "" }, "--out DIR"},
		"a folder in use": {func(t *testing.T, p *Plan) {
			p.Out = t.TempDir()
			if err := os.WriteFile(filepath.Join(p.Out, "mine"), nil, 0o600); err != nil {
				t.Fatal(err)
			}
		}, "is not empty"},
		"a file in its place": {func(t *testing.T, p *Plan) {
			p.Out = filepath.Join(t.TempDir(), "file")
			if err := os.WriteFile(p.Out, nil, 0o600); err != nil {
				t.Fatal(err)
			}
		}, "look into"},
		"no SDK":      {func(_ *testing.T, p *Plan) { p.SDK = "" }, "--sdk PATH"},
		"another SDK": {func(t *testing.T, p *Plan) { p.SDK = t.TempDir() }, "is not the platform's source"},
		"another module": {func(t *testing.T, p *Plan) {
			p.SDK = t.TempDir()
			if err := os.WriteFile(filepath.Join(p.SDK, "go.mod"), []byte("module example.org/x\n\ngo 1.26\n"), 0o600); err != nil {
				t.Fatal(err)
			}
		}, "is the module example.org/x"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := plan(t)
			tt.change(t, &p)
			names, err := Write(p)
			if !errors.Is(err, ErrPlan) || !strings.Contains(err.Error(), tt.says) || names != nil {
				t.Errorf("got %v, %v; want %q", names, err, tt.says)
			}
		})
	}
}

// A write that fails half way leaves nothing.
func TestAllOrNothing(t *testing.T) {
	t.Parallel()
	p := plan(t)
	p.SDK = t.TempDir() // without go.sum
	text := "module " + Module + "\n\ngo 1.26\n"
	if err := os.WriteFile(filepath.Join(p.SDK, "go.mod"), []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := Write(p); err == nil {
		t.Fatal("written without checksums")
	}
	if _, err := os.Stat(p.Out); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the folder is there: %v", err)
	}
	checkNothingElse(t, p)
}

func TestFindSDK(t *testing.T) {
	t.Parallel()
	root, err := filepath.Abs(source)
	if err != nil {
		t.Fatal(err)
	}
	if got := FindSDK("/", filepath.Join(root, "internal", "scaffold")); got != root {
		t.Errorf("found %q, want %q", got, root)
	}
	if got := FindSDK(t.TempDir()); got != "" {
		t.Errorf("found %q", got)
	}
}

// The list of modules is what the packages of a department import.
func TestNeeded(t *testing.T) {
	t.Parallel()
	out, err := exec.Command("go", "list", "-deps", "-f", "{{with .Module}}{{.Path}}{{end}}",
		"../../plugins/sdk/sdktest", "../../plugins/sdk/rpc", "../../plugins/town").Output()
	if err != nil {
		t.Fatal(err)
	}
	modules := strings.Fields(string(out))
	slices.Sort(modules)
	modules = slices.DeleteFunc(slices.Compact(modules), func(m string) bool { return m == Module })
	if diff := cmp.Diff(modules, needed()); diff != "" {
		t.Errorf("modules (-imported +listed):\n%s", diff)
	}
}
