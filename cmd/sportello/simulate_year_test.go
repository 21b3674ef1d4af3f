package main

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// Some weeks of a year pass the clerk's check, and the same seed gives the same weeks. A year plays on SQLite alone: what
// its rooms store is tested on every database by themselves.
func TestE2ESimulatedYear(t *testing.T) {
	t.Parallel()
	first := playWeeks(t)
	for _, some := range []string{"clocks", "expired", "cases", "scores"} {
		if n, _ := first[some].(float64); n == 0 {
			t.Errorf("no %s in %v", some, first)
		}
	}
	if diff := cmp.Diff(first, playWeeks(t)); diff != "" {
		t.Errorf("the same weeks again (-first +again):\n%s", diff)
	}
}

// playWeeks plays a few small weeks and gives their report, but for the time that it took.
func playWeeks(t *testing.T) map[string]any {
	t.Helper()
	file := filepath.Join(t.TempDir(), "report.json")
	cmd := exec.CommandContext(t.Context(), program(t), "simulate", "year", "--fast", "--weeks", "6", "--scale", "0.05", "--report", file)
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	raw, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var report map[string]any
	if err := json.Unmarshal(raw, &report); err != nil {
		t.Fatal(err)
	}
	delete(report, "seconds")
	return report
}

func TestSimulateYearSaysHowItIsPlayed(t *testing.T) {
	t.Parallel()
	for name, args := range map[string][]string{"not fast": nil, "too long": {"--fast", "--weeks", "51"}, "no week": {"--fast", "--weeks", "0"}} {
		cmd := exec.CommandContext(t.Context(), program(t), append([]string{"simulate", "year"}, args...)...)
		if out, err := cmd.CombinedOutput(); err == nil {
			t.Errorf("%s: no error\n%s", name, out)
		}
	}
}
