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

// errCannotFetch says that this machine has not what fetching needs.
var errCannotFetch = errors.New("not on this machine, and only Debian's package tools can fetch it")

// debianKeys signs Debian's suites, sid included; the package is part of every
// Debian.
const debianKeys = "/usr/share/keyrings/debian-archive-keyring.gpg"

// fetch returns the folder that holds a server of this kind, unpacked from
// Debian's packages. The first time it downloads them (about 60 MB) from the
// mirror the machine itself uses, with apt's own checks of signatures, into
// folders of ours: the machine's packages and lists are not touched, and root
// is not needed. A run that comes meanwhile waits for it.
func fetch(ctx context.Context, k kind) (string, error) {
	cache, err := os.UserCacheDir()
	if err != nil {
		return "", fmt.Errorf("find the cache folder: %w", err)
	}
	cache = filepath.Join(cache, "sportello")
	if err := os.MkdirAll(cache, 0o755); err != nil {
		return "", fmt.Errorf("make the cache folder: %w", err)
	}
	lock, err := lockFile(ctx, filepath.Join(cache, k.name+".lock"))
	if err != nil {
		return "", fmt.Errorf("lock the cache folder: %w", err)
	}
	defer func() { _ = lock.Close() }()

	root := filepath.Join(cache, k.name)
	if _, err := os.Stat(root); err == nil {
		return root, nil
	}
	for _, tool := range []string{"apt-get", "dpkg-deb"} {
		if _, err := exec.LookPath(tool); err != nil {
			return "", errCannotFetch
		}
	}
	// Under the lock, a half-made folder can only be a killed run's.
	if err := removeAll(filepath.Join(cache, k.name+".part-*")); err != nil {
		return "", err
	}
	part, err := os.MkdirTemp(cache, k.name+".part-")
	if err != nil {
		return "", fmt.Errorf("make the cache folder: %w", err)
	}
	defer func() { _ = os.RemoveAll(part) }()
	fmt.Fprintf(os.Stderr, "withdb: fetching %s into %s, this once\n", k.pkg, root)
	if err := download(ctx, k, part); err != nil {
		return "", err
	}
	if err := unpack(ctx, part); err != nil {
		return "", err
	}
	// A half-made folder never bears the final name.
	if err := os.Rename(filepath.Join(part, "root"), root); err != nil {
		return "", fmt.Errorf("keep the server: %w", err)
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

// download puts the server's package and all it depends on into part/archives.
func download(ctx context.Context, k kind, part string) error {
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
	if k.suite != "" {
		mirror, err := debianMirror(ctx, apt)
		if err != nil {
			return err
		}
		source := fmt.Sprintf("deb [signed-by=%s] %s %s main\n", debianKeys, mirror, k.suite)
		list := filepath.Join(part, "sources.list")
		if err := os.WriteFile(list, []byte(source), 0o644); err != nil {
			return fmt.Errorf("name the suite: %w", err)
		}
		apt = append(apt, "-o", "Dir::Etc::SourceList="+list, "-o", "Dir::Etc::SourceParts=/dev/null")
		if _, err := tool(ctx, "apt-get", append(apt, "update")...); err != nil {
			return err
		}
	}
	_, err := tool(ctx, "apt-get", append(apt, "install", "--yes", "--download-only", k.pkg)...)
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
	return "", fmt.Errorf("%w: its package sources name no Debian mirror", errCannotFetch)
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
