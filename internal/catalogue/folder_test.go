package catalogue

import (
	"context"
	"io"
	"log/slog"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/spazio-in-comune/sportello/internal/town"
)

// A second host on the folder of the first must not empty it under its feet.
func TestFolderBelongsToOneHost(t *testing.T) {
	cfg := Config{
		Plugins: []Registration{Bundled("one")}, Memory: newTestMemory(), Clock: town.SystemClock{},
		Logger: slog.New(slog.NewJSONHandler(io.Discard, nil)), SocketFolder: filepath.Join(t.TempDir(), "run"),
	}
	first, err := New(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	if err := first.Settled(ctx); err != nil {
		t.Fatal(err)
	}
	if _, err := New(t.Context(), cfg); err == nil || !strings.Contains(err.Error(), "in use by another sportello process") {
		t.Errorf("a second host on the same folder: %v", err)
	}
	if _, err := ask(t, first, "one", "pid"); err != nil {
		t.Errorf("the first host after that: %v", err)
	}
	if err := first.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	next, err := New(t.Context(), cfg)
	if err != nil {
		t.Fatalf("the next host on the folder: %v", err)
	}
	if err := next.Close(context.Background()); err != nil {
		t.Error(err)
	}
}
