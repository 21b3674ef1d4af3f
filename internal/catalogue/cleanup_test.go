package catalogue

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"os"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// TestNothingIsLeftBehind restarts departments that fail in every way and counts
// what the host has afterwards.
func TestNothingIsLeftBehind(t *testing.T) {
	warm := startHost(t, Limits{}, io.Discard, Bundled("one"))
	if err := warm.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	goroutines, files := runtime.NumGoroutine(), openFiles(t)

	c := startHost(t, Limits{}, io.Discard, Bundled("one"), Bundled("two"),
		Bundled("exit-at-start"), Bundled("exit-after-handshake"), Bundled("hang-in-handshake"), Bundled("describe-another"))
	for range 3 {
		eventually(t, 30*time.Second, "ready", inState(c, "one", Ready))
		if _, err := ask(t, c, "one", "exit"); err == nil {
			t.Error("an ended process answered")
		}
	}
	if err := c.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	eventually(t, 5*time.Second, "goroutines and files as before", func() bool {
		return runtime.NumGoroutine() <= goroutines && openFiles(t) <= files
	})
}

func openFiles(t *testing.T) int {
	t.Helper()
	entries, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		t.Fatal(err)
	}
	return len(entries)
}

func TestCloseIsBounded(t *testing.T) {
	t.Run("a stopped process", func(t *testing.T) {
		c := startHost(t, Limits{Stop: 500 * time.Millisecond}, io.Discard, Bundled("one"))
		pid := pidOf(t, c, "one")
		if err := syscall.Kill(pid, syscall.SIGSTOP); err != nil {
			t.Fatal(err)
		}
		closeWithin(t, c, 2*time.Second)
		if alive(pid) {
			t.Error("the process lives")
		}
	})
	t.Run("a daemon holds the output open", func(t *testing.T) {
		c := startHost(t, Limits{Stop: 500 * time.Millisecond}, io.Discard, Bundled("one"))
		daemon, err := strconv.Atoi(value(t, c, "one", "daemon"))
		if err != nil || daemon == 0 {
			t.Fatal("no daemon", err)
		}
		t.Cleanup(func() { _ = syscall.Kill(daemon, syscall.SIGKILL) })
		closeWithin(t, c, 2*time.Second)
	})
	t.Run("a start that hangs", func(t *testing.T) {
		t.Parallel()
		c := startHost(t, Limits{Start: 300 * time.Millisecond}, io.Discard, Bundled("hang-in-handshake"))
		eventually(t, 5*time.Second, "starting again", inState(c, "hang-in-handshake", Starting))
		closeWithin(t, c, 2*time.Second)
	})
}

func closeWithin(t *testing.T, c *Catalogue, limit time.Duration) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), limit)
	defer cancel()
	if err := c.Close(ctx); err != nil {
		t.Fatal(err)
	}
}

// safeBuffer is a log that two goroutines may use.
type safeBuffer struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (b *safeBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.Write(p)
}

func (b *safeBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.String()
}

func TestLogFloodIsCutAndEncoded(t *testing.T) {
	var log safeBuffer
	start := time.Now()
	c := startHost(t, Limits{Review: 10 * time.Second}, &log, Bundled("one"))
	value(t, c, "one", "flood")
	seconds := int(time.Since(start).Seconds()) + 2
	if err := c.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	said, dropped := 0, false
	for line := range strings.Lines(log.String()) {
		var entry struct {
			Level, Department, Line string
			DroppedBytes            int
		}
		if err := json.Unmarshal([]byte(line), &entry); err != nil {
			t.Fatalf("a line of the log is %q: %v", line, err)
		}
		if entry.Department != "one" || entry.Level == "ERROR" {
			t.Fatalf("a forged line: %s", line)
		}
		said += len(entry.Line)
		dropped = dropped || entry.DroppedBytes > 0
	}
	if said == 0 || said > seconds*logRate {
		t.Errorf("%d bytes logged in %d s", said, seconds)
	}
	if !dropped {
		t.Error("the log does not say that lines are missing")
	}
}
