//go:build unix

package nodetest

import (
	"errors"
	"os/exec"
	"strings"
	"testing"

	"github.com/spazio-in-comune/sportello/internal/debian"
)

func TestCommand(t *testing.T) {
	said, err := Command(t.Context(), t, "--eval", "console.log(typeof WebSocket, typeof fetch)").CombinedOutput()
	if err != nil || strings.TrimSpace(string(said)) != "function function" {
		t.Errorf("Node said %q, %v", said, err)
	}
}

func TestANodeThatIsNone(t *testing.T) {
	no, err := exec.LookPath("false")
	if err != nil {
		t.Fatal(err)
	}
	t.Setenv(EnvNode, no)
	if command, err := find(t.Context()); err == nil {
		t.Errorf("took %v", command)
	}
}

func TestNothingToFetchWith(t *testing.T) {
	t.Setenv("PATH", t.TempDir())
	t.Setenv("XDG_CACHE_HOME", t.TempDir())
	if _, err := find(t.Context()); !errors.Is(err, debian.ErrCannotFetch) || !strings.Contains(err.Error(), EnvNode+"=") {
		t.Errorf("got %v", err)
	}
}
