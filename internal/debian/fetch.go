//go:build unix

// Package debian fetches programs out of Debian's packages into the user's cache,
// and runs them from there: once, without root, and without touching the machine's
// own packages. Tests and tools use it; the product never does.
package debian

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spazio-in-comune/sportello/internal/flock"
)

// ErrCannotFetch says that this machine has not what fetching needs.
var ErrCannotFetch = errors.New("not on this machine, and only Debian's package tools can fetch it")

// Wanted is what to fetch.
type Wanted struct {
	// Name is that of the folder in the cache.
	Name string
	// Packages are those that are asked for; what they depend on comes along.
	Packages []string
	// Suite of Debian to take them from; empty is the machine's own.
	Suite string
}

// debianKeys signs Debian's suites, sid included; the package is part of every
// Debian.
const debianKeys = "/usr/share/keyrings/debian-archive-keyring.gpg"

// Fetch returns the folder that holds the packages, unpacked. The first time it
// downloads them from the mirror the machine itself uses, with apt's own checks of
// signatures, into folders of ours: the machine's packages and lists are not
// touched, and root is not needed. A run that comes meanwhile waits for it.
func Fetch(ctx context.Context, w Wanted) (string, error) {
	cache, err := os.UserCacheDir()
	if err != nil {
		return "", fmt.Errorf("find the cache folder: %w", err)
	}
	cache = filepath.Join(cache, "sportello")
	if err := os.MkdirAll(cache, 0o755); err != nil {
		return "", fmt.Errorf("make the cache folder: %w", err)
	}
	lock, err := flock.Wait(ctx, filepath.Join(cache, w.Name+".lock"))
	if err != nil {
		return "", fmt.Errorf("lock the cache folder: %w", err)
	}
	defer func() { _ = lock.Close() }()

	root := filepath.Join(cache, w.Name)
	if _, err := os.Stat(root); err == nil {
		return root, nil
	}
	for _, tool := range []string{"apt-get", "dpkg-deb"} {
		if _, err := exec.LookPath(tool); err != nil {
			return "", ErrCannotFetch
		}
	}
	// Under the lock, a half-made folder can only be a killed run's.
	if err := removeAll(filepath.Join(cache, w.Name+".part-*")); err != nil {
		return "", err
	}
	part, err := os.MkdirTemp(cache, w.Name+".part-")
	if err != nil {
		return "", fmt.Errorf("make the cache folder: %w", err)
	}
	defer func() { _ = os.RemoveAll(part) }()
	fmt.Fprintf(os.Stderr, "fetching %s into %s, this once\n", strings.Join(w.Packages, " "), root)
	if err := download(ctx, w, part); err != nil {
		return "", err
	}
	if err := unpack(ctx, part); err != nil {
		return "", err
	}
	// A half-made folder never bears the final name.
	if err := os.Rename(filepath.Join(part, "root"), root); err != nil {
		return "", fmt.Errorf("keep the packages: %w", err)
	}
	return root, nil
}

func removeAll(pattern string) error {
	found, err := filepath.Glob(pattern)
	if err != nil {
		return fmt.Errorf("look for %s: %w", pattern, err)
	}
	for _, path := range found {
		if err := os.RemoveAll(path); err != nil {
			return fmt.Errorf("remove a half-made folder: %w", err)
		}
	}
	return nil
}

// download puts the packages and all they depend on into part/archives.
func download(ctx context.Context, w Wanted, part string) error {
	for _, folder := range []string{"lists/partial", "archives/partial"} {
		if err := os.MkdirAll(filepath.Join(part, folder), 0o755); err != nil {
			return fmt.Errorf("make the download folder: %w", err)
		}
	}
	// An empty list of installed packages makes apt take every dependency.
	if err := os.WriteFile(filepath.Join(part, "status"), nil, 0o644); err != nil {
		return fmt.Errorf("make the download folder: %w", err)
	}
	apt := []string{
		"-o", "Dir::State=" + part,
		"-o", "Dir::State::lists=" + filepath.Join(part, "lists"),
		"-o", "Dir::State::status=" + filepath.Join(part, "status"),
		"-o", "Dir::Cache=" + part,
		"-o", "Dir::Cache::archives=" + filepath.Join(part, "archives"),
		"-o", "Dir::Etc::PreferencesParts=/dev/null",
		"-o", "Acquire::Languages=none",
		"-o", "Acquire::Retries=3",
		"-o", "APT::Install-Recommends=false",
		"-o", "APT::Sandbox::User=", // the folders are ours: there is nobody to step down to
	}
	if _, err := tool(ctx, "apt-get", append(apt, "update")...); err != nil {
		return err
	}
	if w.Suite != "" {
		mirror, err := debianMirror(ctx, apt)
		if err != nil {
			return err
		}
		source := fmt.Sprintf("deb [signed-by=%s] %s %s main\n", debianKeys, mirror, w.Suite)
		list := filepath.Join(part, "sources.list")
		if err := os.WriteFile(list, []byte(source), 0o644); err != nil {
			return fmt.Errorf("name the suite: %w", err)
		}
		apt = append(apt, "-o", "Dir::Etc::SourceList="+list, "-o", "Dir::Etc::SourceParts=/dev/null")
		if _, err := tool(ctx, "apt-get", append(apt, "update")...); err != nil {
			return err
		}
	}
	_, err := tool(ctx, "apt-get", slices.Concat(apt, []string{"install", "--yes", "--download-only"}, w.Packages)...)
	return err
}

// debianMirror reads from the machine's own sources where it gets Debian.
func debianMirror(ctx context.Context, apt []string) (string, error) {
	targets, err := tool(ctx, "apt-get", append(apt, "indextargets", "--format", "$(REPO_URI) $(COMPONENT) $(LABEL)", "Created-By: Packages")...)
	if err != nil {
		return "", err
	}
	for line := range strings.Lines(targets) {
		if uri, rest, _ := strings.Cut(strings.TrimSpace(line), " "); rest == "main Debian" {
			return uri, nil
		}
	}
	return "", fmt.Errorf("%w: its package sources name no Debian mirror", ErrCannotFetch)
}

// unpack lays the packages out under part/root, without running any of their
// scripts.
func unpack(ctx context.Context, part string) error {
	packages, err := filepath.Glob(filepath.Join(part, "archives/*.deb"))
	if err != nil || len(packages) == 0 {
		return fmt.Errorf("nothing was downloaded into %s", part)
	}
	root := filepath.Join(part, "root")
	for _, deb := range packages {
		if _, err := tool(ctx, "dpkg-deb", "--extract", deb, root); err != nil {
			return err
		}
	}
	return nil
}

// tool runs a program of the machine and returns what it printed.
func tool(ctx context.Context, name string, args ...string) (string, error) {
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.Env = append(os.Environ(), "LC_ALL=C", "DEBIAN_FRONTEND=noninteractive")
	var said strings.Builder
	cmd.Stderr = &said
	out, err := cmd.Output()
	if err != nil {
		return "", fmt.Errorf("%s: %w\n%s", name, err, tail(said.String()))
	}
	return string(out), nil
}

// tail is the end of what a program said.
func tail(log string) string {
	const enough = 2000
	if len(log) > enough {
		log = "…" + log[len(log)-enough:]
	}
	return log
}
