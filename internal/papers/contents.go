package papers

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"

	"github.com/spazio-in-comune/sportello/ent"
	"github.com/spazio-in-comune/sportello/internal/casework"
	"github.com/spazio-in-comune/sportello/internal/vault"
)

// content opens what a version holds, in whose name the context says, and makes sure that
// it is what came in. It gives vault.ErrErased where it was erased.
func (p *Papers) content(ctx context.Context, version *ent.DocumentVersion) ([]byte, error) {
	key, err := p.vault.Open(ctx, versionKeyAt(version.ID), version.ContentKey)
	if err != nil {
		return nil, err
	}
	if key == nil {
		return nil, errGone
	}
	sealed, err := p.blobs.open(ctx, version.Object)
	if err != nil {
		return nil, err
	}
	defer func() { _ = sealed.Close() }()
	content := bytes.NewBuffer(make([]byte, 0, version.Size+1))
	if err := vault.OpenContent(content, sealed, key, version.Object, version.Size); err != nil {
		return nil, err
	}
	sum := sha256.Sum256(content.Bytes())
	if hex.EncodeToString(sum[:]) != version.Sha256 {
		return nil, fmt.Errorf("version %s: %w", version.ID, errChanged)
	}
	return content.Bytes(), nil
}

// rescan asks the scanner about a content that waits for it.
func (p *Papers) rescan(ctx context.Context, version *ent.DocumentVersion) error {
	release, err := p.hold(ctx)
	if err != nil {
		return err
	}
	defer release()
	content, err := p.content(ctx, version)
	if err != nil {
		return err
	}
	found, err := p.scanner.Scan(ctx, bytes.NewReader(content))
	if err != nil {
		return err
	}
	return p.cases.Scanned(ctx, version.ID, casework.ScanVerdict{Scanner: p.scanner.Name(), Found: found})
}
