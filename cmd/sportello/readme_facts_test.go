package main

import (
	"fmt"
	"io/fs"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/spf13/cobra"

	"github.com/spazio-in-comune/sportello/graph/limits"
	"github.com/spazio-in-comune/sportello/internal/access"
	"github.com/spazio-in-comune/sportello/internal/identity"
	"github.com/spazio-in-comune/sportello/internal/results/tally"
	"github.com/spazio-in-comune/sportello/internal/store"
	"github.com/spazio-in-comune/sportello/internal/vault/vaulttest"
	"github.com/spazio-in-comune/sportello/plugins"
)

// The README is played and checked here, so that it cannot say what is no longer so.

// repositoryRoot is where the README is, seen from this package.
const repositoryRoot = "../.."

func readme(t *testing.T) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(repositoryRoot, "README.md"))
	if err != nil {
		t.Fatalf("read the README: %v", err)
	}
	return string(text)
}

// TestReadmeMakeTargets checks that every `make` command of the README is one that
// `make help` lists.
func TestReadmeMakeTargets(t *testing.T) {
	t.Parallel()
	help, err := exec.CommandContext(t.Context(), "make", "--no-print-directory", "-C", repositoryRoot, "help").Output()
	if err != nil {
		t.Fatalf("make help: %v", err)
	}
	targets := map[string]bool{}
	for _, line := range strings.Split(string(help), "\n") {
		if words := strings.Fields(line); len(words) > 2 && words[0] == "make" {
			targets[words[1]] = true
		}
	}
	named := map[string]bool{}
	for _, match := range regexp.MustCompile("(?m)(?:`|^)make ([a-z][a-z0-9-]*)(?:$|`| [A-Z]+=)").FindAllStringSubmatch(readme(t), -1) {
		named[match[1]] = true
		if !targets[match[1]] {
			t.Errorf("the README names `make %s`, which make help does not list", match[1])
		}
	}
	for target := range targets {
		if !named[target] {
			t.Errorf("the README does not name `make %s`", target)
		}
	}
}

// TestReadmeCommandLine checks that every command and flag of the README's command
// lines exists, and that it names all that are not hidden.
func TestReadmeCommandLine(t *testing.T) {
	t.Parallel()
	root := rootCommand()
	named := map[string]bool{}
	lines := regexp.MustCompile("(?m)(?:`|^)(?:bin/)?sportello ([a-z][^`\n]*)").FindAllStringSubmatch(readme(t), -1)
	for _, line := range lines {
		words, _, _ := strings.Cut(line[1], " #")
		command, rest, err := root.Find(strings.Fields(words))
		if err != nil {
			t.Errorf("the README says %q: %v", line[0], err)
			continue
		}
		named[command.CommandPath()] = true
		for _, word := range rest {
			flag, isFlag := strings.CutPrefix(strings.Trim(word, "[]"), "--")
			flag, _, _ = strings.Cut(flag, "=")
			if !isFlag {
				continue
			}
			if flag == "" {
				break // what follows is another program's
			}
			named[command.CommandPath()+" --"+flag] = true
			if command.Flag(flag) == nil {
				t.Errorf("the README says %q: there is no flag --%s", line[0], flag)
			}
		}
	}
	for _, missing := range slices.Sorted(maps.Keys(commandSurface(root))) {
		if !named[missing] {
			t.Errorf("the README does not show %q", missing)
		}
	}
}

// commandSurface are the commands that do something and their flags, but for hidden ones.
func commandSurface(command *cobra.Command) map[string]bool {
	all := map[string]bool{}
	for _, child := range command.Commands() {
		if child.Hidden || child.Name() == "help" || child.Name() == "completion" {
			continue
		}
		maps.Copy(all, commandSurface(child))
	}
	if command.Runnable() {
		all[command.CommandPath()] = true
		for _, flag := range strings.Fields(command.LocalFlags().FlagUsages()) {
			if name, isFlag := strings.CutPrefix(flag, "--"); isFlag && name != "help" && name != "version" {
				all[command.CommandPath()+" --"+name] = true
			}
		}
	}
	return all
}

