package vault

import (
	"bytes"
	"crypto/rand"
	"fmt"
	"io"

	"github.com/tink-crypto/tink-go/v2/streamingaead/subtle"
)

// Contents of files are too large for a column: each is sealed with a random key of its
// own, piece by piece, and lies elsewhere. The key is sealed in the file's row, as any
// other value: without it the content is gone.

const (
	// contentKeySize is that of the key of one content, in bytes: AES-256.
	contentKeySize = 32
	// contentSegment is how much of a content is sealed at a time, in bytes.
	contentSegment = 64 << 10
)

// NewContentKey makes the key of one content.
func NewContentKey() []byte {
	key := make([]byte, contentKeySize)
	_, _ = rand.Read(key) // crypto/rand never fails
	return key
}

func contentCipher(key []byte) (*subtle.AESGCMHKDF, error) {
	cipher, err := subtle.NewAESGCMHKDF(key, "SHA256", contentKeySize, contentSegment, 0)
	if err != nil {
		return nil, fmt.Errorf("use the key of a content: %w", err)
	}
	return cipher, nil
}

// SealContent writes the content sealed (AES-256-GCM with HKDF, in segments): it opens
// under the same name only, and only whole.
func SealContent(w io.Writer, key []byte, name string, plain []byte) error {
	cipher, err := contentCipher(key)
	if err != nil {
		return err
	}
	sealing, err := cipher.NewEncryptingWriter(w, []byte(name))
	if err != nil {
		return fmt.Errorf("seal %s: %w", name, err)
	}
	if _, err := sealing.Write(plain); err != nil {
		return fmt.Errorf("seal %s: %w", name, err)
	}
	if err := sealing.Close(); err != nil {
		return fmt.Errorf("seal %s: %w", name, err)
	}
	return nil
}

// OpenContent appends to into what is sealed under the name. It fails past most bytes.
func OpenContent(into *bytes.Buffer, r io.Reader, key []byte, name string, most int64) error {
	cipher, err := contentCipher(key)
	if err != nil {
		return err
	}
	opening, err := cipher.NewDecryptingReader(r, []byte(name))
	if err != nil {
		return fmt.Errorf("open %s: %w", name, err)
	}
	n, err := into.ReadFrom(io.LimitReader(opening, most+1))
	if err != nil {
		return fmt.Errorf("open %s: %w", name, err)
	}
	if n > most {
		return fmt.Errorf("open %s: there is more than %d bytes", name, most)
	}
	return nil
}
