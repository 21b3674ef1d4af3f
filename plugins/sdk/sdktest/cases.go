package sdktest

import (
	"io/fs"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/spazio-in-comune/sportello/plugins/sdk"
)

// RunCases runs every case file of a folder against a department, as the
// platform does: the form is checked, the department reviews it, the rules of
// the town are merged in. At the end it fails for every routing rule, document
// and fee line that no case applies, or that has a condition and no case leaves
// it out. [Run] does this and more.
func RunCases(t *testing.T, department sdk.Department, town *sdk.Town, folder fs.FS) {
	t.Helper()
	e := mustEngine(t, department, town)
	files, err := ReadCases(folder)
	if err != nil {
		t.Fatal(err)
	}
	for i := range files {
		e.runFile(t, &files[i])
	}
	for _, gap := range e.coverage.gaps(e.service.Definition()) {
		t.Error(gap)
	}
}

// RunExamples runs the case files that stand in a text as blocks of ```yaml, so
// that the examples of a README cannot become wrong.
func RunExamples(t *testing.T, department sdk.Department, town *sdk.Town, text string) {
	t.Helper()
	e := mustEngine(t, department, town)
	blocks := strings.Split(text, "```yaml\n")[1:]
	if len(blocks) == 0 {
		t.Fatal("no example")
	}
	for _, block := range blocks {
		example, _, _ := strings.Cut(block, "```")
		var file File
		folder := fstest.MapFS{"example.yaml": {Data: []byte(example)}}
		if err := sdk.DecodeYAML(folder, "example.yaml", &file); err != nil {
			t.Fatal(err)
		}
		e.runFile(t, &file)
	}
}

func mustEngine(t *testing.T, department sdk.Department, town *sdk.Town) *engine {
	t.Helper()
	e, err := newEngine(t.Context(), department, town)
	if err != nil {
		t.Fatal(err)
	}
	return e
}

func (e *engine) runFile(t *testing.T, file *File) {
	t.Helper()
	for _, c := range file.Cases {
		t.Run(file.Practice+"/"+c.Name, func(t *testing.T) {
			for _, difference := range e.run(t.Context(), file, c) {
				t.Error(difference)
			}
		})
	}
}
