//go:build unix

package dbserver

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"

	"github.com/spazio-in-comune/sportello/internal/flock"
)

// runFolder is the folder of one throwaway server. Its lock is held as long as
// this process lives: a folder nobody holds was left by a run that was killed.
type runFolder struct {
	path string
	lock *os.File
}

// newRunFolder makes a folder in memory where the machine has room there, else
// in the temporary folder, and sweeps away what killed runs left.
func newRunFolder(ctx context.Context, name string) (*runFolder, error) {
	// Every user has folders of their own: one cannot sweep another's.
	prefix := filepath.Join(runParent(), fmt.Sprintf("sportello-db-%d-", os.Getuid()))
	// Without this a sweep could take a folder not locked yet for an abandoned one.
	making, err := flock.Wait(ctx, prefix+"making")
	if err != nil {
		return nil, fmt.Errorf("make a folder for the server: %w", err)
	}
	defer func() { _ = making.Close() }()
	sweep(prefix)

	path, err := os.MkdirTemp(filepath.Dir(prefix), filepath.Base(prefix)+name+"-")
	if err != nil {
		return nil, fmt.Errorf("make a folder for the server: %w", err)
	}
	lock, err := flock.Wait(ctx, path+".lock")
	if err != nil {
		return nil, fmt.Errorf("lock the server's folder: %w", err)
	}
	return &runFolder{path: path, lock: lock}, nil
}

func (f *runFolder) remove() error {
	if err := os.RemoveAll(f.path); err != nil {
		return fmt.Errorf("remove the server's folder: %w", err)
	}
	if err := os.Remove(f.path + ".lock"); err != nil {
		return fmt.Errorf("remove the server's lock: %w", err)
	}
	return f.lock.Close()
}

// runParent prefers memory: a test's schema is a hundred small files.
func runParent() string {
	const memory, enough = "/dev/shm", 2 << 30
	var fs syscall.Statfs_t
	if err := syscall.Statfs(memory, &fs); err == nil && fs.Bavail*uint64(fs.Bsize) >= enough {
		return memory
	}
	return os.TempDir()
}

// sweep removes the folders of runs that were killed. What it cannot remove, it
// leaves: a temporary folder must not fail a test run.
func sweep(prefix string) {
	locks, err := filepath.Glob(prefix + "*.lock")
	if err != nil {
		return
	}
	for _, path := range locks {
		lock, err := os.OpenFile(path, os.O_RDWR, 0)
		if err != nil {
			continue
		}
		if flock.Try(lock) == nil {
			_ = os.RemoveAll(strings.TrimSuffix(path, ".lock"))
			_ = os.Remove(path)
		}
		_ = lock.Close()
	}
}
