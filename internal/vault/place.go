package vault

import (
	"encoding/binary"
	"errors"
	"fmt"
)

// Place is where a sealed value stands: a column of a row. A value opens only there.
type Place struct{ Table, Column, Row string }

// cannotOpen says of which value something is.
func (p Place) cannotOpen(err error) error {
	return fmt.Errorf("open %s.%s of %s: %w", p.Table, p.Column, p.Row, err)
}

// Sealed is a sealed value and where it stands.
type Sealed struct {
	At   Place
	Data []byte
}

// formVersion begins every sealed value.
const formVersion = 1

// maxSubject bounds a person's id in the sealed form, whose length is one byte.
const maxSubject = 255

// townSubject is under which id the key of the town's own data is kept.
const townSubject = "town"

// errForm says that something is no sealed value of ours.
var errForm = errors.New("this is not a sealed value")

// form is the sealed form: version, subject, ciphertext.
func form(subject string, ciphertext []byte) []byte {
	sealed := make([]byte, 0, 2+len(subject)+len(ciphertext))
	sealed = append(sealed, formVersion, byte(len(subject)))
	sealed = append(sealed, subject...)
	return append(sealed, ciphertext...)
}

// parse takes the sealed form apart.
func parse(sealed []byte) (subject string, ciphertext []byte, err error) {
	if len(sealed) < 2 || sealed[0] != formVersion {
		return "", nil, errForm
	}
	end := 2 + int(sealed[1])
	if len(sealed) <= end {
		return "", nil, errForm
	}
	return string(sealed[2:end]), sealed[end:], nil
}

// bound are the associated data: each part behind its length, so that no two lists of
// parts read alike.
func bound(parts ...string) []byte {
	var data []byte
	for _, part := range parts {
		data = binary.AppendUvarint(data, uint64(len(part)))
		data = append(data, part...)
	}
	return data
}
