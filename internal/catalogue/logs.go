package catalogue

import (
	"bytes"
	"context"
	"encoding/json"
	"log/slog"
	"strings"
	"sync"
	"time"
)

const (
	// logRate is what one department may log, in bytes a second; the rest is
	// dropped and counted.
	logRate = 64 << 10
	// logRead is what is read of a flood in a second before the department is
	// made to wait, so that dropping costs the host nothing either.
	logRead = 1 << 20
	// logLine is the longest line that is kept, in bytes.
	logLine = 4 << 10
)

// logs takes what a department writes and gives it to the platform's log line by
// line: tagged with the department's name, as a value, so that no line can pass
// for one of the platform or of another department.
type logs struct {
	logger *slog.Logger
	stop   chan struct{} // closed when the host closes: nobody waits any more

	mu      sync.Mutex // guards all below
	pending []byte     // a line without its end
	window  time.Time  // start of the current second
	read    int        // bytes read in it
	written int        // bytes logged in it
	dropped int        // bytes dropped since the last report
}

func newLogs(logger *slog.Logger, name string, stop chan struct{}) *logs {
	return &logs{logger: logger.With("department", name), stop: stop}
}

// Write implements io.Writer. It never fails; a department that floods is held
// back until the second is over.
func (l *logs) Write(p []byte) (int, error) {
	l.mu.Lock()
	l.roll(time.Now())
	l.split(p)
	l.read += len(p)
	hold := time.Duration(0)
	if l.read > logRead {
		hold = time.Until(l.window.Add(time.Second))
	}
	l.mu.Unlock()
	if hold > 0 {
		select {
		case <-time.After(hold):
		case <-l.stop:
		}
	}
	return len(p), nil
}

// roll begins a new second and reports what the last one dropped.
func (l *logs) roll(now time.Time) {
	if now.Sub(l.window) < time.Second {
		return
	}
	l.window, l.read, l.written = now, 0, 0
	if l.dropped > 0 {
		l.logger.Warn("the department logs too much", "droppedBytes", l.dropped)
		l.dropped = 0
	}
}

// last reports what was dropped since the last report, when no second comes after.
func (l *logs) last() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.window = time.Time{}
	l.roll(time.Now())
}

// split logs the complete lines and keeps the rest.
func (l *logs) split(p []byte) {
	for len(p) > 0 {
		end := bytes.IndexByte(p, '\n')
		part := p
		if end >= 0 {
			part = p[:end]
		}
		l.add(part)
		if end < 0 {
			return
		}
		l.flush()
		p = p[end+1:]
	}
}

// add appends to the pending line up to its longest length.
func (l *logs) add(part []byte) {
	room := logLine - len(l.pending)
	if len(part) > room {
		l.dropped += len(part) - room
		part = part[:room]
	}
	l.pending = append(l.pending, part...)
}

// flush logs the pending line if the second has room for it.
func (l *logs) flush() {
	line := strings.TrimRight(strings.ToValidUTF8(string(l.pending), "�"), "\r")
	l.pending = l.pending[:0]
	if line == "" {
		return
	}
	if l.written+len(line) > logRate {
		l.dropped += len(line)
		return
	}
	l.written += len(line)
	l.logger.Log(context.Background(), levelOf(line), "department log", "line", line)
}

// levelOf is the level that a line in the JSON of the plug-in library names, at
// most a warning: only the platform says what is an error of the platform.
func levelOf(line string) slog.Level {
	var entry struct {
		Level string `json:"@level"`
	}
	if !strings.HasPrefix(line, "{") || json.Unmarshal([]byte(line), &entry) != nil {
		return slog.LevelInfo
	}
	switch entry.Level {
	case "trace", "debug":
		return slog.LevelDebug
	case "warn", "error":
		return slog.LevelWarn
	default:
		return slog.LevelInfo
	}
}