// TestReadmeMap checks that the README's table of rooms names every folder with code of
// ours, and none that is not there.
func TestReadmeMap(t *testing.T) {
	t.Parallel()
	rooms, _, _ := strings.Cut(readmeSection(t, "### The rooms"), "\n\n")
	named := map[string]bool{}
	for _, match := range regexp.MustCompile("`([a-z0-9][a-z0-9/-]*)/`").FindAllStringSubmatch(rooms, -1) {
		if !strings.Contains(match[0], "/") || !isRepositoryFolder(match[1]) {
			continue // said within a room
		}
		named[match[1]] = true
		if _, err := os.Stat(filepath.Join(repositoryRoot, match[1])); err != nil {
			t.Errorf("the README names %s: %v", match[1], err)
		}
	}
	for _, folder := range codeFolders(t) {
		if !named[folder] {
			t.Errorf("the README does not name %s", folder)
		}
	}
}

// isRepositoryFolder reports whether the path begins at the top of the repository.
func isRepositoryFolder(path string) bool {
	first, _, _ := strings.Cut(path, "/")
	info, err := os.Stat(filepath.Join(repositoryRoot, first))
	return err == nil && info.IsDir()
}

// codeFolders are the folders with Go files, without what is generated, data of tests
// and the departments, which their own line names together.
func codeFolders(t *testing.T) []string {
	t.Helper()
	var folders []string
	err := filepath.WalkDir(repositoryRoot, func(path string, d fs.DirEntry, err error) error {
		if err != nil || !d.IsDir() {
			return err
		}
		rel := filepath.ToSlash(strings.TrimPrefix(strings.TrimPrefix(path, repositoryRoot), string(filepath.Separator)))
		name := d.Name()
		if name == "testdata" || rel != "" && strings.HasPrefix(name, ".") || strings.HasPrefix(rel, "ent/") {
			return filepath.SkipDir
		}
		files, err := filepath.Glob(filepath.Join(path, "*.go"))
		if err != nil || len(files) == 0 {
			return err
		}
		if helpers := map[string]bool{"departmentpb": true, "gen": true, "withdb": true}; helpers[name] {
			return nil
		}
		for _, bundled := range plugins.All() {
			if rel == "plugins/"+bundled.Name {
				return nil
			}
		}
		folders = append(folders, rel)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return folders
}

// TestReadmeLimits checks the README's figures against the table in the code.
func TestReadmeLimits(t *testing.T) {
	t.Parallel()
	table := reflect.ValueOf(limits.Default())
	rows := limitRow.FindAllStringSubmatch(readmeSection(t, "### Limits"), -1)
	for _, row := range rows {
		field := table.FieldByName(row[1])
		if !field.IsValid() {
			t.Errorf("there is no limit %s", row[1])
			continue
		}
		if got := fmt.Sprint(field.Interface()); got != row[2] {
			t.Errorf("%s is %s, the README says %s", row[1], got, row[2])
		}
	}
	if len(rows) < 10 {
		t.Errorf("only %d limits were read", len(rows))
	}
}

// limitRow is a name in backticks and what stands in the next column.
var limitRow = regexp.MustCompile("(?m)^\\| `([A-Za-z]+)` \\| ([^ |]+) \\|")

// TestReadmeCloseCodes checks that the README explains the codes with which a socket is
// closed: all of them and no other.
func TestReadmeCloseCodes(t *testing.T) {
	t.Parallel()
	source := sourceText(t, "graph/transport/close.go")
	_, source, _ = strings.Cut(source, "const (")
	source, _, _ = strings.Cut(source, "\n)")
	compareWithReadme(t, "close codes",
		matchesOf(`\b(1\d{3}|44\d{2})\b`, source),
		matchesOf(`(?m)^\| (\d{4}) \|`, readmeSection(t, "## Live data")))
}

// TestReadmeMetrics checks that the README lists the metrics of ours.
func TestReadmeMetrics(t *testing.T) {
	t.Parallel()
	compareWithReadme(t, "metrics",
		matchesOf(`"(sportello_[a-z_]+)"`, sourceText(t, "cmd/sportello/metrics.go")),
		matchesOf("`(sportello_[a-z_]+)`", readmeSection(t, "## Operations")))
}

// TestReadmeNames checks that the README names all people of a demo town.
func TestReadmeNames(t *testing.T) {
	t.Parallel()
	text := readmeSection(t, "## Signing in")
	for _, name := range readmeTownNames(t) {
		switch office, isOffice := strings.CutPrefix(strings.Replace(name, "head.", "officer.", 1), "officer."); {
		case isOffice:
			name = office
		case strings.HasPrefix(name, "citizen") || strings.HasPrefix(name, "operator"):
			continue // said as a series
		}
		if !strings.Contains(text, "`"+name+"`") {
			t.Errorf("the README does not name %s", name)
		}
	}
}

func readmeTownNames(t *testing.T) []string {
	t.Helper()
	s, err := store.Open(t.Context(), store.Config{Dir: t.TempDir(), Attach: access.Attach, Sign: access.Sign})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = s.Close() }()
	if err := identity.SeedDemo(t.Context(), s, vaulttest.New(t, s)); err != nil {
		t.Fatal(err)
	}
	names, err := identity.Names(t.Context(), s)
	if err != nil || len(names) < 20 {
		t.Fatalf("names of the demo town: %v, %v", names, err)
	}
	return names
}

// readmeSection is the text under a heading, to the next one of its level or above.
func readmeSection(t *testing.T, heading string) string {
	t.Helper()
	_, text, found := strings.Cut(readme(t), "\n"+heading+"\n")
	if !found {
		t.Fatalf("the README has no section %q", heading)
	}
	end := regexp.MustCompile(`(?m)^#{1,` + strconv.Itoa(strings.Index(heading, " ")) + `} `).FindStringIndex(text)
	if end != nil {
		text = text[:end[0]]
	}
	return strings.TrimLeft(text, "\n")
}

func sourceText(t *testing.T, path string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(repositoryRoot, path))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// matchesOf are the first groups of all matches, each once and in order.
func matchesOf(pattern, text string) []string {
	found := map[string]bool{}
	for _, match := range regexp.MustCompile(pattern).FindAllStringSubmatch(text, -1) {
		found[match[1]] = true
	}
	return slices.Sorted(maps.Keys(found))
}

func compareWithReadme(t *testing.T, what string, code, words []string) {
	t.Helper()
	if diff := cmp.Diff(code, words); diff != "" || len(code) == 0 {
		t.Errorf("%s: the code (-) and the README (+) differ:\n%s", what, diff)
	}
}

// TestReadmeProjections: the table of projections is the one in the code.
func TestReadmeProjections(t *testing.T) {
	t.Parallel()
	text := readme(t)
	for _, p := range tally.Projections() {
		figures := make([]string, len(p.Figures))
		for i, f := range p.Figures {
			figures[i] = "`" + string(f) + "`"
		}
		row := "| " + p.Name + " | " + strings.Join(figures, ", ") + " |"
		if !strings.Contains(text, row) {
			t.Errorf("the README has no row %s", row)
		}
	}
	if rows, want := strings.Count(readmeBetween(text, "| projection | figures |", "\n\n"), "\n")-1, len(tally.Projections()); rows != want {
		t.Errorf("the README has %d projections, there are %d", rows, want)
	}
}

func readmeBetween(text, from, to string) string {
	_, after, _ := strings.Cut(text, from)
	between, _, _ := strings.Cut(after, to)
	return between
}
