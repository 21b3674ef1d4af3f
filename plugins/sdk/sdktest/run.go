package sdktest

import (
	"io/fs"
	"strings"
	"testing"

	"github.com/spazio-in-comune/sportello/plugins/sdk"
	"github.com/spazio-in-comune/sportello/plugins/sdk/rpc"
)

// Run is all the tests of a department written in Go: the whole contract, through
// the real messages, and its case files. Each check is a subtest.
//
//	func TestDepartment(t *testing.T) {
//		sdktest.Run(t, department, shared, os.DirFS("cases"))
//	}
//
// town is what the departments of the town share; cases may be nil.
func Run(t *testing.T, department sdk.Department, town *sdk.Town, cases fs.FS) {
	t.Helper()
	client, stop, err := rpc.InProcess(department, rpc.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	defer stop()
	report := Examine(t.Context(), client, Options{Town: town, Cases: cases, direct: department})
	for i := range report.Checks {
		check := &report.Checks[i]
		t.Run(check.Group+"/"+check.Name, func(t *testing.T) {
			switch {
			case check.Skipped != "":
				t.Skip(check.Skipped)
			case check.Failed > 0:
				var text strings.Builder
				check.write(&text)
				t.Error(text.String())
			}
		})
	}
}
