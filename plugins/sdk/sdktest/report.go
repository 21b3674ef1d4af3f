package sdktest

import (
	"fmt"
	"io"
	"strings"
)

// Report is what the suite found out about a department. As JSON it is what
// `sportello plugin test --json` prints.
type Report struct {
	Service string `json:"service"`
	Version string `json:"version"`
	// Checks are in the order in which they were made.
	Checks []Check `json:"checks"`

	suite *suite // that made it; nil if none did
}

// Check is one promise of the contract and whether it was kept.
type Check struct {
	// Group is the part of the contract: process, definition, texts, answers, …
	Group string `json:"group"`
	Name  string `json:"name"`
	// Contract is what a department promises, See where that is written.
	Contract string `json:"contract"`
	See      string `json:"see"`
	// Mend is what to do about a failure.
	Mend string `json:"mend"`
	// Tried counts what was put to the test.
	Tried int `json:"tried"`
	// Skipped says why nothing was tried; empty if something was.
	Skipped string `json:"skipped,omitempty"`
	// Failures are at most [maxFailures]; Failed counts them all.
	Failures []Failure `json:"failures,omitempty"`
	Failed   int       `json:"failed"`
}

// Failure is one promise broken once.
type Failure struct {
	// Did is what the suite did, Got what came back.
	Did string `json:"did"`
	Got string `json:"got"`
}

// maxFailures bounds what one check shows: the first ones tell enough.
const maxFailures = 10

// Tell notes one thing that was tried; an empty got means that it went well.
func (c *Check) Tell(did, got string) {
	c.Tried++
	if got == "" {
		return
	}
	c.Failed++
	if len(c.Failures) < maxFailures {
		c.Failures = append(c.Failures, Failure{did, got})
	}
}

// Failed counts the checks that failed.
func (r *Report) Failed() int {
	n := 0
	for i := range r.Checks {
		if r.Checks[i].Failed > 0 {
			n++
		}
	}
	return n
}

// Write prints the report for a person: one line for each group that is fine,
// failures in full, a summary.
func (r *Report) Write(w io.Writer) {
	_, _ = fmt.Fprintf(w, "%s %s\n\n", orUnknown(r.Service), r.Version)
	for i := 0; i < len(r.Checks); {
		end := i
		for end < len(r.Checks) && r.Checks[end].Group == r.Checks[i].Group {
			end++
		}
		writeGroup(w, r.Checks[i:end])
		i = end
	}
	if failed := r.Failed(); failed > 0 {
		_, _ = fmt.Fprintf(w, "\n%d of %d checks failed\n", failed, len(r.Checks))
		return
	}
	_, _ = fmt.Fprintf(w, "\nall checks passed: %d, skipped: %d\n", len(r.Checks)-r.skipped(), r.skipped())
}

func (r *Report) skipped() int {
	n := 0
	for i := range r.Checks {
		if r.Checks[i].Skipped != "" {
			n++
		}
	}
	return n
}

func writeGroup(w io.Writer, checks []Check) {
	good, tried := 0, 0
	for i := range checks {
		if checks[i].Failed == 0 && checks[i].Skipped == "" {
			good++
			tried += checks[i].Tried
		}
	}
	if good > 0 {
		_, _ = fmt.Fprintf(w, "ok    %-12s %d checks, %d tries\n", checks[0].Group, good, tried)
	}
	for i := range checks {
		c := &checks[i]
		switch {
		case c.Skipped != "":
			_, _ = fmt.Fprintf(w, "skip  %-12s %s: %s\n", c.Group, c.Name, c.Skipped)
		case c.Failed > 0:
			c.write(w)
		}
	}
}

// write prints a failed check in full.
func (c *Check) write(w io.Writer) {
	_, _ = fmt.Fprintf(w, "FAIL  %-12s %s\n", c.Group, c.Name)
	for _, f := range c.Failures {
		_, _ = fmt.Fprintf(w, "        did       %s\n        got       %s\n", f.Did, indent(f.Got))
	}
	if more := c.Failed - len(c.Failures); more > 0 {
		_, _ = fmt.Fprintf(w, "        and %d more of %d\n", more, c.Tried)
	}
	_, _ = fmt.Fprintf(w, "        contract  %s\n        see       %s\n        mend      %s\n", c.Contract, c.See, c.Mend)
}

// indent keeps what follows the first line under it.
func indent(text string) string {
	return strings.ReplaceAll(strings.TrimRight(text, "\n"), "\n", "\n                  ")
}

func orUnknown(service string) string {
	if service == "" {
		return "(no service)"
	}
	return service
}
