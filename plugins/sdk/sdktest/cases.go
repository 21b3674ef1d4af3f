package sdktest

import (
	"encoding/json"
	"fmt"
	"io/fs"
	"maps"
	"path"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/spazio-in-comune/sportello/plugins/sdk"
	"github.com/spazio-in-comune/sportello/plugins/sdk/calc"
)

// File is a case file: what people wrote in the form of one practice, and what
// must come of it. It is written by who knows the office; a clerk's report of a
// wrong decision becomes a case, not code.
//
//	practice: tessera-elettorale
//	now: '2026-11-23T10:00'        local time
//	answers: {nome: Mario, …}      a valid form, the base of every case
//	cases:
//	  - name: card never received
//	    answers: {motivo_tessera: mai_ricevuta}     over the base; null takes away
//	    ambient: {resident: true}
//	    decision: {to: stato-civile, fired: [tessera-elettorale/r2]}
//	  - name: no reason given
//	    answers: {motivo_tessera: null}
//	    problems: [motivo_tessera required]
type File struct {
	Practice string         `yaml:"practice"`
	Now      string         `yaml:"now"`
	Answers  map[string]any `yaml:"answers"`
	Cases    []Case         `yaml:"cases"`
}

// Case is one form. It has either problems, as "path code" in form order, or a
// decision.
type Case struct {
	Name     string         `yaml:"name"`
	Now      string         `yaml:"now"`
	Answers  map[string]any `yaml:"answers"`
	Ambient  map[string]any `yaml:"ambient"`
	Problems []string       `yaml:"problems"`
	Decision *Decision      `yaml:"decision"`
}

// Decision is what a case expects. Where it goes and which rules fired are
// always compared; the rest only if it is written.
type Decision struct {
	// To is the default route of the service if it is not written.
	To string `yaml:"to"`
	// Fired are the ids of the rules that hold, those of the town included.
	Fired []string `yaml:"fired"`

	Priority       *string           `yaml:"priority"`
	Appointment    *string           `yaml:"appointment"`
	SlotMinutes    *int              `yaml:"slot_minutes"`
	HomeVisit      *bool             `yaml:"home_visit"`
	Silence        *string           `yaml:"silence"`
	Deadline       *string           `yaml:"deadline"` // "6 working_days"
	Alternatives   []string          `yaml:"alternatives"`
	Documents      []string          `yaml:"documents"`
	ExtraDocuments []string          `yaml:"extra_documents"`
	Fees           []string          `yaml:"fees"`
	Blocks         []string          `yaml:"blocks"` // ids of the rules that block
	Notify         []string          `yaml:"notify"`
	Milestones     []string          `yaml:"milestones"`
	Set            map[string]string `yaml:"set"`
	// Computed are the values by computation, in order.
	Computed map[string][]string `yaml:"computed"`
}

// RunCases runs every case file of a folder against a department, as the
// platform does: the form is checked, the department reviews it, the rules of
// the town are merged in. At the end it fails for every routing rule, document
// and fee line that no case applies, or that has a condition and no case leaves
// it out.
func RunCases(t *testing.T, department sdk.Department, town *sdk.Town, folder fs.FS) {
	t.Helper()
	r := newRunner(t, department, town)
	files, err := fs.Glob(folder, "*.yaml")
	if err != nil || len(files) == 0 {
		t.Fatalf("no case files: %v", err)
	}
	for _, name := range files {
		var file File
		if err := sdk.DecodeYAML(folder, name, &file); err != nil {
			t.Fatal(err)
		}
		if stem := strings.TrimSuffix(path.Base(name), ".yaml"); stem != file.Practice {
			t.Errorf("%s holds cases of %s: name it after its practice", name, file.Practice)
		}
		r.runFile(t, file)
	}
	for _, gap := range r.coverage.gaps(r.service.Definition()) {
		t.Error(gap)
	}
}

// RunExamples runs the case files that stand in a text as blocks of ```yaml, so
// that the examples of a README cannot become wrong.
func RunExamples(t *testing.T, department sdk.Department, town *sdk.Town, text string) {
	t.Helper()
	r := newRunner(t, department, town)
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
		r.runFile(t, file)
	}
}

