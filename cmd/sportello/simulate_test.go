package main

import (
	"bytes"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/spazio-in-comune/sportello/internal/simulate"
	"github.com/spazio-in-comune/sportello/internal/store/dbtest"
)

// A day of the simulated week passes its own checks on every database, and is the
// same day everywhere: nothing that people meet depends on the database.
func TestE2ESimulatedDay(t *testing.T) {
	t.Parallel()
	want := playDay(t)
	if len(want.Violations) > 0 || len(want.Practices) == 0 || len(want.Visits) == 0 {
		t.Fatalf("a day on SQLite: %+v", want)
	}
	dbtest.Each(t, func(t *testing.T, db dbtest.DB) {
		t.Parallel()
		var args []string
		if db.Name != dbtest.SQLite {
			args = []string{"--database", db.DSN}
		}
		again := playDay(t, args...)
		if diff := cmp.Diff(want, again, cmpopts.IgnoreFields(simulate.Report{}, "Took", "Latency")); diff != "" {
			t.Errorf("the same day again (-first +again):\n%s", diff)
		}
	})
}

// playDay plays a small first day and gives its report.
func playDay(t *testing.T, args ...string) simulate.Report {
	t.Helper()
	file := filepath.Join(t.TempDir(), "report.json")
	args = append([]string{"simulate", "week", "--days", "1", "--scale", "0.06", "--seed", "3", "--report", file}, args...)
	var out bytes.Buffer
	cmd := exec.CommandContext(t.Context(), program(t), args...)
	cmd.Stdout, cmd.Stderr = &out, &out
	if err := cmd.Run(); err != nil {
		t.Fatalf("%v: %v\n%s", args, err, out.Bytes())
	}
	raw, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var report simulate.Report
	if err := json.Unmarshal(raw, &report); err != nil {
		t.Fatal(err)
	}
	return report
}

func TestSimulateRefusesWhatIsNoWeek(t *testing.T) {
	t.Parallel()
	for name, args := range map[string][]string{
		"profile": {"--profile", "carnival"},
		"days":    {"--days", "9"},
	} {
		cmd := exec.CommandContext(t.Context(), program(t), append([]string{"simulate", "week"}, args...)...)
		if out, err := cmd.CombinedOutput(); err == nil {
			t.Errorf("%s: no error\n%s", name, out)
		}
	}
}
