package main

import (
	"bytes"
	"io"
	"io/fs"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/rclone/gofakes3"
	"github.com/rclone/gofakes3/s3mem"
)

// depot is where the contents of documents kept, seen from beside the server.
type depot interface {
	// names are what lies there under names that begin so.
	names(t *testing.T, prefix string) []string
	read(t *testing.T, name string) []byte
	write(t *testing.T, name string, content []byte)
}

// folderDepot is a folder of this machine.
type folderDepot string

func (f folderDepot) names(t *testing.T, prefix string) []string {
	t.Helper()
	var found []string
	err := filepath.WalkDir(string(f), func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		name, err := filepath.Rel(string(f), path)
		if strings.HasPrefix(filepath.ToSlash(name), prefix) {
			found = append(found, filepath.ToSlash(name))
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return found
}

func (f folderDepot) read(t *testing.T, name string) []byte {
	t.Helper()
	content, err := os.ReadFile(f.path(name))
	if err != nil {
		t.Fatal(err)
	}
	return content
}

func (f folderDepot) write(t *testing.T, name string, content []byte) {
	t.Helper()
	if err := os.WriteFile(f.path(name), content, 0o600); err != nil {
		t.Fatal(err)
	}
}

func (f folderDepot) path(name string) string {
	return filepath.Join(string(f), filepath.FromSlash(name))
}

// Who may use the bucket, and its name.
const bucketKey, bucketSecret, bucketName = "sportello", "segreto-della-prova", "documenti"

// bucketDepot is a bucket of an S3-compatible store that answers on loopback and refuses
// whoever does not sign with the key.
type bucketDepot struct {
	backend *s3mem.Backend
	url     string // for --documents
}

func newBucketDepot(t *testing.T) bucketDepot {
	t.Helper()
	backend := s3mem.New()
	if err := backend.CreateBucket(t.Context(), bucketName); err != nil {
		t.Fatal(err)
	}
	store := gofakes3.New(backend, gofakes3.WithV4Auth(map[string]string{bucketKey: bucketSecret}))
	server := httptest.NewServer(store.Server())
	t.Cleanup(server.Close)
	return bucketDepot{backend, "s3://" + bucketName + "?region=eu-south-1&use_path_style=true&endpoint=" + server.URL}
}

func (b bucketDepot) names(t *testing.T, prefix string) []string {
	t.Helper()
	found, err := b.backend.ListBucket(t.Context(), bucketName, &gofakes3.Prefix{HasPrefix: prefix != "", Prefix: prefix}, gofakes3.ListBucketPage{})
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, object := range found.Contents {
		names = append(names, object.Key)
	}
	return names
}

func (b bucketDepot) read(t *testing.T, name string) []byte {
	t.Helper()
	object, err := b.backend.GetObject(t.Context(), bucketName, name, nil)
	if err != nil {
		t.Fatal(err)
	}
	content, err := io.ReadAll(object.Contents)
	if err != nil {
		t.Fatal(err)
	}
	return content
}

func (b bucketDepot) write(t *testing.T, name string, content []byte) {
	t.Helper()
	if _, err := b.backend.PutObject(t.Context(), bucketName, name, map[string]string{}, bytes.NewReader(content), int64(len(content))); err != nil {
		t.Fatal(err)
	}
}
