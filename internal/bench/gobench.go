package main

import (
	"bufio"
	"bytes"
	"cmp"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"

	"github.com/spazio-in-comune/sportello/internal/store/dbtest"
)

// suite are the Go benchmarks of one package that the table shows.
type suite struct {
	folder, pattern, time string
}

var suites = []suite{
	{"internal/desk", "^BenchmarkIssueTicket$", "1000x"},
	{"internal/casework", "^BenchmarkSubmitIntake$", "500x"},
	{"internal/casework", "^BenchmarkAssess$", "300ms"},
	{"internal/catalogue", "^BenchmarkReview$", "300ms"},
	{"internal/catalogue", "^BenchmarkFifteenDepartments$/^real$", "1x"},
	{"internal/catalogue", "^BenchmarkBurningDepartment$", "500ms"},
	{"internal/access", "^Benchmark(Allows|Refresh)$", "100ms"},
	{"internal/orientation", "^Benchmark(Ask|Build)$", "300ms"},
}

// inProcess are the rows that come from Go benchmarks.
func inProcess() []pairing {
	pairs := []pairing{}
	databases := strings.Fields(os.Getenv(dbtest.EnvExpected))
	if len(databases) == 0 {
		databases = []string{dbtest.SQLite}
	}
	for _, db := range databases {
		for _, act := range []struct{ path, name string }{{"taking a number", "IssueTicket/" + db}, {"submitting an intake", "SubmitIntake/" + db}} {
			path, name := act.path, act.name
			pairs = append(pairs,
				pairing{row: row{path: path + ", 16 clients, " + db, unit: "µs", against: "its statements in plain SQL, through the same door", target: "≥ 0.6"}, ours: name, limit: name, metric: "µs-ours", limitMetric: "µs-plain", scale: 1},
				pairing{row: row{path: "the same, time of the processors of this side", unit: "µs", against: "the same"}, ours: name, limit: name, metric: "µs-cpu-ours", limitMetric: "µs-cpu-plain", scale: 1})
		}
	}
	for _, db := range databases {
		pairs = append(pairs, pairing{row{path: "100,000 terms that passed, two workers, " + db, unit: "s", target: "≤ 60 s"}, "DueTerms/" + db, "", "s/all", 1, ""})
	}
	for _, db := range databases {
		pairs = append(pairs, pairing{row{path: "1,000,000 audit entries verified, " + db, unit: "s", against: "hashing the same bytes, one core", target: "≤ 10 s"}, "Verify/" + db + "/verify", "Verify/" + db + "/hash", "ns/op", 1e-9, ""})
	}
	pairs = append(pairs,
		pairing{row{path: "review by a department", unit: "µs", against: "bare go-plugin call", target: "≥ 0.77"}, "Review/host", "Review/bare", "ns/op", 1e-3, ""},
		pairing{row{path: "15 departments start", unit: "ms", target: "≤ 300"}, "FifteenDepartments/real", "", "ms-start", 1, ""},
		pairing{row{path: "15 departments, memory", unit: "MB PSS", target: "≤ 100"}, "FifteenDepartments/real", "", "MB-pss", 1, ""},
		pairing{row{path: "slowest of 100 answers beside a busy department", unit: "µs", against: "without it", target: "≥ 0.67"}, "BurningDepartment/beside", "BurningDepartment/alone", "p99-ns", 1e-3, ""},
		pairing{row{path: "may the viewer do this", unit: "ns", target: "≤ 100"}, "Allows/one", "", "ns/op", 1, ""},
		pairing{row{path: "the same, with a role in each of 40 offices", unit: "ns", target: "≤ 100"}, "Allows/forty", "", "ns/op", 1, ""},
		pairing{row{path: "rights of a stream, again", unit: "ns", target: "≤ 1000"}, "Refresh", "", "ns/op", 1, ""},
		pairing{row{path: "information point, 65 practices", unit: "µs", against: "a scan of all texts", target: "≤ 20000"}, "Ask/65/point", "Ask/65/scan", "ns/op", 1e-3, ""},
		pairing{row{path: "information point, 1000 practices", unit: "µs", against: "a scan of all texts", target: "≤ 20000"}, "Ask/1000/point", "Ask/1000/scan", "ns/op", 1e-3, ""},
		pairing{row{path: "the same, slowest of 100", unit: "µs", target: "≤ 20000"}, "Ask/1000/point", "", "µs-p99", 1, ""},
		pairing{row{path: "its index, 1000 practices", unit: "ms"}, "Build/1000", "", "ns/op", 1e-6, ""},
		pairing{row{path: "form checked, rules, merge", unit: "µs", target: "≤ 200"}, "Assess", "", "ns/op", 1e-3, ""})
	for _, db := range databases {
		pairs = append(pairs, listRows(db)...)
		pairs = append(pairs, requestRows(db)...)
	}
	return pairs
}

// pages are read once in a run: filling a database takes longer than measuring it.
func pages() []suite {
	return []suite{{"internal/casework", "^BenchmarkCasesPage$", "200x"}, {"internal/casework", "^BenchmarkDueTerms$", "1x"}, {"cmd/sportello", "^BenchmarkCasesRequest$", "200x"}, {"internal/audit", "^BenchmarkVerify$", "1x"}}
}