func (r *runner) runFile(t *testing.T, file File) {
	t.Helper()
	for _, c := range file.Cases {
		t.Run(file.Practice+"/"+c.Name, func(t *testing.T) { r.run(t, file, c) })
	}
}

type runner struct {
	department sdk.Department
	service    *sdk.Service
	global     *sdk.GlobalRules
	town       *sdk.Town
	coverage   coverage
}

func newRunner(t *testing.T, department sdk.Department, town *sdk.Town) *runner {
	t.Helper()
	described, err := department.Describe(t.Context(), sdk.DescribeRequest{})
	if err != nil {
		t.Fatalf("describe: %v", err)
	}
	service, err := sdk.Compile(described.Definition, town)
	if err != nil {
		t.Fatal(err)
	}
	global, err := sdk.CompileGlobal(town)
	if err != nil {
		t.Fatal(err)
	}
	return &runner{department, service, global, town, coverage{}}
}

func (r *runner) run(t *testing.T, file File, c Case) {
	practice, ok := r.service.Practice(file.Practice)
	if !ok {
		t.Fatalf("the department has no practice %q", file.Practice)
	}
	if (c.Problems == nil) == (c.Decision == nil) {
		t.Fatal("a case has either problems or a decision")
	}
	now, err := moment(file.Now, c.Now)
	if err != nil {
		t.Fatal(err)
	}
	facts := sdk.Facts{Now: now, Ambient: asJSON(t, c.Ambient), Calendar: r.town.Calendar}
	in, problems := practice.Check(asJSON(t, overlay(file.Answers, c.Answers)), facts)
	if diff := cmp.Diff(c.Problems, asLines(problems)); diff != "" {
		t.Fatalf("problems (-want +got):\n%s", diff)
	}
	if c.Decision == nil {
		return
	}
	decision := r.decide(t, in, facts)
	for _, difference := range differences(r.service.Definition(), *c.Decision, decision) {
		t.Error(difference)
	}
	r.coverage.add(practice.Definition(), decision)
}

// decide asks the department and merges its rules with those of the town.
func (r *runner) decide(t *testing.T, in *sdk.Intake, facts sdk.Facts) sdk.Decision {
	t.Helper()
	resp, err := r.department.Review(t.Context(), sdk.ReviewRequest{
		Practice: in.Practice().Definition().ID, Answers: in.Answers(),
		Now: facts.Now, Ambient: facts.Ambient, Calendar: facts.Calendar,
	})
	if err != nil {
		t.Fatalf("review: %v", err)
	}
	if len(resp.Problems) > 0 {
		t.Fatalf("the department finds problems: %v", asLines(resp.Problems))
	}
	if err := r.service.CheckFired(in.Practice().Definition().ID, resp.Fired, r.town); err != nil {
		t.Fatal(err)
	}
	return sdk.Merge(in, resp.Fired, r.global.Fire(in), resp.Computed)
}

// moment reads the local time of a case, or that of its file.
func moment(file, own string) (time.Time, error) {
	if own == "" {
		own = file
	}
	day, clock, _ := strings.Cut(own, "T")
	date, err := calc.ParseDate(day)
	if err != nil {
		return time.Time{}, err
	}
	at, err := time.Parse("15:04", clock)
	if err != nil {
		return time.Time{}, fmt.Errorf("read %q: want YYYY-MM-DDTHH:MM", own)
	}
	return calc.Local(date, at.Hour(), at.Minute(), calc.Rome()), nil
}

func overlay(base, own map[string]any) map[string]any {
	all := maps.Clone(base)
	for name, value := range own {
		if all[name] = value; value == nil {
			delete(all, name)
		}
	}
	return all
}

func asJSON(t *testing.T, values map[string]any) map[string]json.RawMessage {
	t.Helper()
	out := make(map[string]json.RawMessage, len(values))
	for name, value := range values {
		raw, err := json.Marshal(value)
		if err != nil {
			t.Fatalf("answer %s: %v", name, err)
		}
		out[name] = raw
	}
	return out
}

func asLines(problems []sdk.Problem) []string {
	var lines []string
	for _, p := range problems {
		lines = append(lines, p.Path+" "+p.Code)
	}
	return lines
}
