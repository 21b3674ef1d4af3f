//go:build unix

package dbserver

import (
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/spazio-in-comune/sportello/internal/flock"
)

func TestSweepTakesWhatNobodyHolds(t *testing.T) {
	prefix := filepath.Join(t.TempDir(), "db-")
	held, abandoned := prefix+"held", prefix+"abandoned"
	for _, folder := range []string{held, abandoned} {
		if err := os.Mkdir(folder, 0o700); err != nil {
			t.Fatal(err)
		}
		lock, err := flock.Wait(t.Context(), folder+".lock")
		if err != nil {
			t.Fatal(err)
		}
		if folder == abandoned {
			_ = lock.Close() // as the kernel does for a killed process
			continue
		}
		t.Cleanup(func() { _ = lock.Close() })
	}
	sweep(prefix)
	if _, err := os.Stat(held); err != nil {
		t.Errorf("a running server's folder was swept away: %v", err)
	}
	for _, path := range []string{abandoned, abandoned + ".lock"} {
		if _, err := os.Stat(path); !errors.Is(err, os.ErrNotExist) {
			t.Errorf("%s is still there (error: %v)", path, err)
		}
	}
}

func TestRunFolderLeavesNothing(t *testing.T) {
	folder, err := newRunFolder(t.Context(), "test")
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(folder.path, "data"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := folder.remove(); err != nil {
		t.Fatal(err)
	}
	left, err := filepath.Glob(folder.path + "*")
	if err != nil || len(left) > 0 {
		t.Errorf("left behind: %v (error: %v)", left, err)
	}
}
