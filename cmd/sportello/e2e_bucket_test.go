package main

import (
	"strings"
	"testing"

	"github.com/spazio-in-comune/sportello/internal/store/dbtest"
)

// TestE2EDocumentsInABucket: what holds with documents in a folder holds with documents in
// an S3-compatible store, and nothing of them lies beside the server.
func TestE2EDocumentsInABucket(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, db dbtest.DB) {
		t.Parallel()
		bucket := newBucketDepot(t)
		h := emptyHouse(t, db, "--demo", "--documents", bucket.url)
		h.env = []string{"AWS_ACCESS_KEY_ID=" + bucketKey, "AWS_SECRET_ACCESS_KEY=" + bucketSecret}
		h.start()
		h.awaitDepartments()
		testFiles(t, h, bucket, file(h.as("operator1")).text("id"))
		if left := bucket.names(t, "upload/"); len(left) > 0 {
			t.Errorf("parts of files that came in whole, or were called back: %v", left)
		}
		testVerifyFilings(t, h, bucket, "--documents", bucket.url)
		h.env[1] = "AWS_SECRET_ACCESS_KEY=un-altro"
		if got := h.command("verify", "--filings", "--documents", bucket.url); got.code != 1 || strings.Contains(got.out+got.err, "un-altro") {
			t.Errorf("with another secret: %+v", got)
		}
	})
}
