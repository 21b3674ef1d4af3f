package calc

import (
	"errors"
	"testing"

	"pgregory.net/rapid"
)

func TestTaxCodeExamples(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		surname, name, birth string
		female               bool
		place                string
		code, first, second  string
	}{
		"Rossi Mario":          {"Rossi", "Mario", "1980-01-01", false, "F205", "RSSMRA80A01F205X", "RSSMRA80A01F20RS", "RSSMRA80A01F2LRD"},
		"Bianchi Anna Maria":   {"Bianchi", "Anna Maria", "1975-12-15", true, "G488", "BNCNMR75T55G488G", "BNCNMR75T55G48UD", "BNCNMR75T55G4UUP"},
		"Fo Gianfranco":        {"Fo", "Gianfranco", "1952-08-09", false, "G488", "FOXGFR52M09G488C", "FOXGFR52M09G48UZ", "FOXGFR52M09G4UUL"},
		"Nguyen Li":            {"Nguyen", "Li", "2001-02-28", true, "Z251", "NGYLIX01B68Z251J", "NGYLIX01B68Z25MB", "NGYLIX01B68Z2RMN"},
		"accents do not count": {"Róssi", "M'ario", "1980-01-01", false, "F205", "RSSMRA80A01F205X", "RSSMRA80A01F20RS", "RSSMRA80A01F2LRD"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			code, err := NewTaxCode(tt.surname, tt.name, day(tt.birth), tt.female, tt.place)
			if err != nil || code != tt.code {
				t.Fatalf("code %q, %v; want %q", code, err, tt.code)
			}
			for n, want := range []string{tt.code, tt.first, tt.second} {
				changed, err := Omocodia(code, n)
				if err != nil || changed != want {
					t.Errorf("%d letters: %q, %v; want %q", n, changed, err, want)
				}
				parsed, err := ParseTaxCode(changed)
				if err != nil || !parsed.AgreesWith(day(tt.birth)) || parsed.Female != tt.female || parsed.Place != tt.place {
					t.Errorf("%s is read as %+v, %v", changed, parsed, err)
				}
			}
		})
	}
}

func TestValidTaxCode(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		code string
		want bool
	}{
		"a person":                    {"RSSMRA80A01F205X", true},
		"omocodia":                    {"RSSMRA80A01F20RS", true},
		"a body":                      {"12345678903", true},
		"a body, wrong digit":         {"12345678904", false},
		"wrong check letter":          {"RSSMRA80A01F205Y", false},
		"check of the decoded string": {"RSSMRA80A01F20RX", false},
		"lower case":                  {"rssmra80a01f205x", false},
		"one short":                   {"RSSMRA80A01F205", false},
		"day 32":                      {withCheck("RSSMRA80A32F205"), false},
		"day 0":                       {withCheck("RSSMRA80A00F205"), false},
		"woman, day 71":               {withCheck("RSSMRA80A71F205"), true},
		"woman, day 72":               {withCheck("RSSMRA80A72F205"), false},
		"29 February of a leap year":  {withCheck("RSSMRA80B29F205"), true},
		"29 February of a common one": {withCheck("RSSMRA81B29F205"), false},
		"31 April":                    {withCheck("RSSMRA80D31F205"), false},
		"unknown month":               {withCheck("RSSMRA80F01F205"), false},
		"empty":                       {"", false},
		"not ASCII":                   {"RSSMRA80A01F20è", false},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := ValidTaxCode(tt.code); got != tt.want {
				t.Errorf("ValidTaxCode(%q) = %v", tt.code, got)
			}
		})
	}
	if _, err := ParseTaxCode("x"); !errors.Is(err, ErrTaxCode) {
		t.Errorf("the error of a wrong code is %v", err)
	}
}

func withCheck(first15 string) string { return first15 + string(checkLetter(first15)) }

// A code built for a person is valid, agrees with the birth date, and stays so
// with any omocodia.
func TestNewTaxCodeIsValid(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		birth := day("1900-01-01").AddDays(rapid.IntRange(1, 46000).Draw(t, "days"))
		surname := rapid.StringMatching(`[A-Za-z' ]{0,12}`).Draw(t, "surname")
		name := rapid.StringMatching(`[A-Za-zàèéìòù]{0,12}`).Draw(t, "name")
		place := rapid.StringMatching(`[A-MZ][0-9]{3}`).Draw(t, "place")
		code, err := NewTaxCode(surname, name, birth, rapid.Bool().Draw(t, "female"), place)
		if err != nil {
			t.Fatal(err)
		}
		changed, err := Omocodia(code, rapid.IntRange(0, 7).Draw(t, "letters"))
		if err != nil {
			t.Fatal(err)
		}
		parsed, err := ParseTaxCode(changed)
		if err != nil || !parsed.AgreesWith(birth) {
			t.Fatalf("%s (%s): %+v, %v", code, changed, parsed, err)
		}
	})
}

