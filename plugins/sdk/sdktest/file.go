package sdktest

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"path"
	"strings"
	"time"

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
	DeadlineWords  *sdk.Text         `yaml:"deadline_words"`
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

// ReadCases reads the case files of a folder, *.yaml, in alphabetical order. Each
// is named after its practice. A folder without one is an error.
func ReadCases(folder fs.FS) ([]File, error) {
	names, err := fs.Glob(folder, "*.yaml")
	if err != nil {
		return nil, fmt.Errorf("list the case files: %w", err)
	}
	if len(names) == 0 {
		return nil, errors.New("there are no case files, *.yaml, in the folder")
	}
	files := make([]File, 0, len(names))
	for _, name := range names {
		var file File
		if err := sdk.DecodeYAML(folder, name, &file); err != nil {
			return nil, err
		}
		if stem := strings.TrimSuffix(path.Base(name), ".yaml"); stem != file.Practice {
			return nil, fmt.Errorf("%s holds cases of %s: name it after its practice", name, file.Practice)
		}
		files = append(files, file)
	}
	return files, nil
}

// Form is what a case puts before the platform: the answers, those of its file
// under its own, and what is decided with besides them. The calendar is the
// caller's.
func (f *File) Form(c Case) (answers map[string]json.RawMessage, facts sdk.Facts, err error) {
	if facts.Now, err = moment(f.Now, c.Now); err != nil {
		return nil, facts, err
	}
	if facts.Ambient, err = asJSON(c.Ambient); err != nil {
		return nil, facts, err
	}
	answers, err = asJSON(overlay(f.Answers, c.Answers))
	return answers, facts, err
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

func asJSON(values map[string]any) (map[string]json.RawMessage, error) {
	out := make(map[string]json.RawMessage, len(values))
	for name, value := range values {
		if day, ok := value.(time.Time); ok { // a date without quotes
			value = day.Format(time.DateOnly)
		}
		raw, err := json.Marshal(value)
		if err != nil {
			return nil, fmt.Errorf("answer %s: %w", name, err)
		}
		out[name] = raw
	}
	return out, nil
}

func asLines(problems []sdk.Problem) []string {
	var lines []string
	for _, p := range problems {
		lines = append(lines, p.Path+" "+p.Code)
	}
	return lines
}
