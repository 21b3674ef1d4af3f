//go:build unix

package pythontest

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/spazio-in-comune/sportello/internal/catalogue"
	"github.com/spazio-in-comune/sportello/internal/rehearse"
	"github.com/spazio-in-comune/sportello/plugins/sdk/sdktest"
	"github.com/spazio-in-comune/sportello/plugins/town"
)

const root = "../.."

// TestConformance is `sportello plugin test` on the department: the same suite as
// for departments in Go, with its own case files, with certificates and without.
func TestConformance(t *testing.T) {
	t.Parallel()
	shared, err := town.Load()
	if err != nil {
		t.Fatal(err)
	}
	for name, plain := range map[string]bool{"with certificates": false, "on a plain socket": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			path := Department(t, root, t.TempDir())
			sum, err := catalogue.Checksum(path)
			if err != nil {
				t.Fatal(err)
			}
			report, err := rehearse.Conform(t.Context(),
				catalogue.Registration{Name: Name, Command: path, SHA256: sum, PlainSocket: plain},
				sdktest.Options{Town: shared, Cases: os.DirFS(filepath.Join(root, "plugins/sdk/python/cases"))})
			if err != nil {
				t.Fatal(err)
			}
			for _, check := range report.Checks {
				if check.Skipped != "" || check.Failed > 0 {
					t.Errorf("%s, %s: %d of %d failed; skipped: %q", check.Group, check.Name, check.Failed, check.Tried, check.Skipped)
				}
			}
			if t.Failed() {
				report.Write(t.Output())
			}
		})
	}
}
