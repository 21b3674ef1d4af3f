package papers

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"gocloud.dev/blob"
	"gocloud.dev/blob/fileblob"
	"gocloud.dev/gcerrors"
)

// Blobs is where sealed contents lie, by name.
type Blobs struct {
	bucket *blob.Bucket
	// folder is where they lie on this machine; empty elsewhere.
	folder string
}

// Folder keeps contents in a folder of this machine, which it makes. Only its owner reads it.
func Folder(path string) (*Blobs, error) {
	bucket, err := fileblob.OpenBucket(path, &fileblob.Options{
		CreateDir: true, DirFileMode: 0o700, NoTempDir: true, Metadata: fileblob.MetadataDontWrite,
	})
	if err != nil {
		return nil, fmt.Errorf("open the folder of documents: %w", err)
	}
	return &Blobs{bucket: bucket, folder: path}, nil
}

// Bucket keeps contents in a bucket that is open already, such as one of S3.
func Bucket(bucket *blob.Bucket) *Blobs { return &Blobs{bucket: bucket} }

// Close lets the store go.
func (b *Blobs) Close() error {
	if err := b.bucket.Close(); err != nil {
		return fmt.Errorf("close the store of documents: %w", err)
	}
	return nil
}

// put writes what write writes under the name, whole or not at all, and returns once it
// is durable.
func (b *Blobs) put(ctx context.Context, name string, write func(io.Writer) error) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	w, err := b.bucket.NewWriter(ctx, name, &blob.WriterOptions{ContentType: "application/octet-stream"})
	if err != nil {
		return fmt.Errorf("write %s: %w", name, err)
	}
	if err := write(w); err != nil {
		cancel() // a writer whose context has ended leaves nothing behind
		return errors.Join(err, ignoreCancelled(w.Close()))
	}
	if err := w.Close(); err != nil {
		return fmt.Errorf("write %s: %w", name, err)
	}
	return b.sync(name)
}

func ignoreCancelled(err error) error {
	if errors.Is(err, context.Canceled) || gcerrors.Code(err) == gcerrors.Canceled {
		return nil
	}
	return err
}

// sync makes a file of a folder durable; a bucket is durable once it has answered.
func (b *Blobs) sync(name string) error {
	if b.folder == "" {
		return nil
	}
	path := filepath.Join(b.folder, filepath.FromSlash(name))
	for _, path := range []string{path, filepath.Dir(path), b.folder} {
		file, err := os.Open(path)
		if err != nil {
			return fmt.Errorf("make %s durable: %w", name, err)
		}
		if err := errors.Join(file.Sync(), file.Close()); err != nil {
			return fmt.Errorf("make %s durable: %w", name, err)
		}
	}
	return nil
}

// open reads what lies under the name.
func (b *Blobs) open(ctx context.Context, name string) (io.ReadCloser, error) {
	r, err := b.bucket.NewReader(ctx, name, nil)
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", name, err)
	}
	return r, nil
}

// remove takes away what lies under the name, if anything does.
func (b *Blobs) remove(ctx context.Context, name string) error {
	if err := b.bucket.Delete(ctx, name); err != nil && gcerrors.Code(err) != gcerrors.NotFound {
		return fmt.Errorf("remove %s: %w", name, err)
	}
	return nil
}

// names are what lies under names that begin so, in order.
func (b *Blobs) names(ctx context.Context, prefix string) ([]string, error) {
	var found []string
	list := b.bucket.List(&blob.ListOptions{Prefix: prefix})
	for {
		object, err := list.Next(ctx)
		if errors.Is(err, io.EOF) {
			return found, nil
		}
		if err != nil {
			return nil, fmt.Errorf("list %s: %w", prefix, err)
		}
		found = append(found, object.Key)
	}
}

// removeAll takes away all that lies under names that begin so.
func (b *Blobs) removeAll(ctx context.Context, prefix string) error {
	found, err := b.names(ctx, prefix)
	if err != nil {
		return err
	}
	for _, name := range found {
		if err := b.remove(ctx, name); err != nil {
			return err
		}
	}
	return nil
}
