//go:build unix

package main

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/spazio-in-comune/sportello/internal/store/dbtest"
)

func TestRunPassesOnTheExitCode(t *testing.T) {
	tests := map[string]int{"true": 0, "false": 1, "exit 7": 7}
	for script, want := range tests {
		t.Run(script, func(t *testing.T) {
			code, err := run(t.Context(), []string{dbtest.SQLite}, false, []string{"sh", "-c", script})
			if err != nil || code != want {
				t.Errorf("got %d, %v, want %d", code, err, want)
			}
		})
	}
}

func TestRunSaysWhatIsExpected(t *testing.T) {
	out := filepath.Join(t.TempDir(), "out")
	// A server already named is used as it is: nothing is started.
	t.Setenv(dbtest.EnvMySQL, "mysql://u:p@127.0.0.1:1/")
	script := "echo $" + dbtest.EnvExpected + " $" + dbtest.EnvMySQL + " > " + out
	code, err := run(t.Context(), []string{dbtest.SQLite, dbtest.MySQL}, false, []string{"sh", "-c", script})
	if err != nil || code != 0 {
		t.Fatalf("got %d, %v", code, err)
	}
	got, err := os.ReadFile(out)
	if err != nil {
		t.Fatal(err)
	}
	if want := "sqlite mysql mysql://u:p@127.0.0.1:1/\n"; string(got) != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestRunRefusesAnUnknownDatabase(t *testing.T) {
	code, err := run(t.Context(), []string{"oracle"}, false, []string{"true"})
	if err == nil || code == 0 {
		t.Errorf("got %d, %v, want a refusal", code, err)
	}
}

// TestInterruptionReachesWhatTheCommandStarted: a test binary is a grandchild.
func TestInterruptionReachesWhatTheCommandStarted(t *testing.T) {
	pidFile := filepath.Join(t.TempDir(), "pid")
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	done := make(chan error, 1)
	go func() {
		_, err := runCommand(ctx, []string{"sh", "-c", "sleep 60 & echo $! > " + pidFile + "; wait"}, os.Environ())
		done <- err
	}()
	pid := waitForPid(t, pidFile)
	cancel()
	if err := <-done; err == nil {
		t.Error("an interrupted command passed")
	}
	for range 100 {
		if hasEnded(pid) {
			return
		}
		time.Sleep(20 * time.Millisecond)
	}
	t.Errorf("process %d outlived the interruption", pid)
}

func waitForPid(t *testing.T, file string) int {
	t.Helper()
	for range 250 {
		text, err := os.ReadFile(file)
		if pid := strings.TrimSpace(string(text)); err == nil && pid != "" {
			n, err := strconv.Atoi(pid)
			if err != nil {
				t.Fatal(err)
			}
			return n
		}
		time.Sleep(20 * time.Millisecond)
	}
	t.Fatal("the command did not start")
	return 0
}

// hasEnded also knows a process that ended and that nobody has waited for yet,
// as happens to orphans where there is no init to adopt them.
func hasEnded(pid int) bool {
	if errors.Is(syscall.Kill(pid, 0), syscall.ESRCH) {
		return true
	}
	state, err := exec.Command("ps", "-o", "stat=", "-p", strconv.Itoa(pid)).Output()
	return err == nil && strings.HasPrefix(strings.TrimSpace(string(state)), "Z")
}
