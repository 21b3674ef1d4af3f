package rehearse

import (
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/spazio-in-comune/sportello/internal/catalogue"
	"github.com/spazio-in-comune/sportello/plugins/sdk/sdktest"
)

func self(t *testing.T, name string) catalogue.Registration {
	t.Helper()
	path, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	return catalogue.Registration{
		Command: path, Args: []string{"department", name}, PlainSocket: name == "ill" || name == "deaf",
	}
}

// failed are the names of the failed checks.
func failed(r *sdktest.Report) []string {
	var names []string
	for _, c := range r.Checks {
		if c.Failed > 0 {
			names = append(names, c.Name)
		}
	}
	return names
}

func conform(t *testing.T, reg catalogue.Registration) *sdktest.Report {
	t.Helper()
	report, err := Conform(t.Context(), reg, sdktest.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return report
}

func TestAGoodProcess(t *testing.T) {
	t.Parallel()
	for _, plain := range []bool{false, true} {
		reg := self(t, "good")
		reg.PlainSocket = plain
		report := conform(t, reg)
		var text strings.Builder
		report.Write(&text)
		if report.Failed() > 0 || report.Service != "orti" || report.Version != "1.0.0" {
			t.Errorf("plain %v:\n%s", plain, text.String())
		}
		for _, c := range report.Checks {
			if c.Group == processGroup && c.Tried == 0 {
				t.Errorf("%s was not tried: %s", c.Name, c.Skipped)
			}
		}
	}
}

// Each check of a process is seen to fail on one that breaks its promise.
func TestBadProcesses(t *testing.T) {
	t.Parallel()
	for name, finds := range map[string]string{
		"careless":   "started by hand",
		"silent":     "started by hand",
		"babbling":   "the handshake",
		"elsewhere":  "a socket in its own folder",
		"on-the-net": "a socket in its own folder",
		"plain":      "certificates as declared",
		"ill":        "health",
		"deaf":       "its end",
		"mortal":     "it is still there after all that",
		"chatty":     "its log",
		"restless":   "a second start answers alike",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			report := conform(t, self(t, name))
			if got := failed(report); !slices.Contains(got, finds) {
				var text strings.Builder
				report.Write(&text)
				t.Errorf("failed %q, want %q among them\n%s", got, finds, text.String())
			}
		})
	}
}

func TestNoSuchCommand(t *testing.T) {
	t.Parallel()
	reg := catalogue.Registration{Command: "/no/such/department"}
	if report, err := Conform(t.Context(), reg, sdktest.Options{}); err == nil {
		t.Errorf("a report: %+v", report)
	}
}
