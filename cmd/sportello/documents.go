package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"
	"gocloud.dev/blob"
	_ "gocloud.dev/blob/s3blob" // s3://…; only the server carries it

	"github.com/spazio-in-comune/sportello/internal/papers"
)

// documentsConfig says where the contents of documents lie, and who looks at them.
type documentsConfig struct {
	Store string // s3://bucket?… or a folder; empty: documents in the data folder
	Clamd string // empty: type and structure are checked, and that is all
}

func (c *documentsConfig) register(cmd *cobra.Command) {
	registerDocuments(cmd, &c.Store)
	cmd.Flags().StringVar(&c.Clamd, "clamd", "", "tcp://host:3310 or unix:///run/clamav/clamd.ctl of the ClamAV daemon that looks at documents; empty means that type and structure are checked only")
}

// registerDocuments adds the flag of the store of documents.
func registerDocuments(cmd *cobra.Command, where *string) {
	cmd.Flags().StringVar(where, "documents", "", "where the contents of documents lie: a folder, or s3://bucket?region=… with endpoint=https://… for an S3-compatible store; empty means documents in the data folder")
}

// openBlobs opens the store of documents.
func openBlobs(ctx context.Context, where, data string) (*papers.Blobs, error) {
	if !strings.Contains(where, "://") {
		return papers.Folder(cmp.Or(where, filepath.Join(data, "documents")))
	}
	if !strings.HasPrefix(where, "s3://") {
		return nil, usageError{fmt.Errorf("--documents %q: want a folder or s3://bucket", where)}
	}
	bucket, err := blob.OpenBucket(ctx, where)
	if err != nil {
		return nil, fmt.Errorf("--documents %s: %w", strings.SplitN(where, "?", 2)[0], err)
	}
	return papers.Bucket(bucket), nil
}

// openPapers opens the room of documents and gives what answers under /documents/.
func (a *app) openPapers(ctx context.Context) (err error) {
	if a.blobs, err = openBlobs(ctx, a.cfg.Documents.Store, a.cfg.Data); err != nil {
		return err
	}
	cfg := papers.Config{
		Store: a.store, Vault: a.vault, Cases: a.cases, Blobs: a.blobs, Logger: a.cfg.Logger, Reads: a.audit.Reads,
	}
	if a.cfg.Documents.Clamd != "" {
		if cfg.Scanner, err = papers.NewClamd(a.cfg.Documents.Clamd); err != nil {
			return usageError{errors.Join(errors.New("--clamd"), err)}
		}
	}
	a.papers = papers.New(cfg)
	return nil
}

// documents answers under /documents/ for whoever is at the door.
func (a *app) documents() (http.Handler, error) {
	handler, err := a.papers.Handler(a.door.Sockets.Use)
	if err != nil {
		return nil, err
	}
	return a.door.Middleware(handler), nil
}
