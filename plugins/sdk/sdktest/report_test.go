package sdktest

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestReport(t *testing.T) {
	t.Parallel()
	good := Check{Group: "texts", Name: "both languages"}
	good.Tell("read a", "")
	skipped := Check{Group: "cases", Name: "case files", Skipped: "none were given"}
	failed := Check{Group: "rules", Name: "fired", Contract: "as written", See: "clause 9", Mend: "write it"}
	failed.Tell("reviewed a", "")
	for range maxFailures + 2 {
		failed.Tell("reviewed b", "one\ntwo\n")
	}
	failed.Failures = failed.Failures[:1]
	var text strings.Builder
	(&Report{Service: "orti", Version: "1.0.0", Checks: []Check{good, failed, skipped}}).Write(&text)
	want := `orti 1.0.0

ok    texts        1 checks, 1 tries
FAIL  rules        fired
        did       reviewed b
        got       one
                  two
        and 11 more of 13
        contract  as written
        see       clause 9
        mend      write it
skip  cases        case files: none were given

1 of 3 checks failed
`
	if diff := cmp.Diff(want, text.String()); diff != "" {
		t.Errorf("report (-want +got):\n%s", diff)
	}
	if r := (&Report{Checks: []Check{good, skipped}}); r.Failed() != 0 {
		t.Error("a report without failures fails")
	}
}
