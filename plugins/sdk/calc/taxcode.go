package calc

import (
	"errors"
	"fmt"
	"strings"
	"unicode"
)

// ErrTaxCode is the error of a codice fiscale that is not valid.
var ErrTaxCode = errors.New("not a valid codice fiscale")

// TaxCode is what a codice fiscale of 16 characters tells. It never tells the
// century: compare with a declared date of birth.
type TaxCode struct {
	// YearOfCentury is 0 to 99.
	YearOfCentury int
	Month         int
	Day           int
	Female        bool
	// Place is the Belfiore code of the place of birth.
	Place string
}

const (
	monthLetters    = "ABCDEHLMPRST"
	omocodiaLetters = "LMNPQRSTUV"
)

// oddValues are the values of 0-9 and of A-Z in the odd positions of a code.
// A digit is worth what the letter of the same place is.
var oddValues = [26]int{1, 0, 5, 7, 9, 13, 15, 17, 19, 21, 2, 4, 18, 20, 11, 3, 6, 8, 12, 14, 16, 10, 22, 25, 24, 23}

// digitPlaces are the places, from 0, that hold digits or, where several people
// would have the same code, the letters that stand for them (omocodia).
var digitPlaces = [7]int{6, 7, 9, 10, 12, 13, 14}

// ValidTaxCode reports whether the code is valid: 16 characters of a person,
// with or without omocodia, or 11 digits of a body or of a temporary code. The
// text is taken as it is: lower case is not valid (D.M. 23/12/1976).
func ValidTaxCode(code string) bool {
	if len(code) == 11 {
		return ValidVAT(code)
	}
	_, err := ParseTaxCode(code)
	return err == nil
}

// ParseTaxCode reads a code of 16 characters. The check letter is that of the
// code as it stands; the date is read after changing letters of omocodia back
// to digits.
func ParseTaxCode(code string) (TaxCode, error) {
	if len(code) != 16 {
		return TaxCode{}, fmt.Errorf("%w: want 16 characters", ErrTaxCode)
	}
	for i := range 16 {
		if !placeAllows(i, code[i]) {
			return TaxCode{}, fmt.Errorf("%w: character %d", ErrTaxCode, i+1)
		}
	}
	if checkLetter(code[:15]) != code[15] {
		return TaxCode{}, fmt.Errorf("%w: check letter", ErrTaxCode)
	}
	plain := DecodeOmocodia(code)
	parsed := TaxCode{
		YearOfCentury: twoDigits(plain[6:8]),
		Month:         strings.IndexByte(monthLetters, plain[8]) + 1,
		Day:           twoDigits(plain[9:11]),
		Place:         plain[11:15],
	}
	if parsed.Day > 40 {
		parsed.Day, parsed.Female = parsed.Day-40, true
	}
	if parsed.Day < 1 || parsed.Day > daysOf(parsed.Month, parsed.YearOfCentury) {
		return TaxCode{}, fmt.Errorf("%w: day of birth", ErrTaxCode)
	}
	return parsed, nil
}

// AgreesWith reports whether day, month and the last two digits of the year are
// those of the date of birth.
func (t TaxCode) AgreesWith(birth Date) bool {
	return t.Day == birth.Day && t.Month == int(birth.Month) && t.YearOfCentury == birth.Year%100
}

// DecodeOmocodia changes the letters that stand for digits back to digits. The
// check letter stays that of the original code.
func DecodeOmocodia(code string) string {
	if len(code) != 16 {
		return code
	}
	plain := []byte(code)
	for _, i := range digitPlaces {
		if digit := strings.IndexByte(omocodiaLetters, plain[i]); digit >= 0 {
			plain[i] = byte('0' + digit)
		}
	}
	return string(plain)
}

// Omocodia is the code with its last n digits, from the right, changed to
// letters and the check letter counted again; n is 0 to 7.
func Omocodia(code string, n int) (string, error) {
	if _, err := ParseTaxCode(code); err != nil {
		return "", err
	}
	if n < 0 || n > len(digitPlaces) {
		return "", fmt.Errorf("change %d digits of a codice fiscale: it has %d", n, len(digitPlaces))
	}
	changed := []byte(DecodeOmocodia(code))
	for _, i := range digitPlaces[len(digitPlaces)-n:] {
		changed[i] = omocodiaLetters[changed[i]-'0']
	}
	return string(changed[:15]) + string(checkLetter(string(changed[:15]))), nil
}

// NewTaxCode builds the code of a person without omocodia. Only the Revenue
// agency gives codes: use it for test people and to compare.
func NewTaxCode(surname, name string, birth Date, female bool, place string) (string, error) {
	day := birth.Day
	if female {
		day += 40
	}
	if birth.IsZero() {
		return "", fmt.Errorf("%w: no date of birth", ErrTaxCode)
	}
	first15 := surnameLetters(surname) + nameLetters(name) +
		fmt.Sprintf("%02d%c%02d", birth.Year%100, monthLetters[birth.Month-1], day) + place
	if len(first15) != 15 {
		return "", fmt.Errorf("%w: place of birth %q", ErrTaxCode, place)
	}
	code := first15 + string(checkLetter(first15))
	if _, err := ParseTaxCode(code); err != nil {
		return "", err
	}
	return code, nil
}

func placeAllows(i int, c byte) bool {
	isLetter := c >= 'A' && c <= 'Z'
	switch i {
	case 6, 7, 9, 10, 12, 13, 14:
		return c >= '0' && c <= '9' || strings.IndexByte(omocodiaLetters, c) >= 0
	case 8:
		return strings.IndexByte(monthLetters, c) >= 0
	default:
		return isLetter
	}
}

func checkLetter(first15 string) byte {
	sum := 0
	for i := range len(first15) {
		value := int(first15[i] - 'A')
		if first15[i] <= '9' {
			value = int(first15[i] - '0')
		}
		if i%2 == 0 { // an odd position, counted from 1
			value = oddValues[value]
		}
		sum += value
	}
	return byte('A' + sum%26)
}

// daysOf takes 29 February in every fourth year: the century is not known.
func daysOf(month, yearOfCentury int) int {
	switch month {
	case 4, 6, 9, 11:
		return 30
	case 2:
		if yearOfCentury%4 == 0 {
			return 29
		}
		return 28
	default:
		return 31
	}
}

func twoDigits(s string) int { return int(s[0]-'0')*10 + int(s[1]-'0') }

func surnameLetters(surname string) string {
	consonants, vowels := splitLetters(surname)
	return (consonants + vowels + "XXX")[:3]
}

func nameLetters(name string) string {
	consonants, vowels := splitLetters(name)
	if len(consonants) >= 4 {
		return string([]byte{consonants[0], consonants[2], consonants[3]})
	}
	return (consonants + vowels + "XXX")[:3]
}

// splitLetters drops everything but letters; accented letters lose the accent.
func splitLetters(name string) (consonants, vowels string) {
	for _, r := range strings.ToUpper(name) {
		r = withoutAccent(r)
		switch {
		case r > unicode.MaxASCII || !unicode.IsLetter(r):
		case strings.ContainsRune("AEIOU", r):
			vowels += string(r)
		default:
			consonants += string(r)
		}
	}
	return consonants, vowels
}

func withoutAccent(r rune) rune {
	const accented = "ÀÁÂÃÄÅÇÈÉÊËÌÍÎÏÑÒÓÔÕÖØÙÚÛÜÝŠŽČĆ"
	const plain = "AAAAAACEEEEIIIINOOOOOOUUUUYSZCC"
	for i, a := range []rune(accented) {
		if a == r {
			return rune(plain[i])
		}
	}
	return r
}
