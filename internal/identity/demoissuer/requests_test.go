package demoissuer

import (
	"errors"
	"strconv"
	"testing"
	"time"
)

// TestWhatIsKeptExpiresAndIsTakenOnce: a code is good for a minute, and once.
func TestWhatIsKeptExpiresAndIsTakenOnce(t *testing.T) {
	t.Parallel()
	now := time.Now()
	codes := newShelf[string](codeLife)
	codes.now = func() time.Time { return now }
	codes.put("a", "first")
	codes.put("b", "second")
	if got, err := codes.take("a"); got != "first" || err != nil {
		t.Errorf("a code: %q, %v", got, err)
	}
	if _, err := codes.take("a"); !errors.Is(err, errUnknown) {
		t.Errorf("a used code: %v", err)
	}
	now = now.Add(codeLife)
	for name, get := range map[string]func(string) (string, error){"looked at": codes.get, "taken": codes.take} {
		if _, err := get("b"); !errors.Is(err, errUnknown) {
			t.Errorf("an expired code is %s: %v", name, err)
		}
	}
	for i := range maxKept + 10 {
		codes.put(strconv.Itoa(i), "")
	}
	if n := len(codes.kept); n > maxKept {
		t.Errorf("%d are kept, want %d at most", n, maxKept)
	}
}
