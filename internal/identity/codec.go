package identity

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"log/slog"
	"strings"
)

// Personal are the personal data of somebody. They stand in the sealed column of the
// person and nowhere else; they say nothing of themselves in logs.
type Personal struct {
	GivenName  string `json:"givenName,omitempty"`
	FamilyName string `json:"familyName,omitempty"`
	// TaxCode is the codice fiscale, in capitals.
	TaxCode string `json:"taxCode,omitempty"`
	Email   string `json:"email,omitempty"`
	Phone   string `json:"phone,omitempty"`
}

// String keeps personal data out of texts.
func (Personal) String() string { return "personal data" }

// GoString keeps personal data out of debugging texts.
func (Personal) GoString() string { return "personal data" }

// LogValue keeps personal data out of logs.
func (Personal) LogValue() slog.Value { return slog.StringValue("personal data") }

// Codec is the one way into and out of the sealed column.
type Codec interface {
	// Seal makes the stored form of a person's data; the id binds it to the row.
	Seal(personID string, data Personal) ([]byte, error)
	// Open reads the stored form; nothing stored is no data.
	Open(personID string, sealed []byte) (Personal, error)
	// KeyFor is what a person is found by instead of the tax code.
	KeyFor(taxCode string) string
}

// plainCodec keeps JSON and finds by a keyed hash.
type plainCodec struct{ key []byte }

// Seal implements [Codec].
func (plainCodec) Seal(_ string, data Personal) ([]byte, error) {
	sealed, err := json.Marshal(data)
	if err != nil {
		return nil, fmt.Errorf("seal personal data: %w", err)
	}
	return sealed, nil
}

// Open implements [Codec].
func (plainCodec) Open(_ string, sealed []byte) (Personal, error) {
	var data Personal
	if len(sealed) == 0 {
		return data, nil
	}
	if err := json.Unmarshal(sealed, &data); err != nil {
		return Personal{}, fmt.Errorf("open personal data: %w", err)
	}
	return data, nil
}

// KeyFor implements [Codec].
func (c plainCodec) KeyFor(taxCode string) string {
	mac := hmac.New(sha256.New, c.key)
	mac.Write([]byte(cleanTaxCode(taxCode)))
	return hex.EncodeToString(mac.Sum(nil))
}

// cleanTaxCode is the code as it is written on the card.
func cleanTaxCode(typed string) string {
	return strings.ToUpper(strings.Join(strings.Fields(typed), ""))
}
