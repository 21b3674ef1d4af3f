package calc

import "strings"

// ValidIBAN reports whether the account number is valid by ISO 13616: two
// letters, two check digits, up to 30 capital letters and digits, rest 1 modulo
// 97. Spaces are ignored. Italian numbers have 27 characters.
func ValidIBAN(iban string) bool {
	iban = strings.ReplaceAll(iban, " ", "")
	if len(iban) < 15 || len(iban) > 34 || strings.HasPrefix(iban, "IT") && len(iban) != 27 {
		return false
	}
	if !isCapital(iban[0]) || !isCapital(iban[1]) || !onlyDigits(iban[2:4]) {
		return false
	}
	rest := 0
	for i := range len(iban) {
		// The first four characters count last.
		c := iban[(i+4)%len(iban)]
		switch {
		case c >= '0' && c <= '9':
			rest = (rest*10 + int(c-'0')) % 97
		case isCapital(c):
			rest = (rest*100 + int(c-'A') + 10) % 97
		default:
			return false
		}
	}
	return rest == 1
}

func isCapital(c byte) bool { return c >= 'A' && c <= 'Z' }
