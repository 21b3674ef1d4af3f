package catalogue

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
)

// maxFolderPath keeps the path of a socket below the 104 bytes that every system
// grants: the library adds a folder and a file of at most 40 bytes.
const maxFolderPath = 60

// prepareFolder makes the folder of the sockets: private to this user, and empty,
// as killed processes leave their sockets behind. A path that is too long for
// sockets is replaced by one in the system's temporary folder that depends on it
// alone, so that the next start empties the same one. The lock keeps a second host
// from emptying it under the first; it ends with the process.
func prepareFolder(wanted string) (path string, lock *os.File, err error) {
	if path, err = makeFolder(wanted); err != nil {
		return "", nil, err
	}
	if lock, err = lockFolder(path); err != nil {
		return "", nil, err
	}
	if err := empty(path); err != nil {
		_ = lock.Close()
		return "", nil, err
	}
	return path, lock, nil
}

func makeFolder(wanted string) (string, error) {
	path, err := filepath.Abs(wanted)
	if err != nil {
		return "", fmt.Errorf("folder of the sockets: %w", err)
	}
	if len(path) > maxFolderPath {
		sum := sha256.Sum256([]byte(path))
		path = filepath.Join(os.TempDir(), "sportello-"+hex.EncodeToString(sum[:6]))
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return "", fmt.Errorf("folder of the sockets: %w", err)
	}
	if err := os.Mkdir(path, 0o700); err != nil && !errors.Is(err, fs.ErrExist) {
		return "", fmt.Errorf("folder of the sockets: %w", err)
	}
	return path, checkPrivate(path)
}

func lockFolder(path string) (*os.File, error) {
	folder, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("folder of the sockets: %w", err)
	}
	if err := syscall.Flock(int(folder.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		_ = folder.Close() // read only
		if errors.Is(err, syscall.EWOULDBLOCK) {
			return nil, fmt.Errorf("the folder of the sockets %s is in use by another sportello process; stop it first, or name another data folder", path)
		}
		return nil, fmt.Errorf("lock the folder of the sockets: %w", err)
	}
	return folder, nil
}

// checkPrivate refuses a folder that somebody else could have put there.
func checkPrivate(path string) error {
	info, err := os.Lstat(path)
	if err != nil {
		return fmt.Errorf("folder of the sockets: %w", err)
	}
	owner, ok := info.Sys().(*syscall.Stat_t)
	if !info.IsDir() || !ok || int(owner.Uid) != os.Getuid() {
		return fmt.Errorf("folder of the sockets: %s is not a folder of this user", path)
	}
	if err := os.Chmod(path, 0o700); err != nil {
		return fmt.Errorf("folder of the sockets: %w", err)
	}
	return nil
}

func empty(path string) error {
	entries, err := os.ReadDir(path)
	if err != nil {
		return fmt.Errorf("empty the folder of the sockets: %w", err)
	}
	for _, e := range entries {
		if err := os.RemoveAll(filepath.Join(path, e.Name())); err != nil {
			return fmt.Errorf("empty the folder of the sockets: %w", err)
		}
	}
	return nil
}
