package papers

import (
	"context"
	"io"
)

// Scanner looks into a file for what does harm.
type Scanner interface {
	// Name is what the scanner is called in a document's row, in at most 64 letters.
	Name() string
	// Scan reads the file and says what it found; empty for nothing. An error says that
	// the scanner could not look: then nothing is known of the file.
	Scan(ctx context.Context, content io.Reader) (found string, err error)
}

// structureOnly is where no scanner is configured: type and structure were checked, and
// that is all.
type structureOnly struct{}

func (structureOnly) Name() string { return "structure" }

func (structureOnly) Scan(context.Context, io.Reader) (string, error) { return "", nil }
