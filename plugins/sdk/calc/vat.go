package calc

// ValidVAT reports whether the partita IVA, or the 11-digit codice fiscale of a
// body, has the right check digit.
func ValidVAT(code string) bool {
	return len(code) == 11 && onlyDigits(code) && vatCheck(code[:10]) == code[10]
}

// VATCheckDigit is the eleventh digit of the first ten; ok is false if they are
// not ten digits.
func VATCheckDigit(first10 string) (digit byte, ok bool) {
	if len(first10) != 10 || !onlyDigits(first10) {
		return 0, false
	}
	return vatCheck(first10), true
}

func vatCheck(first10 string) byte {
	sum := 0
	for i := range len(first10) {
		digit := int(first10[i] - '0')
		if i%2 == 1 { // an even position, counted from 1
			if digit *= 2; digit > 9 {
				digit -= 9
			}
		}
		sum += digit
	}
	return byte('0' + (10-sum%10)%10)
}

func onlyDigits(s string) bool {
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return s != ""
}
