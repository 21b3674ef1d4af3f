package catalogue

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"sync"
)

// ErrChecksum says that an executable is not the registered one.
var ErrChecksum = errors.New("the executable is not the registered one: its checksum differs")

// executable is an opened and verified file. A process is started from the open
// descriptor, so that what runs is what was verified even if the path names
// another file by then.
type executable struct {
	file *os.File
	path string
	sum  string // SHA-256 in hexadecimal
}

// openExecutable opens path and verifies it against want, unless want is empty.
// The caller closes the file.
func openExecutable(path, want string) (*executable, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("open the executable: %w", err)
	}
	exe, err := verify(file, path, want)
	if err != nil {
		_ = file.Close() // read only
		return nil, err
	}
	return exe, nil
}

func verify(file *os.File, path, want string) (*executable, error) {
	info, err := file.Stat()
	if err != nil {
		return nil, fmt.Errorf("look at the executable: %w", err)
	}
	if !info.Mode().IsRegular() {
		return nil, fmt.Errorf("the executable %s is not a regular file", path)
	}
	if info.Mode().Perm()&0o002 != 0 {
		return nil, fmt.Errorf("the executable %s may be changed by anybody", path)
	}
	hash := sha256.New()
	if _, err := io.Copy(hash, file); err != nil {
		return nil, fmt.Errorf("read the executable: %w", err)
	}
	sum := hex.EncodeToString(hash.Sum(nil))
	if want != "" && !strings.EqualFold(sum, want) {
		return nil, fmt.Errorf("%s: %w", path, ErrChecksum)
	}
	return &executable{file: file, path: path, sum: sum}, nil
}

// own is the platform's own executable, hashed once: the system lets nobody
// write to a file that runs.
type own struct {
	once sync.Once
	exe  *executable
	err  error
}

func (o *own) open() (*executable, error) {
	o.once.Do(func() {
		path, err := os.Executable()
		if err != nil {
			o.err = fmt.Errorf("find the platform's own executable: %w", err)
			return
		}
		o.exe, o.err = openExecutable(ownPath(path), "")
		if o.err == nil {
			o.exe.path = path
		}
	})
	return o.exe, o.err
}

// close closes the descriptor if it was opened; nothing may be started later.
func (o *own) close() {
	o.once.Do(func() { o.err = errors.New("the host is closed") })
	if o.exe != nil {
		_ = o.exe.file.Close() // read only
	}
}

// Checksum is the SHA-256 of a file as a registration wants it.
func Checksum(path string) (string, error) {
	exe, err := openExecutable(path, "")
	if err != nil {
		return "", err
	}
	return exe.sum, exe.file.Close()
}
