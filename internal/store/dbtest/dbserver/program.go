//go:build unix

package dbserver

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"github.com/spazio-in-comune/sportello/internal/debian"
)

// program is a server that can be started.
type program struct {
	path    string   // what to execute
	before  []string // arguments before the server's own: see fetchedProgram
	base    string   // the folder its share/ lies in
	options []string // settings that say where its files are
}

func (p program) command(args ...string) *exec.Cmd {
	return exec.Command(p.path, append(append([]string{}, p.before...), args...)...)
}

// findProgram looks on the machine, then in the cache, then fetches it.
func findProgram(ctx context.Context, k kind) (program, error) {
	if p, ok := installedProgram(ctx, k); ok {
		return p, nil
	}
	root, err := debian.Fetch(ctx, debian.Wanted{Name: k.name, Packages: []string{k.pkg}, Suite: k.suite})
	if errors.Is(err, debian.ErrCannotFetch) {
		return program{}, fmt.Errorf("%w: install the server's program (%s), or name a running server: %s=mysql://user:password@127.0.0.1:3306/ (DB=sqlite runs without)",
			err, k.programs[0], k.env)
	}
	if err != nil {
		return program{}, err
	}
	return fetchedProgram(k, root)
}

// installedProgram looks in PATH and where Debian puts servers. Both kinds may
// be called mysqld; each says in its version which it is.
func installedProgram(ctx context.Context, k kind) (program, bool) {
	for _, name := range k.programs {
		path, err := exec.LookPath(name)
		if err != nil {
			path, err = exec.LookPath(filepath.Join("/usr/sbin", name))
		}
		if err != nil {
			continue
		}
		version, err := exec.CommandContext(ctx, path, "--no-defaults", "--version").Output()
		if err != nil || strings.Contains(string(version), "MariaDB") != (k.programs[0] == "mariadbd") {
			continue
		}
		if target, err := filepath.EvalSymlinks(path); err == nil {
			path = target
		}
		return program{path: path, base: filepath.Dir(filepath.Dir(path))}, true
	}
	return program{}, false
}

// fetchedProgram runs a server out of an unpacked folder with the libraries of
// that folder, by the folder's own dynamic loader.
func fetchedProgram(k kind, root string) (program, error) {
	server := filepath.Join(root, "usr/sbin", k.programs[0])
	if _, err := os.Stat(server); err != nil {
		return program{}, fmt.Errorf("%s holds no server; remove it to fetch it again", root)
	}
	loader, err := debian.LoaderOf(root)
	if err != nil {
		return program{}, err
	}
	base := filepath.Join(root, "usr")
	messages, err := filepath.Glob(filepath.Join(base, "share/*/english/errmsg.sys"))
	if err != nil {
		return program{}, fmt.Errorf("look for the messages: %w", err)
	}
	p := program{
		path:    loader.Path,
		before:  loader.Arguments(server),
		base:    base,
		options: []string{"--basedir=" + base},
	}
	if len(messages) > 0 {
		p.options = append(p.options, "--lc-messages-dir="+filepath.Dir(filepath.Dir(messages[0])))
	}
	return p, nil
}