// requestRows are the rows of lists as they are asked for over GraphQL on a database: by
// callers of several kinds, the first page and a deep one.
func requestRows(db string) (pairs []pairing) {
	for _, who := range []string{"three_busy_offices", "fourteen_offices", "the_auditor", "a_citizen"} {
		for _, depth := range []string{"first", "deep"} {
			name := "CasesRequest/" + db + "/" + who + "/" + depth
			of := depth + " page of 25 cases, " + strings.ReplaceAll(who, "_", " ") + ", " + db
			pairs = append(pairs,
				pairing{row: row{path: "request, " + of, unit: "µs", against: "its statements run raw", target: "≥ 0.25"}, ours: name, limit: name, metric: "µs-request", limitMetric: "µs-statements", scale: 1},
				pairing{row: row{path: "slowest of 20 with the words and the audit of reads, " + of, unit: "ms", target: "≤ 100"}, ours: name, metric: "µs-audited-p95", scale: 1e-3},
				pairing{row: row{path: "of it opening the words, and their audit, " + of, unit: "ms"}, ours: name, metric: "µs-audit", scale: 1e-3})
		}
	}
	return pairs
}

// listRows are the rows of lists on a database: each caller's first page and a deep one.
func listRows(db string) (pairs []pairing) {
	for _, who := range []string{
		"three_busy_offices", "a_small_office", "only_old_cases", "fourteen_offices", "fifteen_offices", "the_auditor", "with_grants", "a_head",
		"the_Help_Point", "a_citizen", "who_filed_a_tenth", "mine,_6_in_100", "a_phase", "by_due_date",
	} {
		for _, depth := range []string{"first", "deep"} {
			name := "CasesPage/" + db + "/" + who + "/" + depth
			pairs = append(pairs, pairing{
				row:  row{path: depth + " page of 50 cases, " + strings.ReplaceAll(who, "_", " ") + ", " + db, unit: "µs", against: "its rows by id", target: "≤ 700"},
				ours: name, limit: name, metric: "µs-page", limitMetric: "µs-rows", scale: 1,
			})
		}
	}
	return pairs
}

// pairing is a row with the benchmarks that fill it, and how their unit becomes the
// row's.
type pairing struct {
	row
	ours, limit, metric string
	scale               float64
	// limitMetric is the limit's, where it is not the same.
	limitMetric string
}

// measureInProcess runs the suites in turns, once a round.
func measureInProcess(ctx context.Context, o options, folder string, t *report) error {
	results := results{}
	progress("lists of %d cases on every database", o.cases)
	for _, s := range pages() {
		if err := s.run(ctx, o, folder, results); err != nil {
			return err
		}
	}
	for round := range o.rounds {
		for _, s := range suites {
			progress("round %d of %d: %s %s", round+1, o.rounds, s.folder, s.pattern)
			if err := s.run(ctx, o, folder, results); err != nil {
				return err
			}
		}
	}
	for _, p := range inProcess() {
		r := p.row
		r.ours, r.limit = scaled(results[p.ours+" "+p.metric], p.scale), scaled(results[p.limit+" "+cmp.Or(p.limitMetric, p.metric)], p.scale)
		t.add(&r)
	}
	return nil
}

func scaled(values []float64, by float64) []float64 {
	list := make([]float64, len(values))
	for i, v := range values {
		list[i] = v * by
	}
	return list
}

// results are what benchmarks measured, by name and unit.
type results map[string][]float64

// run builds the package's tests at the first time and runs the suite once, in the
// package's folder as go test does.
func (s suite) run(ctx context.Context, o options, folder string, into results) error {
	binary := filepath.Join(folder, filepath.Base(s.folder)+".test")
	if _, err := os.Stat(binary); err != nil {
		build := exec.CommandContext(ctx, "go", "test", "-c", "-o", binary, "./"+s.folder)
		if out, err := build.CombinedOutput(); err != nil {
			return fmt.Errorf("build the benchmarks of %s: %w\n%s", s.folder, err, out)
		}
	}
	cmd := exec.CommandContext(ctx, binary, "-test.run", "^$", "-test.bench", s.pattern, "-test.benchtime", s.time)
	cmd.Dir = s.folder
	cmd.Env = append(os.Environ(), "SPORTELLO_BENCH_CASES="+strconv.Itoa(o.cases))
	out, err := cmd.CombinedOutput()
	if err != nil {
		return fmt.Errorf("run the benchmarks of %s: %w\n%s", s.folder, err, out)
	}
	into.read(out)
	return nil
}

var benchmarkLine = regexp.MustCompile(`^Benchmark(\S+?)(-\d+)?\s+\d+\s+(.*)$`)

// read takes the figures from the output of go test -bench.
func (r results) read(out []byte) {
	for lines := bufio.NewScanner(bytes.NewReader(out)); lines.Scan(); {
		m := benchmarkLine.FindStringSubmatch(lines.Text())
		if m == nil {
			continue
		}
		fields := strings.Fields(m[3])
		for i := 0; i+1 < len(fields); i += 2 {
			if v, err := strconv.ParseFloat(fields[i], 64); err == nil {
				key := m[1] + " " + fields[i+1]
				r[key] = append(r[key], v)
			}
		}
	}
}
