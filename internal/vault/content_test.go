package vault_test

import (
	"bytes"
	"testing"

	"github.com/spazio-in-comune/sportello/internal/vault"
)

// TestSealedContents: a content opens under its own name and key only, whole only, and
// never past its size.
func TestSealedContents(t *testing.T) {
	t.Parallel()
	key, plain := vault.NewContentKey(), bytes.Repeat([]byte("diabete "), 40_000)
	var sealed bytes.Buffer
	if err := vault.SealContent(&sealed, key, "content/a", plain); err != nil {
		t.Fatal(err)
	}
	if bytes.Contains(sealed.Bytes(), []byte("diabete")) {
		t.Error("it lies in clear")
	}
	size := int64(len(plain))
	for name, tt := range map[string]struct {
		sealed []byte
		key    []byte
		name   string
		most   int64
		opens  bool
	}{
		"as it was":       {sealed.Bytes(), key, "content/a", size, true},
		"moved":           {sealed.Bytes(), key, "content/b", size, false},
		"another key":     {sealed.Bytes(), vault.NewContentKey(), "content/a", size, false},
		"cut":             {sealed.Bytes()[:sealed.Len()-100], key, "content/a", size, false},
		"cut at a seam":   {sealed.Bytes()[:64<<10], key, "content/a", size, false},
		"more than it is": {sealed.Bytes(), key, "content/a", size - 1, false},
	} {
		var opened bytes.Buffer
		err := vault.OpenContent(&opened, bytes.NewReader(tt.sealed), tt.key, tt.name, tt.most)
		if (err == nil) != tt.opens || tt.opens && !bytes.Equal(opened.Bytes(), plain) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
