package simulate

import (
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"math"
	"os"
	"slices"
	"time"
)

// Report is a week in figures. Everything but Took and Latency is the same for the
// same seed.
type Report struct {
	Profile   string        `json:"profile"`
	Seed      uint64        `json:"seed"`
	Took      string        `json:"took"`
	Total     PracticeRow   `json:"total"`
	Services  []PracticeRow `json:"services"`
	Practices []PracticeRow `json:"practices"`
	// NeverAccepted are the practice types asked for three times or more of which
	// not one was accepted.
	NeverAccepted []string       `json:"neverAccepted"`
	People        PeopleRow      `json:"people"`
	Visits        []VisitRow     `json:"visits"`
	Waits         []WaitRow      `json:"waits"`
	Scores        []ScoreRow     `json:"satisfaction"`
	Steps         []StepRow      `json:"escalations"`
	Intakes       map[string]int `json:"intakes"`
	Linked        int            `json:"linkedCases"`
	// Courses count what offices and holders did besides deciding and answering.
	Courses map[string]int `json:"courses"`
	// Terms are the clocks of all cases at the end, each of which a clerk counted too.
	Terms   TermRow      `json:"terms"`
	Live    LiveRow      `json:"live"`
	Latency []LatencyRow `json:"latency"`
	// Violations are what did not hold; empty is what is wanted.
	Violations []string `json:"violations"`
}

// PracticeRow is what became of the practices of one type, or of a whole service
// where Practice is empty. Planned is what the week has of them, Volume what it
// should have. What was filed was accepted, blocked by a rule, turned into another
// practice, or came back with problems; what was not, belonged to people who left
// or did not come. Outcomes is how they all stood at the end: IN_PROGRESS are cases
// that the week left open, within their term.
type PracticeRow struct {
	Service   string         `json:"service"`
	Practice  string         `json:"practice,omitempty"`
	Volume    float64        `json:"volume"`
	Planned   int            `json:"planned"`
	Filed     int            `json:"filed"`
	Accepted  int            `json:"accepted"`
	Blocked   int            `json:"blocked"`
	Turned    int            `json:"turned"`
	Problems  int            `json:"problems"`
	Fulfilled int            `json:"fulfilled"`
	Outcomes  map[string]int `json:"outcomes"`
}

// PeopleRow is who came: with a ticket for a practice, only to ask, or not at all.
// Served are those of the tickets whose practices were dealt with.
type PeopleRow struct {
	Tickets      int `json:"tickets"`
	Served       int `json:"served"`
	NotThere     int `json:"notThere"`
	Left         int `json:"left"`
	SentHome     int `json:"sentHome"`
	TwoPractices int `json:"twoPractices"`
	InfoOnly     int `json:"infoOnly"`
	Online       int `json:"online"`
	ByPost       int `json:"byPost"`
}

// VisitRow is how many stops of visits at an access level ended how.
type VisitRow struct {
	Level   int    `json:"level"`
	Outcome string `json:"outcome"`
	Count   int    `json:"count"`
}

// WaitRow is how long people waited, in seconds of the simulated time: on a day, in
// the week, or in the week at the counter.
type WaitRow struct {
	Day         string  `json:"day"`
	Served      int     `json:"served"`
	MeanSeconds float64 `json:"meanSeconds"`
	P90Seconds  float64 `json:"p90Seconds"`
	P95Seconds  float64 `json:"p95Seconds"`
	Within5     float64 `json:"within5Minutes"`
	Within10    float64 `json:"within10Minutes"`
}

// ScoreRow is what people said at an access level.
type ScoreRow struct {
	Level int     `json:"level"`
	Count int     `json:"count"`
	Mean  float64 `json:"mean"`
	Low   int     `json:"low"`
}

// StepRow is how often a step of the ladder was offered or opened.
type StepRow struct {
	Level int    `json:"level"`
	Step  string `json:"step"`
	Count int    `json:"count"`
}

// TermRow is how many clocks there were, how often one passed, what stands in their
// ledgers, and how the steps of the ladder stood at the end.
type TermRow struct {
	Clocks int            `json:"clocks"`
	Passed int            `json:"passed"`
	Ledger map[string]int `json:"ledger"`
	Steps  map[string]int `json:"steps"`
}

// LiveRow is what the live connections did.
type LiveRow struct {
	Streams int `json:"streams"`
	Cuts    int `json:"cuts"`
	Events  int `json:"events"`
}

// LatencyRow is how long an operation of the API took, in milliseconds of real time.
type LatencyRow struct {
	Operation string  `json:"operation"`
	Count     int     `json:"count"`
	P50       float64 `json:"p50Ms"`
	P99       float64 `json:"p99Ms"`
}

