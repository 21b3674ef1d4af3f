package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime/debug"
	"sync"
	"testing"
)

// The end-to-end tests run the product as its users do: the built program as a
// process of its own, its departments as processes of theirs, real sockets. What
// is faked is the town's week, nothing else.

// programs is where the built programs are; made once, when first needed.
var programs = sync.OnceValues(build)

// TestMain takes the built programs away again.
func TestMain(m *testing.M) {
	code := m.Run()
	if folder := os.Getenv(envPrograms); folder != "" {
		_ = os.RemoveAll(folder) // in the system's temporary folder: nothing is lost
	}
	os.Exit(code)
}

// envPrograms tells TestMain what to take away.
const envPrograms = "SPORTELLO_E2E_PROGRAMS"

// build makes every program of the house, under the race detector if the tests
// are.
func build() (string, error) {
	folder, err := os.MkdirTemp("", "sportello-e2e-")
	if err != nil {
		return "", fmt.Errorf("make a folder for the programs: %w", err)
	}
	if err := os.Setenv(envPrograms, folder); err != nil {
		return "", err
	}
	args := []string{"build", "-buildvcs=false", "-o", folder + string(filepath.Separator)}
	if racing() {
		args = append(args, "-race")
	}
	cmd := exec.Command("go", append(args, "../...")...)
	if out, err := cmd.CombinedOutput(); err != nil {
		return "", fmt.Errorf("build the programs: %w\n%s", err, out)
	}
	return folder, nil
}

// racing reports whether the tests were built with the race detector.
func racing() bool {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return false
	}
	for _, s := range info.Settings {
		if s.Key == "-race" {
			return s.Value == "true"
		}
	}
	return false
}

// program is the path of the server's program.
func program(t testing.TB) string {
	t.Helper()
	folder, err := programs()
	if err != nil {
		t.Fatal(err)
	}
	return filepath.Join(folder, "sportello")
}
