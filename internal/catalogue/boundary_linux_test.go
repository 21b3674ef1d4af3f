package catalogue

import (
	"io"
	"os"
	"strings"
	"testing"

	"golang.org/x/sys/unix"
)

// A department runs as the same user as its host and might read the host's
// environment from the process table.
func TestHostIsClosedToItsDepartments(t *testing.T) {
	c := startHost(t, Limits{}, io.Discard, Bundled("one"))
	if open, err := unix.PrctlRetInt(unix.PR_GET_DUMPABLE, 0, 0, 0, 0); err != nil || open != 0 {
		t.Errorf("the memory of the host is open: %d, %v", open, err)
	}
	if os.Getuid() == 0 {
		return // root reads everything
	}
	if got := value(t, c, "one", "environment-of-the-host"); !strings.Contains(got, "permission denied") {
		t.Errorf("the department reads %q", got)
	}
}
