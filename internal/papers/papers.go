package papers

import (
	"context"
	"log/slog"
	"time"

	"github.com/spazio-in-comune/sportello/ent"
	"github.com/spazio-in-comune/sportello/internal/casework"
	"github.com/spazio-in-comune/sportello/internal/store"
	"github.com/spazio-in-comune/sportello/internal/vault"
)

// The limits of files.
const (
	// MaxSize is the largest file that is taken, in bytes.
	MaxSize = 20 << 20
	// maxUnderWay bounds how many files one person may have on their way at once, and
	// maxBytesUnderWay what they weigh together.
	maxUnderWay      = 10
	maxBytesUnderWay = 100 << 20
	// uploadLife is how long a file may take to come in and to be attached.
	uploadLife = 24 * time.Hour
	// maxAtOnce bounds how many files are held in memory at once, to be looked at or
	// handed out.
	maxAtOnce = 4
)

// Cases is what the room needs of casework.
type Cases interface {
	Receipts
	// PaperFor gives a paper of a case to which whoever asks may add a content now:
	// NOT_FOUND where they do not see it, NOT_ALLOWED and PRECONDITION_FAILED else.
	PaperFor(ctx context.Context, caseID, documentID string) (*ent.CaseFile, *ent.CaseDocument, error)
	// Attach adds a content to a paper, with what the caller writes beside it.
	Attach(ctx context.Context, in casework.Attachment) (*ent.CaseFile, error)
	// Scanned records what a scanner said of a content that waited for it.
	Scanned(ctx context.Context, versionID string, verdict casework.ScanVerdict) error
}

// Config is what the room stands on.
type Config struct {
	Store  *store.Store
	Vault  *vault.Vault
	Cases  Cases
	Blobs  *Blobs
	Logger *slog.Logger
	// Scanner looks at every file after its structure was checked; nil has none.
	Scanner Scanner
	// Reads appends to the audit what was opened in the context; without it nothing is
	// handed out.
	Reads func(ctx context.Context, action string) error
}

// Papers is the room. Its methods may be called at the same time.
type Papers struct {
	store   *store.Store
	vault   *vault.Vault
	cases   Cases
	blobs   *Blobs
	log     *slog.Logger
	scanner Scanner
	reads   func(ctx context.Context, action string) error
	// memory holds a place for each file in memory.
	memory chan struct{}
}

// New makes the room.
func New(cfg Config) *Papers {
	p := &Papers{
		store: cfg.Store, vault: cfg.Vault, cases: cfg.Cases, blobs: cfg.Blobs, log: cfg.Logger, scanner: cfg.Scanner, reads: cfg.Reads,
		memory: make(chan struct{}, maxAtOnce),
	}
	if p.scanner == nil {
		p.scanner = structureOnly{}
	}
	return p
}

// hold waits for a place in memory and returns what gives it back.
func (p *Papers) hold(ctx context.Context) (release func(), err error) {
	select {
	case p.memory <- struct{}{}:
		return func() { <-p.memory }, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}
