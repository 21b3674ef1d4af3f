//go:build unix

package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
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
	root, err := fetch(ctx, k)
	if errors.Is(err, errCannotFetch) {
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
// that folder, by the folder's own dynamic loader: it needs neither root nor
// chroot, and the machine's libraries may be older.
func fetchedProgram(k kind, root string) (program, error) {
	server := filepath.Join(root, "usr/sbin", k.programs[0])
	if _, err := os.Stat(server); err != nil {
		return program{}, fmt.Errorf("%s holds no server; remove it to fetch it again", root)
	}
	loaders := globs(root, "lib64/ld-linux*.so.*", "usr/lib64/ld-linux*.so.*", "lib/ld-linux*.so.*", "usr/lib/ld-linux*.so.*", "lib/*/ld-linux*.so.*", "usr/lib/*/ld-linux*.so.*")
	if len(loaders) == 0 {
		return program{}, fmt.Errorf("%s holds no dynamic loader; remove it to fetch it again", root)
	}
	libraries := strings.Join(globs(root, "lib/*-linux-*", "usr/lib/*-linux-*"), ":")
	base := filepath.Join(root, "usr")
	messages := globs(base, "share/*/english/errmsg.sys")
	p := program{
		path:    loaders[0],
		before:  []string{"--library-path", libraries, server},
		base:    base,
		options: []string{"--basedir=" + base},
	}
	if len(messages) > 0 {
		p.options = append(p.options, "--lc-messages-dir="+filepath.Dir(filepath.Dir(messages[0])))
	}
	return p, nil
}

// globs returns what matches any pattern under root, in the patterns' order.
func globs(root string, patterns ...string) []string {
	var all []string
	for _, pattern := range patterns {
		found, err := filepath.Glob(filepath.Join(root, pattern))
		if err != nil {
			panic(err) // a malformed pattern above
		}
		all = append(all, found...)
	}
	return all
}
