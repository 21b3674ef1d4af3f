package main

import (
	"context"
	"fmt"
	"io"
	"log/slog"

	"github.com/spazio-in-comune/sportello/internal/access"
	"github.com/spazio-in-comune/sportello/internal/casework"
	"github.com/spazio-in-comune/sportello/internal/papers"
	"github.com/spazio-in-comune/sportello/internal/store"
	"github.com/spazio-in-comune/sportello/internal/vault"
)

// verifyFilings compares what was filed, and every document, with the hashes that were
// kept when they came in.
func verifyFilings(ctx context.Context, flags verifyFlags, out io.Writer) error {
	cfg := flags.config()
	cfg.Attach, cfg.Sign = access.Attach, access.Sign
	s, err := store.OpenReader(ctx, cfg)
	if err != nil {
		return err
	}
	defer func() { _ = s.Close() }()
	keys, err := vault.Existing(ctx, s, keyFile(flags.keyFile, flags.data))
	if err != nil {
		return fmt.Errorf("what was filed cannot be opened without the town's keys: %w", err)
	}
	blobs, err := openBlobs(ctx, flags.documents, flags.data)
	if err != nil {
		return err
	}
	defer func() { _ = blobs.Close() }()
	wrong := 0
	tell := func(what, why string) {
		wrong++
		_, _ = fmt.Fprintf(out, "%s: %s\n", what, why)
	}
	filings, err := casework.VerifyFilings(ctx, s, keys, tell)
	if err != nil {
		return err
	}
	room := papers.New(papers.Config{Store: s, Vault: keys, Blobs: blobs, Logger: slog.Default()})
	documents, err := room.VerifyAll(ctx, tell)
	if err != nil {
		return err
	}
	if wrong > 0 {
		return fmt.Errorf("of %d filings and %d documents %d are not as they came in", filings, documents, wrong)
	}
	_, err = fmt.Fprintf(out, "%d filings and %d documents verified; all are as they came in\n", filings, documents)
	return err
}
