//go:build unix

package debian

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// tools puts stand-ins for Debian's package tools into PATH, alone but for what a
// shell script needs, and the cache into a folder of the test.
func tools(t *testing.T, scripts map[string]string) (cache string) {
	t.Helper()
	folder, cache := t.TempDir(), t.TempDir()
	for name, script := range scripts {
		if err := os.WriteFile(filepath.Join(folder, name), []byte("#!/bin/sh\n"+script), 0o700); err != nil { //nolint:gosec // it must be executable
			t.Fatal(err)
		}
	}
	t.Setenv("PATH", folder)
	t.Setenv("XDG_CACHE_HOME", cache)
	t.Setenv("HOME", cache)
	return cache
}

// aptGet writes a package where apt-get was told to, and a line for each call.
const aptGet = `
echo "$*" >> "$XDG_CACHE_HOME/calls"
for word in "$@"; do
	case $word in Dir::Cache::archives=*) archives=${word#*=} ;; esac
	if [ "$word" = --download-only ]; then : > "$archives/one.deb"; fi
done
`

// dpkgDeb unpacks a file that says which package it was.
const dpkgDeb = `/bin/mkdir -p "$3" && echo "$2" > "$3/unpacked"`

func TestFetchOnce(t *testing.T) {
	cache := tools(t, map[string]string{"apt-get": aptGet, "dpkg-deb": dpkgDeb})
	want := Wanted{Name: "thing", Packages: []string{"one", "two"}}
	for range 2 {
		root, err := Fetch(t.Context(), want)
		if err != nil {
			t.Fatal(err)
		}
		if text, err := os.ReadFile(filepath.Join(root, "unpacked")); err != nil || !strings.HasSuffix(strings.TrimSpace(string(text)), "one.deb") {
			t.Errorf("unpacked %q, %v", text, err)
		}
	}
	calls, err := os.ReadFile(filepath.Join(cache, "calls"))
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimSpace(string(calls)), "\n")
	if len(lines) != 2 || !strings.HasSuffix(lines[0], " update") || !strings.HasSuffix(lines[1], "install --yes --download-only one two") {
		t.Errorf("apt-get was called with %q", lines)
	}
}

func TestFetchLeavesNothingHalfMade(t *testing.T) {
	cache := tools(t, map[string]string{"apt-get": aptGet, "dpkg-deb": "echo no room >&2; exit 2"})
	_, err := Fetch(t.Context(), Wanted{Name: "thing", Packages: []string{"one"}})
	if err == nil || !strings.Contains(err.Error(), "no room") {
		t.Errorf("got %v, want what dpkg-deb said", err)
	}
	left, err := filepath.Glob(filepath.Join(cache, "sportello", "thing*"))
	if err != nil || len(left) != 1 || filepath.Base(left[0]) != "thing.lock" {
		t.Errorf("left behind: %v, %v", left, err)
	}
}

func TestFetchWithoutTheTools(t *testing.T) {
	tools(t, nil)
	if _, err := Fetch(t.Context(), Wanted{Name: "thing", Packages: []string{"one"}}); !errors.Is(err, ErrCannotFetch) {
		t.Errorf("got %v", err)
	}
}

func TestLoaderOf(t *testing.T) {
	root := t.TempDir()
	if _, err := LoaderOf(root); err == nil {
		t.Error("an empty folder has a loader")
	}
	for _, file := range []string{"lib64/ld-linux-x86-64.so.2", "lib/x86_64-linux-gnu/libc.so.6", "usr/lib/x86_64-linux-gnu/libz.so.1"} {
		path := filepath.Join(root, file)
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	loader, err := LoaderOf(root)
	if err != nil {
		t.Fatal(err)
	}
	got := strings.ReplaceAll(strings.Join(append([]string{loader.Path}, loader.Arguments("program")...), " "), root, "")
	if want := "/lib64/ld-linux-x86-64.so.2 --library-path /lib/x86_64-linux-gnu:/usr/lib/x86_64-linux-gnu program"; got != want {
		t.Errorf("got %s\nwant %s", got, want)
	}
}