// report puts the week into figures.
func (w *week) report(took time.Duration) *Report {
	r := &Report{
		Profile: w.options.Profile, Seed: w.options.Seed, Took: took.Round(time.Millisecond).String(),
		People: w.peopleRow(), Waits: waitRows(w.tally.waits, w.tally.queue), Scores: scoreRows(w.tally.scores),
		Intakes: w.tally.intakes, Linked: w.tally.linked, Courses: w.tally.courses, Live: w.streams.live(), Latency: latencyRows(w.api.took),
		Violations: append([]string{}, w.faults...),
	}
	r.Total, r.Services, r.Practices = practiceRows(w.practices, w.scale, w.tally.outcomes)
	if w.found != nil {
		r.Terms = TermRow{Clocks: w.found.clocks, Passed: w.found.expired, Ledger: w.found.ledger, Steps: w.found.stepStates}
	}
	r.NeverAccepted = neverAccepted(r.Practices)
	for kind, n := range w.tally.legs {
		r.Visits = append(r.Visits, VisitRow{kind.level, kind.outcome, n})
	}
	slices.SortFunc(r.Visits, func(a, b VisitRow) int {
		return cmp.Or(cmp.Compare(a.Level, b.Level), cmp.Compare(a.Outcome, b.Outcome))
	})
	for kind, n := range w.tally.steps {
		r.Steps = append(r.Steps, StepRow{kind.level, kind.what, n})
	}
	slices.SortFunc(r.Steps, func(a, b StepRow) int {
		return cmp.Or(cmp.Compare(a.Level, b.Level), cmp.Compare(a.Step, b.Step))
	})
	return r
}

// waitRows are the waits of each day, of the week, and of the week's queue of the
// counter alone, which is the one that others publish.
func waitRows(waits map[string][]time.Duration, queue []time.Duration) []WaitRow {
	row := func(day string, of []time.Duration) WaitRow {
		return WaitRow{
			Day: day, Served: len(of), MeanSeconds: rounded(meanOf(of).Seconds()),
			P90Seconds: rounded(quantile(sorted(of), 0.9).Seconds()), P95Seconds: rounded(quantile(sorted(of), 0.95).Seconds()),
			Within5: rounded(within(of, 5*time.Minute)), Within10: rounded(within(of, 10*time.Minute)),
		}
	}
	var rows []WaitRow
	var all []time.Duration
	// The day of the month orders the days of a week that stays within one.
	for _, day := range slices.SortedFunc(maps.Keys(waits), func(a, b string) int { return cmp.Compare(a[4:6], b[4:6]) }) {
		rows = append(rows, row(day, waits[day]))
		all = append(all, waits[day]...)
	}
	return append(rows, row("week", all), row("counter", queue))
}

func scoreRows(scores map[int][]int) []ScoreRow {
	var rows []ScoreRow
	for _, level := range slices.Sorted(maps.Keys(scores)) {
		row := ScoreRow{Level: level, Count: len(scores[level]), Mean: rounded(meanScore(scores[level]))}
		for _, s := range scores[level] {
			if s <= 2 {
				row.Low++
			}
		}
		rows = append(rows, row)
	}
	return rows
}

func latencyRows(took map[string][]time.Duration) []LatencyRow {
	ms := func(d time.Duration) float64 { return rounded(float64(d) / float64(time.Millisecond)) }
	var rows []LatencyRow
	for _, operation := range slices.Sorted(maps.Keys(took)) {
		times := sorted(took[operation])
		rows = append(rows, LatencyRow{operation, len(times), ms(quantile(times, 0.5)), ms(quantile(times, 0.99))})
	}
	return rows
}

// live counts what the live connections did. Where a visit or a case began to be
// followed is a matter of moments, so events are those of the connections held
// through the week.
func (s *streams) live() LiveRow {
	row := LiveRow{Streams: len(s.pairs) + len(s.boards)}
	for _, f := range s.cuttable() {
		_, cut := f.connections()
		row.Cuts += cut
	}
	for _, p := range s.pairs[:s.held] {
		row.Events += len(p.live.received())
	}
	return row
}

// rounded keeps two decimals.
func rounded(f float64) float64 { return math.Round(f*100) / 100 }

// write prints the tables and writes the file, if one is named.
func (r *Report) write(out io.Writer, file string) error {
	r.print(out)
	if file == "" {
		return nil
	}
	raw, err := json.MarshalIndent(r, "", "  ")
	if err != nil {
		return fmt.Errorf("write the report: %w", err)
	}
	if err := os.WriteFile(file, append(raw, '\n'), 0o600); err != nil {
		return fmt.Errorf("write the report: %w", err)
	}
	return nil
}
