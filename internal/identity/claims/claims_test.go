package claims_test

import (
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/spazio-in-comune/sportello/internal/identity/claims"
	"github.com/spazio-in-comune/sportello/internal/town"
)

func TestFrom(t *testing.T) {
	t.Parallel()
	spid := map[string]any{
		"iss": "https://issuer.example", "sub": "pairwise-1", "acr": "https://www.spid.gov.it/SpidL2",
		claims.FiscalNumber: "TINIT-RSSMRA80A01F205X", "given_name": "Mario", "family_name": "ROSSI",
		"email": "mario@example.org", "phone_number": "+39020000000",
	}
	mario := claims.Claims{
		Issuer: "https://issuer.example", Subject: "pairwise-1", Login: "pairwise-1", TaxCode: "RSSMRA80A01F205X",
		GivenName: "Mario", FamilyName: "ROSSI", Email: "mario@example.org", Phone: "+39020000000", Assurance: town.AssuranceSubstantial,
	}
	with := func(name string, value any) map[string]any {
		raw := map[string]any{}
		for k, v := range spid {
			raw[k] = v
		}
		raw[name] = value
		return raw
	}
	but := func(change func(*claims.Claims)) claims.Claims {
		c := mario
		change(&c)
		return c
	}
	for name, tc := range map[string]struct {
		raw   map[string]any
		login string
		want  claims.Claims
		err   error
	}{
		"as SPID says it":         {raw: spid, want: mario},
		"in small letters":        {raw: with(claims.FiscalNumber, "tinit-rssmra80a01f205x"), want: mario},
		"a code for a namesake":   {raw: with(claims.FiscalNumber, "TINIT-RSSMRA80A01F20RS"), want: but(func(c *claims.Claims) { c.TaxCode = "RSSMRA80A01F20RS" })},
		"a wrong check letter":    {raw: with(claims.FiscalNumber, "TINIT-RSSMRA80A01F205Y"), err: claims.ErrTaxCode},
		"nothing after TINIT-":    {raw: with(claims.FiscalNumber, "TINIT-"), err: claims.ErrTaxCode},
		"a code of France":        {raw: with(claims.FiscalNumber, "TINFR-3023217600053"), want: but(func(c *claims.Claims) { c.TaxCode = "" })},
		"no prefix":               {raw: with(claims.FiscalNumber, "RSSMRA80A01F205X"), want: but(func(c *claims.Claims) { c.TaxCode = "" })},
		"a code that is no text":  {raw: with(claims.FiscalNumber, []string{"TINIT-RSSMRA80A01F205X"}), want: but(func(c *claims.Claims) { c.TaxCode = "" })},
		"blanks":                  {raw: with("given_name", "  Mario "), want: mario},
		"an endless name":         {raw: with("given_name", strings.Repeat("x", 201)), want: but(func(c *claims.Claims) { c.GivenName = "" })},
		"CIE, level 3":            {raw: with("acr", "https://www.spid.gov.it/SpidL3"), want: but(func(c *claims.Claims) { c.Assurance = town.AssuranceHigh })},
		"eIDAS, low":              {raw: with("acr", "http://eidas.europa.eu/LoA/low"), want: but(func(c *claims.Claims) { c.Assurance = town.AssuranceLow })},
		"a level nobody knows":    {raw: with("acr", "https://www.spid.gov.it/SpidL4"), want: but(func(c *claims.Claims) { c.Assurance = town.AssuranceLow })},
		"no level":                {raw: with("acr", nil), want: but(func(c *claims.Claims) { c.Assurance = town.AssuranceLow })},
		"staff by another claim":  {raw: with("preferred_username", "m.rossi"), login: "preferred_username", want: but(func(c *claims.Claims) { c.Login = "m.rossi" })},
		"without the other claim": {raw: spid, login: "preferred_username", want: but(func(c *claims.Claims) { c.Login = "" })},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := claims.From(tc.raw, tc.login)
			if !errors.Is(err, tc.err) {
				t.Fatalf("error %v, want %v", err, tc.err)
			}
			if !cmp.Equal(tc.want, got) {
				t.Errorf("want %#v\n got %#v", fields(tc.want), fields(got))
			}
		})
	}
}

// fields shows what the type itself does not.
func fields(c claims.Claims) []string {
	return []string{c.Issuer, c.Subject, c.Login, c.TaxCode, c.GivenName, c.FamilyName, c.Email, c.Phone, string(c.Assurance)}
}

func TestLevelsComeBack(t *testing.T) {
	t.Parallel()
	for _, level := range []town.Assurance{town.AssuranceLow, town.AssuranceSubstantial, town.AssuranceHigh} {
		if got := claims.Level(claims.ACR(level)); got != level {
			t.Errorf("asking for %s is answered with %q", level, got)
		}
	}
	if claims.ACR("") != "" || claims.ACR("L4") != "" || claims.Level("") != "" {
		t.Error("there is a value for no level")
	}
}

func TestClaimsTellNothingOfThemselves(t *testing.T) {
	t.Parallel()
	c := claims.Claims{Subject: "secret-subject", TaxCode: "RSSMRA80A01F205X", GivenName: "Mario"}
	var log strings.Builder
	slog.New(slog.NewTextHandler(&log, nil)).Info("signed in", "claims", c)
	for _, said := range []string{fmt.Sprint(c), fmt.Sprintf("%v %+v %#v %s", c, c, c, c), log.String()} {
		if strings.Contains(said, "Mario") || strings.Contains(said, "RSSMRA") || strings.Contains(said, "secret") {
			t.Errorf("it says %q", said)
		}
	}
}
