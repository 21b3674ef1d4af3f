//go:build unix

package pythontest

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/spazio-in-comune/sportello/internal/debian"
)

// completePython stands in for an interpreter that has everything.
func completePython(t *testing.T) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "python3")
	if err := os.WriteFile(path, []byte("#!/bin/sh\n"), 0o700); err != nil { //nolint:gosec // it must be executable
		t.Fatal(err)
	}
	return path
}

func TestInterpreterOfTheMachine(t *testing.T) {
	t.Setenv(EnvPython, "")
	installed := completePython(t)
	if got, err := interpreter(t.Context(), installed); err != nil || got != installed {
		t.Errorf("got %s, %v, want the one that is installed", got, err)
	}
}

func TestInterpreterNamedByHand(t *testing.T) {
	named := completePython(t)
	t.Setenv(EnvPython, named)
	if got, err := interpreter(t.Context(), "/no/python3"); err != nil || got != named {
		t.Errorf("got %s, %v, want the one that is named", got, err)
	}
	t.Setenv(EnvPython, "/bin/false")
	if _, err := interpreter(t.Context(), completePython(t)); err == nil {
		t.Error("one that cannot run the department is taken because it is named")
	}
}

// TestInterpreterNowhere: a machine that is not Debian is told what to do.
func TestInterpreterNowhere(t *testing.T) {
	t.Setenv(EnvPython, "")
	t.Setenv("PATH", t.TempDir())
	t.Setenv("XDG_CACHE_HOME", t.TempDir())
	t.Setenv("HOME", t.TempDir())
	_, err := interpreter(t.Context(), "/no/python3")
	if !errors.Is(err, debian.ErrCannotFetch) || !strings.Contains(err.Error(), EnvPython+"=") {
		t.Errorf("got %v, want the way out", err)
	}
}

// TestStartedBy: only the first line changes.
func TestStartedBy(t *testing.T) {
	got, err := startedBy("/somewhere/python3", []byte("#!/usr/bin/python3 -I\nimport os\n"))
	if want := "#!/somewhere/python3 -I\nimport os\n"; err != nil || string(got) != want {
		t.Errorf("got %q, %v", got, err)
	}
	if _, err := startedBy("/somewhere/python3", []byte("#!/usr/bin/perl\n")); err == nil {
		t.Error("a file of another language is taken")
	}
}
