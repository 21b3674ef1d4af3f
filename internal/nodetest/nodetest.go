//go:build unix

// Package nodetest gives tests a Node that runs the scripts of the pages, with the
// sockets that browsers have.
//
// A Node of version 20.10 or newer in PATH is taken as it is. Otherwise Debian's is
// fetched once into the user's cache (see package debian). Where that is not possible
// the test fails and says what to install: nothing is skipped. The product never uses
// Node.
package nodetest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"testing"

	"github.com/spazio-in-comune/sportello/internal/debian"
)

// EnvNode names the Node to test with, as an absolute path; by hand, for a machine
// where it lies elsewhere.
const EnvNode = "SPORTELLO_TEST_NODE"

// suite is the release of Debian whose Node is new enough.
const suite = "trixie"

// Command is Node with these arguments, ended when the context is. It may start in a
// folder of its own: name files by absolute paths.
func Command(ctx context.Context, tb testing.TB, args ...string) *exec.Cmd {
	tb.Helper()
	found, err := find(ctx)
	if err != nil {
		tb.Fatal(err)
	}
	return found.start(ctx, args...)
}

// node is how a Node is started.
type node struct {
	command []string
	folder  string // to start in; empty is any
}

func (n node) start(ctx context.Context, args ...string) *exec.Cmd {
	// Version 20 has sockets behind a flag, which newer ones still know.
	all := slices.Concat(n.command[1:], []string{"--experimental-websocket", "--no-warnings"}, args)
	cmd := exec.CommandContext(ctx, n.command[0], all...)
	cmd.Dir = n.folder
	return cmd
}

// complete asks a Node for all that the tests need.
func (n node) complete(ctx context.Context) error {
	said, err := n.start(ctx, "--eval", "fetch; new WebSocket(`ws://127.0.0.1:1`).onerror = () => {}").CombinedOutput()
	if err != nil {
		return fmt.Errorf("%s cannot run the scripts of the pages: %w: %.500s", n.command[0], err, said)
	}
	return nil
}

// find gives a Node that has all that the tests need.
func find(ctx context.Context) (node, error) {
	if named := os.Getenv(EnvNode); named != "" {
		n := node{command: []string{named}}
		return n, n.complete(ctx)
	}
	if path, err := exec.LookPath("node"); err == nil {
		if n := (node{command: []string{path}}); n.complete(ctx) == nil {
			return n, nil
		}
	}
	root, err := debian.Fetch(ctx, debian.Wanted{Name: "node", Packages: []string{"nodejs"}, Suite: suite})
	if errors.Is(err, debian.ErrCannotFetch) {
		return node{}, fmt.Errorf("node, version 20.10 or newer: %w; install it, or name it: %s=/path/to/node", err, EnvNode)
	}
	if err != nil {
		return node{}, err
	}
	return fetched(ctx, root)
}

// fetched is the Node of an unpacked folder, started by the folder's own loader.
func fetched(ctx context.Context, root string) (node, error) {
	loader, err := debian.LoaderOf(root)
	if err != nil {
		return node{}, err
	}
	libraries, err := filepath.Glob(filepath.Join(root, "usr/lib/*/libnode.so.*"))
	if err != nil || len(libraries) == 0 {
		return node{}, fmt.Errorf("%s holds no Node; remove it to fetch it again", root)
	}
	for _, library := range libraries {
		if err := moveScripts(library); err != nil {
			return node{}, err
		}
	}
	n := node{
		command: append([]string{loader.Path}, loader.Arguments(filepath.Join(root, "usr/bin/node"))...),
		folder:  filepath.Join(root, "usr/share"),
	}
	return n, n.complete(ctx)
}

// Debian's Node reads some of its own scripts from a folder of the machine. There is
// none of that name: it is made to look beneath the folder in which it starts, by a
// name of the same length.
var (
	scripts      = []byte("/usr/share/nodejs/")
	scriptsMoved = []byte(".//////////nodejs/")
)

// moveScripts changes the folder in the library, once. Another run may do the same now.
func moveScripts(library string) error {
	text, err := os.ReadFile(library)
	if err != nil {
		return fmt.Errorf("read Node's library: %w", err)
	}
	if !bytes.Contains(text, scripts) {
		return nil
	}
	part, err := os.CreateTemp(filepath.Dir(filepath.Dir(library)), "libnode-*")
	if err != nil {
		return fmt.Errorf("change Node's library: %w", err)
	}
	_, err = part.Write(bytes.ReplaceAll(text, scripts, scriptsMoved))
	err = errors.Join(err, part.Chmod(0o644), part.Close())
	if err == nil {
		err = os.Rename(part.Name(), library)
	}
	if err != nil {
		return fmt.Errorf("change Node's library: %w", errors.Join(err, os.Remove(part.Name())))
	}
	return nil
}
