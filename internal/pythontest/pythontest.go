//go:build unix

// Package pythontest gives tests the department in Python (plugins/sdk/python) in
// a form that this machine can run.
//
// What the department needs is Debian's python3-grpcio, and python3-cryptography
// for its certificates. Where /usr/bin/python3 has both, the file runs as it is.
// Otherwise they are fetched once, with an interpreter, into the user's cache (see
// package debian), and a copy of the file names that interpreter in its first
// line. Where neither is possible the test fails and says what to install: nothing
// is skipped.
package pythontest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/spazio-in-comune/sportello/internal/debian"
)

// EnvPython names the interpreter to test with, as an absolute path; by hand, for a
// machine where it lies elsewhere.
const EnvPython = "SPORTELLO_TEST_PYTHON"

// Name is the service of the department, and the name of its file.
const Name = "oggettoteca"

// debianPython is where Debian has its interpreter, and with it its libraries: the
// first python3 in PATH may be another one.
const debianPython = "/usr/bin/python3"

// Department copies the department into the folder, executable, and returns its
// path. root is the root of the module, as the test sees it.
func Department(tb testing.TB, root, folder string) string {
	tb.Helper()
	python, err := interpreter(tb.Context(), debianPython)
	if err != nil {
		tb.Fatal(err)
	}
	text, err := os.ReadFile(filepath.Join(root, "plugins/sdk/python", Name))
	if err != nil {
		tb.Fatal(err)
	}
	text, err = startedBy(python, text)
	if err != nil {
		tb.Fatal(err)
	}
	path := filepath.Join(folder, Name)
	if err := os.WriteFile(path, text, 0o755); err != nil { //nolint:gosec // it must be executable
		tb.Fatal(err)
	}
	return path
}

// startedBy names another interpreter in the first line of a file.
func startedBy(python string, text []byte) ([]byte, error) {
	rest, ok := bytes.CutPrefix(text, []byte("#!"+debianPython+" "))
	if !ok {
		return nil, fmt.Errorf("the department does not begin with #!%s", debianPython)
	}
	line := []byte("#!" + python + " ")
	return append(line, rest...), nil
}

// interpreter is a Python with all that the department needs: the installed one, if
// it has that.
func interpreter(ctx context.Context, installed string) (string, error) {
	if named := os.Getenv(EnvPython); named != "" {
		return named, complete(ctx, named)
	}
	if complete(ctx, installed) == nil {
		return installed, nil
	}
	root, err := debian.Fetch(ctx, debian.Wanted{
		Name: "python", Packages: []string{"python3", "python3-grpcio", "python3-cryptography"},
	})
	if errors.Is(err, debian.ErrCannotFetch) {
		return "", fmt.Errorf("python3 with grpcio, protobuf and cryptography: %w; install them, or name an interpreter that has them: %s=/path/to/python3", err, EnvPython)
	}
	if err != nil {
		return "", err
	}
	python, err := fetched(root)
	if err != nil {
		return "", err
	}
	return python, complete(ctx, python)
}

// complete asks an interpreter for what the department imports.
func complete(ctx context.Context, python string) error {
	said, err := exec.CommandContext(ctx, python, "-I", "-c", "import grpc, google.protobuf, cryptography.x509").CombinedOutput()
	if err != nil {
		return fmt.Errorf("%s cannot run the department: %w: %s", python, err, bytes.TrimSpace(said))
	}
	return nil
}

// fetched writes the program that starts the interpreter of an unpacked folder with
// that folder's libraries, and returns its path. A first line can name it: unlike a
// loader with its arguments, it is one short word.
func fetched(root string) (string, error) {
	program, err := filepath.EvalSymlinks(filepath.Join(root, "usr/bin/python3"))
	if err != nil {
		return "", fmt.Errorf("%s holds no Python; remove it to fetch it again", root)
	}
	loader, err := debian.LoaderOf(root)
	if err != nil {
		return "", err
	}
	modules, err := filepath.Glob(filepath.Join(root, "usr/lib/*/ossl-modules"))
	if err != nil {
		return "", fmt.Errorf("look for the modules of OpenSSL: %w", err)
	}
	script := fmt.Sprintf("#!/bin/sh\nOPENSSL_MODULES='%s' exec '%s' '%s' \"$@\"\n",
		strings.Join(modules, ":"), loader.Path, strings.Join(loader.Arguments(program), "' '"))
	return writeOnce(filepath.Join(root, "python3"), script)
}

// writeOnce writes an executable, whole or not at all, as other tests may start it
// meanwhile.
func writeOnce(path, text string) (string, error) {
	if is, err := os.ReadFile(path); err == nil && string(is) == text {
		return path, nil
	}
	part, err := os.CreateTemp(filepath.Dir(path), filepath.Base(path)+".part-")
	if err != nil {
		return "", fmt.Errorf("write %s: %w", path, err)
	}
	_, err = part.WriteString(text)
	err = errors.Join(err, part.Chmod(0o755), part.Close(), os.Rename(part.Name(), path))
	if err != nil {
		return "", fmt.Errorf("write %s: %w", path, err)
	}
	return path, nil
}