// A changed character is always noticed.
func TestTaxCodeNoticesOneWrongLetter(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		code := []byte("RSSMRA80A01F205X")
		i := rapid.IntRange(0, 5).Draw(t, "place")
		letter := byte(rapid.IntRange('A', 'Z').Draw(t, "letter"))
		same := code[i] == letter
		code[i] = letter
		if ValidTaxCode(string(code)) != same {
			t.Fatalf("%s: valid = %v", code, !same)
		}
	})
}

func TestVAT(t *testing.T) {
	t.Parallel()
	for first10, want := range map[string]byte{"1234567890": '3', "0012345678": '2'} {
		if got, ok := VATCheckDigit(first10); !ok || got != want {
			t.Errorf("check digit of %s = %c, want %c", first10, got, want)
		}
		if !ValidVAT(first10 + string(want)) {
			t.Errorf("%s%c is not valid", first10, want)
		}
	}
	for _, wrong := range []string{"", "12345678904", "1234567890", "1234567890A", "123456789033"} {
		if ValidVAT(wrong) {
			t.Errorf("%q is valid", wrong)
		}
	}
	if _, ok := VATCheckDigit("12"); ok {
		t.Error("two digits have a check digit")
	}
}

func TestIBAN(t *testing.T) {
	t.Parallel()
	tests := map[string]bool{
		"IT60X0542811101000000123456":       true,
		"IT60 X054 2811 1010 0000 0123 456": true,
		"IT60X0542811101000000123457":       false,
		"IT60X05428111010000001234":         false,
		"DE89370400440532013000":            true,
		"it60x0542811101000000123456":       false,
		"":                                  false,
		"IT":                                false,
	}
	for iban, want := range tests {
		if got := ValidIBAN(iban); got != want {
			t.Errorf("ValidIBAN(%q) = %v", iban, got)
		}
	}
}

func TestNotice(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ segregation, base, want string }{
		{"01", "2026000000417", "301202600000041747"},
		{"47", "0000012345678", "347000001234567844"},
	} {
		got, err := NewNotice(tt.segregation, tt.base)
		if err != nil || got != tt.want || !ValidNotice(got) {
			t.Errorf("NewNotice(%s, %s) = %s, %v; want %s", tt.segregation, tt.base, got, err, tt.want)
		}
	}
	valid := map[string]bool{
		"001123456789012313":  true, // the old layout is read
		"101123456789012300":  true, // no check digits
		"301202600000041748":  false,
		"401202600000041747":  false,
		"30120260000004174":   false,
		"3012026000000417470": false,
		"30120260000004174x":  false,
	}
	for number, want := range valid {
		if got := ValidNotice(number); got != want {
			t.Errorf("ValidNotice(%s) = %v", number, got)
		}
	}
	if _, err := NewNotice("1", "2026000000417"); !errors.Is(err, ErrNotice) {
		t.Errorf("one digit of segregation: %v", err)
	}
	for number, want := range map[string]string{"301202600000041747": "01202600000041747", "001123456789012313": "123456789012313"} {
		if got, err := IUV(number); err != nil || got != want {
			t.Errorf("IUV(%s) = %s, %v; want %s", number, got, err, want)
		}
	}
	if _, err := IUV("4"); !errors.Is(err, ErrNotice) {
		t.Errorf("IUV of no notice: %v", err)
	}
}

func TestNoticeQR(t *testing.T) {
	t.Parallel()
	got, err := NoticeQR("301202600000041747", "12345678903", dec("146.56"))
	if want := "PAGOPA|002|301202600000041747|12345678903|14656"; err != nil || got != want {
		t.Errorf("QR %q, %v; want %q", got, err, want)
	}
	got, err = NoticeQR("301202600000041747", "12345678903", dec("0.05"))
	if want := "PAGOPA|002|301202600000041747|12345678903|05"; err != nil || got != want {
		t.Errorf("QR %q, %v; want %q", got, err, want)
	}
	for name, tt := range map[string][3]string{
		"wrong notice":      {"301202600000041748", "12345678903", "1"},
		"wrong body":        {"301202600000041747", "12345678904", "1"},
		"part of a cent":    {"301202600000041747", "12345678903", "1.005"},
		"eleven digits":     {"301202600000041747", "12345678903", "100000000"},
		"a negative amount": {"301202600000041747", "12345678903", "-1"},
	} {
		if _, err := NoticeQR(tt[0], tt[1], dec(tt[2])); err == nil {
			t.Errorf("%s is written", name)
		}
	}
}
