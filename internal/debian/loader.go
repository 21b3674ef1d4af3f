//go:build unix

package debian

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"
)

// Loader starts the programs of an unpacked folder with the libraries of that
// folder, by the folder's own dynamic loader: it needs neither root nor chroot,
// and the machine's libraries may be older.
type Loader struct {
	// Path is the executable to start instead of the program.
	Path string
	// Libraries are the folders of the libraries, separated by colons.
	Libraries string
}

// LoaderOf finds the dynamic loader of a folder that [Fetch] gave.
func LoaderOf(root string) (Loader, error) {
	loaders, err := globs(root, "lib64/ld-linux*.so.*", "usr/lib64/ld-linux*.so.*", "lib/ld-linux*.so.*",
		"usr/lib/ld-linux*.so.*", "lib/*/ld-linux*.so.*", "usr/lib/*/ld-linux*.so.*")
	if err != nil {
		return Loader{}, err
	}
	if len(loaders) == 0 {
		return Loader{}, fmt.Errorf("%s holds no dynamic loader; remove it to fetch it again", root)
	}
	libraries, err := globs(root, "lib/*-linux-*", "usr/lib/*-linux-*")
	return Loader{Path: loaders[0], Libraries: strings.Join(libraries, ":")}, err
}

// Arguments are those of the loader, in front of the program's own.
func (l Loader) Arguments(program string) []string {
	return []string{"--library-path", l.Libraries, program}
}

// globs returns what matches any pattern under root, in the patterns' order.
func globs(root string, patterns ...string) ([]string, error) {
	var all []string
	for _, pattern := range patterns {
		found, err := filepath.Glob(filepath.Join(root, pattern))
		if err != nil {
			return nil, fmt.Errorf("look for %s: %w", pattern, err)
		}
		all = slices.Concat(all, found)
	}
	return all, nil
}
