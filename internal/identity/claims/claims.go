// Package claims reads what an issuer says of a person, in the words of SPID and of the
// electronic identity card (CIE). It is pure: values in, values out.
package claims

import (
	"errors"
	"log/slog"
	"strings"

	"github.com/spazio-in-comune/sportello/internal/town"
	"github.com/spazio-in-comune/sportello/plugins/sdk/calc"
)

// FiscalNumber is the claim with the tax code, after "TINIT-" (technical rules of SPID
// and CIE for OpenID Connect).
const FiscalNumber = "https://attributes.eid.gov.it/fiscal_number"

// italian begins the tax code of the Italian revenue; other countries have other letters.
const italian = "TINIT-"

// maxText bounds a name or an address, in characters; what is longer is no name.
const maxText = 200

// ErrTaxCode says that the issuer named a tax code that cannot be one.
var ErrTaxCode = errors.New("the issuer names an invalid tax code")

// Claims are who somebody is, according to an issuer. They say nothing of themselves in
// logs.
type Claims struct {
	// Issuer and Subject together name the person at the issuer.
	Issuer, Subject string
	// Login is by what staff are found: the subject, or the claim that the town chose.
	Login string
	// TaxCode is the codice fiscale, in capitals; empty where the issuer gives none, or
	// one of another country.
	TaxCode string
	// GivenName, FamilyName, Email and Phone are empty where the issuer gives none.
	GivenName, FamilyName, Email, Phone string
	// Assurance is how surely the issuer knows the person: L1 where it does not say.
	Assurance town.Assurance
}

// String keeps personal data out of texts.
func (Claims) String() string { return "claims of a person" }

// GoString keeps personal data out of debugging texts.
func (Claims) GoString() string { return "claims of a person" }

// LogValue keeps personal data out of logs.
func (Claims) LogValue() slog.Value { return slog.StringValue("claims of a person") }

// From reads claims as they stand in a token or in UserInfo; loginClaim names the one by
// which staff are found, "sub" if empty. A tax code whose check letter is wrong is
// [ErrTaxCode]; codes changed for namesakes (omocodia) are fine.
func From(raw map[string]any, loginClaim string) (Claims, error) {
	if loginClaim == "" {
		loginClaim = "sub"
	}
	c := Claims{
		Issuer: text(raw, "iss"), Subject: text(raw, "sub"), Login: text(raw, loginClaim),
		GivenName: text(raw, "given_name"), FamilyName: text(raw, "family_name"),
		Email: text(raw, "email"), Phone: text(raw, "phone_number"),
		Assurance: Level(text(raw, "acr")),
	}
	if c.Assurance == "" {
		c.Assurance = town.AssuranceLow
	}
	code, given := strings.CutPrefix(strings.ToUpper(text(raw, FiscalNumber)), italian)
	if !given {
		return c, nil
	}
	if !calc.ValidTaxCode(code) {
		return Claims{}, ErrTaxCode
	}
	c.TaxCode = code
	return c, nil
}

// text is a claim that is a text of a sensible length, without blanks around it.
func text(raw map[string]any, name string) string {
	value, _ := raw[name].(string)
	value = strings.TrimSpace(value)
	if len([]rune(value)) > maxText {
		return ""
	}
	return value
}
