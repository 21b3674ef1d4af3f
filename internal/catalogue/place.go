package catalogue

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"

	"golang.org/x/sys/unix"
)

// The faults of a plug-in's place; see [Config.PluginFolder].
var (
	// ErrNoFolder says that the host has no folder for plug-ins of others.
	ErrNoFolder = errors.New("no folder of the plug-ins is set: only the departments of the house can be started")
	// ErrOutside says that a plug-in does not lie in the folder of the plug-ins.
	ErrOutside = errors.New("it is not in the folder of the plug-ins")
	// ErrLink says that a path names a symbolic link: what it stands for could be
	// changed without touching the folder.
	ErrLink = errors.New("it is a symbolic link")
	// ErrExposed says that somebody else may change a file or folder.
	ErrExposed = errors.New("others may change it")
)

// openPlugin opens and verifies a plug-in of somebody else. It must lie directly
// in the folder of the plug-ins; neither may be a symbolic link, nor may anybody
// change them but this user and root. The file is opened relative to the opened
// folder, so that nothing can be put in its place between two looks.
func openPlugin(folder, path, want string) (*executable, error) {
	if folder == "" {
		return nil, ErrNoFolder
	}
	folder, err := filepath.Abs(folder)
	if err != nil {
		return nil, fmt.Errorf("folder of the plug-ins: %w", err)
	}
	path = filepath.Clean(path)
	if filepath.Dir(path) != folder {
		return nil, fmt.Errorf("the executable %s: %w %s", path, ErrOutside, folder)
	}
	root, err := openIn(unix.AT_FDCWD, folder, unix.O_DIRECTORY)
	if err != nil {
		return nil, fmt.Errorf("the folder of the plug-ins %s: %w", folder, err)
	}
	defer func() { _ = root.Close() }() // read only
	info, err := root.Stat()
	if err != nil {
		return nil, fmt.Errorf("the folder of the plug-ins: %w", err)
	}
	if err := checkOwned(info, "the folder of the plug-ins "+folder, 0o022); err != nil {
		return nil, err
	}
	// A pipe would keep an open waiting; it is refused as no regular file.
	file, err := openIn(int(root.Fd()), filepath.Base(path), unix.O_NONBLOCK)
	if err != nil {
		return nil, fmt.Errorf("the executable %s: %w", path, err)
	}
	return verify(file, path, want, 0o022, nil)
}

// openIn opens a name in an opened folder, but no symbolic link.
func openIn(folder int, name string, flags int) (*os.File, error) {
	for {
		fd, err := unix.Openat(folder, name, flags|unix.O_RDONLY|unix.O_NOFOLLOW|unix.O_CLOEXEC, 0)
		switch {
		case err == nil:
			return os.NewFile(uintptr(fd), name), nil
		case errors.Is(err, unix.EINTR):
			continue
		case isLink(folder, name):
			return nil, ErrLink
		default:
			return nil, fmt.Errorf("open it: %w", err)
		}
	}
}

// isLink explains a refusal: its error differs between systems.
func isLink(folder int, name string) bool {
	var s unix.Stat_t
	err := unix.Fstatat(folder, name, &s, unix.AT_SYMLINK_NOFOLLOW)
	return err == nil && s.Mode&unix.S_IFMT == unix.S_IFLNK
}

// checkOwned refuses what belongs to another user than this one and root, or may
// be changed by somebody of the forbidden bits of a mode.
func checkOwned(info fs.FileInfo, what string, forbidden os.FileMode) error {
	if info.Mode().Perm()&forbidden != 0 {
		return fmt.Errorf("%s: %w: its mode is %v; take the right to write from group and others (chmod go-w)",
			what, ErrExposed, info.Mode().Perm())
	}
	owner, ok := info.Sys().(*syscall.Stat_t)
	if forbidden&0o020 != 0 && ok && owner.Uid != 0 && int(owner.Uid) != os.Getuid() {
		return fmt.Errorf("%s: %w: it belongs to user %d", what, ErrExposed, owner.Uid)
	}
	return nil
}
