package simulate

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/jedib0t/go-pretty/v6/table"
)

// print writes the report as tables.
func (r *Report) print(out io.Writer) {
	fmt.Fprintf(out, "A %s week, seed %d, played in %s\n\n", r.Profile, r.Seed, r.Took)
	r.printPractices(out)
	r.printVisits(out)
	r.printWaits(out)
	r.printPeople(out)
	r.printCourses(out)
	r.printLatency(out)
	fmt.Fprintf(out, "Live: %d connections were cut off %d times; those held through the week received %d events.\n", r.Live.Streams, r.Live.Cuts, r.Live.Events)
	if len(r.Violations) == 0 {
		fmt.Fprintln(out, "Everything that must hold held.")
		return
	}
	fmt.Fprintf(out, "\n%d violations:\n", len(r.Violations))
	for _, v := range r.Violations {
		fmt.Fprintln(out, "  -", v)
	}
}

func begin(out io.Writer, title string, header ...any) table.Writer {
	t := table.NewWriter()
	t.SetOutputMirror(out)
	t.SetStyle(table.StyleLight)
	t.SetTitle(title)
	t.AppendHeader(header)
	return t
}

func end(out io.Writer, t table.Writer) {
	t.Render()
	fmt.Fprintln(out)
}

func (r *Report) printPractices(out io.Writer) {
	counts := []any{"volume", "planned", "filed", "accepted", "blocked", "turned", "problems", "fulfilled"}
	cells := func(p PracticeRow) table.Row {
		return table.Row{p.Volume, p.Planned, p.Filed, p.Accepted, p.Blocked, p.Turned, p.Problems, p.Fulfilled}
	}
	t := begin(out, "Practices by service", append([]any{"service"}, counts...)...)
	for _, p := range r.Services {
		t.AppendRow(append(table.Row{p.Service}, cells(p)...))
	}
	t.AppendFooter(append(table.Row{"all"}, cells(r.Total)...))
	end(out, t)

	t = begin(out, "Practices by type", append([]any{"practice"}, counts...)...)
	for _, p := range r.Practices {
		t.AppendRow(append(table.Row{p.Practice}, cells(p)...))
	}
	end(out, t)
	if len(r.NeverAccepted) > 0 {
		fmt.Fprintf(out, "Asked for %d times or more and never accepted: %s\n\n", seldom, strings.Join(r.NeverAccepted, ", "))
	}

	t = begin(out, "At the end", "practices stood", "count")
	for _, state := range slices.Sorted(maps.Keys(r.Total.Outcomes)) {
		t.AppendRow(table.Row{state, r.Total.Outcomes[state]})
	}
	end(out, t)
}

// printCourses says what else was done in the offices, and what came of the terms.
func (r *Report) printCourses(out io.Writer) {
	t := begin(out, "What else was done", "with cases and steps", "count")
	for _, what := range slices.Sorted(maps.Keys(r.Courses)) {
		t.AppendRow(table.Row{what, r.Courses[what]})
	}
	end(out, t)
	t = begin(out, "Ledgers of clocks", "entries", "count")
	for _, effect := range slices.Sorted(maps.Keys(r.Terms.Ledger)) {
		t.AppendRow(table.Row{effect, r.Terms.Ledger[effect]})
	}
	end(out, t)
	t = begin(out, "The ladder", "steps stood", "count")
	for _, state := range slices.Sorted(maps.Keys(r.Terms.Steps)) {
		t.AppendRow(table.Row{state, r.Terms.Steps[state]})
	}
	end(out, t)
	fmt.Fprintf(out, "%d clocks, %d of them passed, each due when a clerk says so.\n\n", r.Terms.Clocks, r.Terms.Passed)
}

func (r *Report) printVisits(out io.Writer) {
	t := begin(out, "People", "who", "count")
	for _, row := range []table.Row{
		{"tickets for a practice", r.People.Tickets},
		{"of them served", r.People.Served},
		{"not there when called", r.People.NotThere},
		{"left", r.People.Left},
		{"sent home at the end of the day", r.People.SentHome},
		{"with two practices", r.People.TwoPractices},
		{"only asked", r.People.InfoOnly},
		{"filed from home", r.People.Online},
		{"by post", r.People.ByPost},
	} {
		t.AppendRow(row)
	}
	end(out, t)

	t = begin(out, "Stops of visits", "level", "outcome", "count")
	for _, v := range r.Visits {
		t.AppendRow(table.Row{v.Level, v.Outcome, v.Count})
	}
	end(out, t)

	t = begin(out, "Intakes", "status", "count")
	for _, status := range slices.Sorted(maps.Keys(r.Intakes)) {
		t.AppendRow(table.Row{status, r.Intakes[status]})
	}
	end(out, t)
}

func (r *Report) printWaits(out io.Writer) {
	t := begin(out, "Waits", "day", "served", "mean", "P90", "P95", "within 5 min", "within 10 min")
	minutes := func(seconds float64) string {
		return (time.Duration(seconds) * time.Second).String()
	}
	for _, w := range r.Waits {
		t.AppendRow(table.Row{w.Day, w.Served, minutes(w.MeanSeconds), minutes(w.P90Seconds), minutes(w.P95Seconds), percent(w.Within5), percent(w.Within10)})
	}
	end(out, t)
}

func percent(share float64) string { return fmt.Sprintf("%.0f %%", share*100) }

func (r *Report) printPeople(out io.Writer) {
	t := begin(out, "Satisfaction by level", "level", "scores", "mean", "1 or 2")
	for _, s := range r.Scores {
		t.AppendRow(table.Row{s.Level, s.Count, fmt.Sprintf("%.2f", s.Mean), s.Low})
	}
	end(out, t)

	t = begin(out, "Escalations by level", "level", "step", "count")
	for _, s := range r.Steps {
		t.AppendRow(table.Row{s.Level, s.Step, s.Count})
	}
	end(out, t)
}

func (r *Report) printLatency(out io.Writer) {
	t := begin(out, "API latency (real time)", "operation", "calls", "p50 ms", "p99 ms")
	for _, l := range r.Latency {
		t.AppendRow(table.Row{l.Operation, l.Count, l.P50, l.P99})
	}
	end(out, t)
}
