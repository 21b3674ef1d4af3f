package calc

import (
	"errors"
	"fmt"

	"github.com/shopspring/decimal"
)

// ErrNotice is the error of a pagoPA notice number that is not valid.
var ErrNotice = errors.New("not a valid pagoPA notice number")

// NewNotice writes a notice number: 3, the segregation code (two digits), the
// base (13 digits) and two check digits. Only the auxiliary digit 3 may be
// written any more. The base must never repeat within the body.
func NewNotice(segregation, base string) (string, error) {
	if len(segregation) != 2 || len(base) != 13 || !onlyDigits(segregation+base) {
		return "", fmt.Errorf("%w: want 2 digits of segregation and 13 of base", ErrNotice)
	}
	number := "3" + segregation + base
	return fmt.Sprintf("%s%02d", number, modulo93(number)), nil
}

// ValidNotice reports whether a notice number of 18 digits is right. The old
// auxiliary digits 0 and 2 are read with their check digits, 1 has none.
func ValidNotice(number string) bool {
	if len(number) != 18 || !onlyDigits(number) {
		return false
	}
	switch number[0] {
	case '0', '2', '3':
		return modulo93(number[:16]) == twoDigits(number[16:])
	case '1':
		return true
	default:
		return false
	}
}

// IUV is the payment reference inside a valid notice number: the last 17 digits,
// or the 15 after the application code of the old layout 0.
func IUV(number string) (string, error) {
	if !ValidNotice(number) {
		return "", ErrNotice
	}
	if number[0] == '0' {
		return number[3:], nil
	}
	return number[1:], nil
}

// NoticeQR is the text of the QR code of a notice. The amount has at least two
// digits: 5 cents is 05.
func NoticeQR(number, bodyTaxCode string, amount decimal.Decimal) (string, error) {
	cents := amount.Shift(2)
	switch {
	case !ValidNotice(number):
		return "", ErrNotice
	case !ValidVAT(bodyTaxCode):
		return "", fmt.Errorf("%w of the body", ErrTaxCode)
	case !cents.IsInteger() || cents.IsNegative() || cents.Cmp(decimal.New(1, 10)) >= 0:
		return "", fmt.Errorf("write the amount %s of a notice: want cents, at most 10 digits", amount)
	}
	return fmt.Sprintf("PAGOPA|002|%s|%s|%02d", number, bodyTaxCode, cents.IntPart()), nil
}

func modulo93(digits string) int {
	rest := 0
	for i := range len(digits) {
		rest = (rest*10 + int(digits[i]-'0')) % 93
	}
	return rest
}
