package identity

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"

	"github.com/spazio-in-comune/sportello/ent"
	"github.com/spazio-in-comune/sportello/ent/person"
	"github.com/spazio-in-comune/sportello/internal/store"
	"github.com/spazio-in-comune/sportello/internal/vault"
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

// The kinds of values by which a person is found.
const (
	kindTaxCode    = "tax_code"
	kindFamilyName = "family_name"
)

func sealedAt(personID string) vault.Place {
	return vault.Place{Table: person.Table, Column: person.FieldSealed, Row: personID}
}

// sealPersonal seals a person's data with that person's key.
func sealPersonal(ctx context.Context, tx *store.Tx, v *vault.Vault, personID string, data Personal) ([]byte, error) {
	plain, err := json.Marshal(data)
	if err != nil {
		return nil, fmt.Errorf("write personal data: %w", err)
	}
	return v.Seal(ctx, tx, personID, sealedAt(personID), plain)
}

// openPersonal opens the data of persons. Who has none, or was erased, is missing.
func openPersonal(ctx context.Context, v *vault.Vault, rows []*ent.Person) (map[*ent.Person]*Personal, error) {
	values := make([]vault.Sealed, len(rows))
	for i, row := range rows {
		values[i] = vault.Sealed{At: sealedAt(row.ID), Data: row.Sealed}
	}
	opened, err := v.OpenAll(ctx, values)
	if err != nil {
		return nil, err
	}
	found := make(map[*ent.Person]*Personal, len(rows))
	for i, row := range rows {
		if opened[i] == nil {
			continue
		}
		var data Personal
		if err := json.Unmarshal(opened[i], &data); err != nil { // its words might repeat the data
			return nil, fmt.Errorf("read the personal data of %s: not what was sealed", row.ID)
		}
		found[row] = &data
	}
	return found, nil
}

// personalIn opens a person's data within a transaction, for the house to change them;
// nothing if there are none.
func personalIn(ctx context.Context, tx *store.Tx, v *vault.Vault, row *ent.Person) (Personal, error) {
	var data Personal
	plain, err := v.TextIn(ctx, tx, sealedAt(row.ID), row.Sealed)
	if err != nil || plain == "" {
		return data, err
	}
	if err := json.Unmarshal([]byte(plain), &data); err != nil {
		return data, fmt.Errorf("read the personal data of %s: not what was sealed", row.ID)
	}
	return data, nil
}

// taxCodeKey is what a person is found by instead of the tax code.
func taxCodeKey(v *vault.Vault, taxCode string) string {
	return v.Key(kindTaxCode, cleanTaxCode(taxCode))
}

// familyNameKey is what a person is found by instead of the family name; empty for a
// name without letters.
func familyNameKey(v *vault.Vault, name string) string {
	clean := cleanFamilyName(name)
	if clean == "" {
		return ""
	}
	return v.Key(kindFamilyName, clean)
}

// cleanTaxCode is the code as it is written on the card.
func cleanTaxCode(typed string) string {
	return strings.ToUpper(strings.Join(strings.Fields(typed), ""))
}

// cleanFamilyName are the letters of a name, without accents, in capitals: D'Angelò,
// "d’angelo" and "D ANGELO" are one name, De Luca and Deluca too.
func cleanFamilyName(typed string) string {
	letters := strings.Map(func(r rune) rune {
		if !unicode.IsLetter(r) { // accents stand apart in this form, and are no letters
			return -1
		}
		return r
	}, norm.NFD.String(typed))
	return strings.ToUpper(letters)
}
