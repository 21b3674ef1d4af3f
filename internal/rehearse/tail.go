package rehearse

import (
	"context"
	"fmt"
	"log/slog"
	"strings"
	"sync"
)

// tailLines is how many of the last lines of a log are kept.
const tailLines = 20

// tail is a log of which the last lines are kept, for the report.
type tail struct {
	mu    sync.Mutex // guards all below
	lines []string
	lost  int64 // bytes that the host dropped
}

// Enabled implements slog.Handler.
func (t *tail) Enabled(context.Context, slog.Level) bool { return true }

// WithAttrs implements slog.Handler; who logs is known.
func (t *tail) WithAttrs([]slog.Attr) slog.Handler { return t }

// WithGroup implements slog.Handler.
func (t *tail) WithGroup(string) slog.Handler { return t }

// Handle implements slog.Handler.
func (t *tail) Handle(_ context.Context, record slog.Record) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	record.Attrs(func(a slog.Attr) bool {
		switch a.Key {
		case "line":
			t.lines = append(t.lines, a.Value.String())
			t.lines = t.lines[max(0, len(t.lines)-tailLines):]
		case "droppedBytes":
			t.lost += a.Value.Int64()
		}
		return true
	})
	return nil
}

// text is the end of the log under a heading, empty if there was none.
func (t *tail) text() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	if len(t.lines) == 0 {
		return ""
	}
	return "\nit logged:\n  " + strings.Join(t.lines, "\n  ")
}

// dropped says how much the host had to drop, empty if nothing.
func (t *tail) dropped() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.lost == 0 {
		return ""
	}
	return fmt.Sprintf("%d bytes had to be dropped", t.lost)
}
