package simulate

import (
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"os"
	"slices"
	"time"

	"github.com/schollz/progressbar/v3"
)

// yearReport is a year in figures. Everything but Seconds is the same for the same seed.
type yearReport struct {
	Weeks   int     `json:"weeks"`
	Seed    uint64  `json:"seed"`
	Seconds float64 `json:"seconds"`

	Planned     int            `json:"planned"`
	Numbers     int            `json:"numbers"`
	Served      int            `json:"served"`
	Filed       int            `json:"filed"`
	Intakes     map[string]int `json:"intakes"`
	Cases       int            `json:"cases"`
	Elsewhere   int            `json:"sentElsewhere"`
	Acts        map[string]int `json:"acts"`
	Refused     map[string]int `json:"refusedByTheLedger"`
	EnteredLate int            `json:"enteredLate"`
	Scores      int            `json:"scores"`
	Steps       map[string]int `json:"stepsTaken"`
	StepStates  map[string]int `json:"stepsAtTheEnd"`

	// TermsPassed and StepsLapsed are what fell due at some midnight.
	TermsPassed int `json:"termsPassed"`
	StepsLapsed int `json:"stepsLapsed"`
	// Clocks are those that the clerk counted too, with the entries of their ledgers.
	Clocks  int            `json:"clocks"`
	Ledger  map[string]int `json:"ledger"`
	Expired int            `json:"expired"`

	Violations []string `json:"violations"`
}

func newYearReport(o YearOptions) *yearReport {
	return &yearReport{
		Weeks: o.Weeks, Seed: o.Seed, Intakes: map[string]int{}, Acts: map[string]int{}, Refused: map[string]int{},
		Steps: map[string]int{}, StepStates: map[string]int{}, Ledger: map[string]int{}, Violations: []string{},
	}
}

func (r *yearReport) violate(what string) { r.Violations = append(r.Violations, what) }

// write prints the report, and keeps it as JSON where a file is named.
func (r *yearReport) write(out io.Writer, file string) error {
	r.print(out)
	if file == "" {
		return nil
	}
	text, err := json.MarshalIndent(r, "", "  ")
	if err != nil {
		return fmt.Errorf("write the report: %w", err)
	}
	if err := os.WriteFile(file, append(text, '\n'), 0o600); err != nil {
		return fmt.Errorf("write the report: %w", err)
	}
	return nil
}

func (r *yearReport) print(out io.Writer) {
	fmt.Fprintf(out, "%d steady weeks, seed %d, played in %s\n\n", r.Weeks, r.Seed, time.Duration(r.Seconds*float64(time.Second)).Truncate(time.Second))
	t := begin(out, "The year", "what", "how many")
	for _, row := range []struct {
		what string
		n    int
	}{
		{"people and letters", r.Planned},
		{"numbers", r.Numbers},
		{"served", r.Served},
		{"requests filed", r.Filed},
		{"cases", r.Cases},
		{"cases sent elsewhere", r.Elsewhere},
		{"papers entered days late", r.EnteredLate},
		{"scores", r.Scores},
		{"terms that did something at a midnight", r.TermsPassed},
		{"steps of the ladder that lapsed", r.StepsLapsed},
		{"clocks compared with the clerk's", r.Clocks},
		{"of them passed", r.Expired},
	} {
		t.AppendRow([]any{row.what, row.n})
	}
	end(out, t)
	counted(out, "What became of the requests", r.Intakes)
	counted(out, "What the offices did", r.Acts)
	counted(out, "What the ledger forbade", r.Refused)
	counted(out, "Entries of the ledgers", r.Ledger)
	counted(out, "Steps of the ladder taken", r.Steps)
	counted(out, "How they stood at the end", r.StepStates)
	if len(r.Violations) == 0 {
		fmt.Fprintln(out, "Everything that must hold held.")
		return
	}
	fmt.Fprintf(out, "\n%d violations:\n", len(r.Violations))
	for _, v := range r.Violations {
		fmt.Fprintln(out, "  -", v)
	}
}

func counted(out io.Writer, title string, by map[string]int) {
	if len(by) == 0 {
		return
	}
	t := begin(out, title, "what", "how many")
	for _, key := range slices.Sorted(maps.Keys(by)) {
		t.AppendRow([]any{key, by[key]})
	}
	end(out, t)
}

// yearProgress is a bar on a terminal, elsewhere a line for each fifth week.
type yearProgress struct {
	out   io.Writer
	bar   *progressbar.ProgressBar
	weeks int
}

func newYearProgress(out io.Writer, weeks int) *yearProgress {
	p := &yearProgress{out: out, weeks: weeks}
	if file, isFile := out.(*os.File); isFile && isTerminal(file) {
		p.bar = progressbar.NewOptions(weeks, progressbar.OptionSetWriter(out), progressbar.OptionShowCount(),
			progressbar.OptionSetDescription("weeks"), progressbar.OptionClearOnFinish())
	}
	return p
}

func (p *yearProgress) show(week int) {
	switch {
	case p.bar != nil:
		_ = p.bar.Set(week) // nobody is left to tell when the terminal is gone
	case week%5 == 0 || week == p.weeks:
		fmt.Fprintf(p.out, "week %d of %d\n", week, p.weeks)
	}
}

func (p *yearProgress) close() {
	if p.bar != nil {
		_ = p.bar.Finish() // as above
	}
}
