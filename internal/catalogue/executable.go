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

	"golang.org/x/sys/unix"
)

// ErrChecksum says that an executable is not the registered one.
var ErrChecksum = errors.New("the executable is not the registered one: its checksum differs")

var errNotRegular = errors.New("it is not a regular file")

// executable is an opened and verified file. A process is started from the open
// descriptor, so that what runs is what was verified even if the path names
// another file by then.
type executable struct {
	file  *os.File
	path  string
	sum   string   // SHA-256 in hexadecimal
	state identity // before it was read
}

// identity tells a file and its content from others, without reading it. Whoever
// changes the file changes the last of its times, which nobody can set.
type identity struct {
	device, number    uint64
	size              int64
	modified, changed unix.Timespec
}

func identify(file *os.File) (identity, error) {
	var s unix.Stat_t
	if err := unix.Fstat(int(file.Fd()), &s); err != nil {
		return identity{}, fmt.Errorf("look at the executable: %w", err)
	}
	return identity{uint64(s.Dev), s.Ino, s.Size, s.Mtim, s.Ctim}, nil //nolint:unconvert // narrower on other systems
}

// openExecutable opens path and verifies it against want, unless want is empty.
// The caller closes the file.
func openExecutable(path, want string) (*executable, error) {
	return openKnown(path, want, nil)
}

// openKnown is openExecutable with a memory of checksums.
func openKnown(path, want string, known *sums) (*executable, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("open the executable: %w", err)
	}
	return verify(file, path, want, 0o002, known)
}

// verify takes over an opened file. It refuses one that somebody in forbidden, the
// bits of a mode, may change.
func verify(file *os.File, path, want string, forbidden os.FileMode, known *sums) (*executable, error) {
	exe := &executable{file: file, path: path}
	err := exe.check(forbidden)
	if err == nil {
		err = exe.compare(want, known)
	}
	if err != nil {
		_ = file.Close() // read only
		return nil, err
	}
	return exe, nil
}

func (e *executable) check(forbidden os.FileMode) error {
	info, err := e.file.Stat()
	if err != nil {
		return fmt.Errorf("look at the executable: %w", err)
	}
	if !info.Mode().IsRegular() {
		return fmt.Errorf("the executable %s: %w", e.path, errNotRegular)
	}
	return checkOwned(info, "the executable "+e.path, forbidden)
}

// runnable refuses a file that its user may not execute.
func (e *executable) runnable() error {
	info, err := e.file.Stat()
	if err != nil {
		return fmt.Errorf("look at the executable: %w", err)
	}
	if info.Mode().Perm()&0o100 == 0 {
		return errFile(fmt.Errorf("the executable %s: its mode is %v; let its user execute it (chmod u+x)", e.path, info.Mode().Perm()))
	}
	return nil
}

// compare finds the checksum and refuses another one than is wanted.
func (e *executable) compare(want string, known *sums) error {
	state, err := identify(e.file)
	if err != nil {
		return err
	}
	read := func() (string, error) { return hash(e.file, state.size) }
	sum := ""
	if known == nil {
		sum, err = read()
	} else {
		sum, err = known.of(state, read)
	}
	if err != nil {
		return err
	}
	if want != "" && !strings.EqualFold(sum, want) {
		return fmt.Errorf("%s: %w", e.path, ErrChecksum)
	}
	e.sum, e.state = sum, state
	return nil
}

func hash(file *os.File, size int64) (string, error) {
	h := sha256.New()
	if _, err := io.Copy(h, io.NewSectionReader(file, 0, size)); err != nil {
		return "", fmt.Errorf("read the executable: %w", err)
	}
	return hex.EncodeToString(h.Sum(nil)), nil
}

// unchanged verifies once more what a process was started from, before it runs: a
// running file cannot be written to, but until then it could. It reads the file
// only where something about it has changed.
func (e *executable) unchanged() error {
	state, err := identify(e.file)
	if err != nil || state == e.state {
		return err
	}
	return e.compare(e.sum, nil)
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
