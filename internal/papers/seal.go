package papers

import (
	"bytes"
	"crypto/rand"
	"fmt"
	"io"

	"github.com/tink-crypto/tink-go/v2/streamingaead/subtle"

	"github.com/spazio-in-comune/sportello/ent/documentupload"
	"github.com/spazio-in-comune/sportello/ent/documentversion"
	"github.com/spazio-in-comune/sportello/internal/vault"
)

const (
	// contentKeySize is that of the key of one content, in bytes: AES-256.
	contentKeySize = 32
	// segmentSize is how much of a content is sealed at a time, in bytes.
	segmentSize = 64 << 10
)

// newContentKey makes the key of one content.
func newContentKey() []byte {
	key := make([]byte, contentKeySize)
	_, _ = rand.Read(key) // crypto/rand never fails
	return key
}

func cipherOf(key []byte) (*subtle.AESGCMHKDF, error) {
	cipher, err := subtle.NewAESGCMHKDF(key, "SHA256", contentKeySize, segmentSize, 0)
	if err != nil {
		return nil, fmt.Errorf("use the key of a content: %w", err)
	}
	return cipher, nil
}

// sealInto writes the content sealed: it opens under the same name only.
func sealInto(w io.Writer, key []byte, name string, plain []byte) error {
	cipher, err := cipherOf(key)
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

// openFrom appends to into what is sealed under the name, and fails past most bytes.
func openFrom(into *bytes.Buffer, r io.Reader, key []byte, name string, most int64) error {
	cipher, err := cipherOf(key)
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

func uploadKeyAt(id string) vault.Place {
	return vault.Place{Table: documentupload.Table, Column: documentupload.FieldContentKey, Row: id}
}

func uploadNameAt(id string) vault.Place {
	return vault.Place{Table: documentupload.Table, Column: documentupload.FieldName, Row: id}
}

func versionKeyAt(id string) vault.Place {
	return vault.Place{Table: documentversion.Table, Column: documentversion.FieldContentKey, Row: id}
}

func versionNameAt(id string) vault.Place {
	return vault.Place{Table: documentversion.Table, Column: documentversion.FieldName, Row: id}
}
