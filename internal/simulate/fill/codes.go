package fill

import (
	"fmt"
	"math/rand/v2"

	"github.com/spazio-in-comune/sportello/plugins/sdk/calc"
)

func digits(rng *rand.Rand, n int) string {
	text := make([]byte, n)
	for i := range text {
		text[i] = byte('0' + rng.IntN(10))
	}
	return string(text)
}

// vat is a number with its check digit.
func vat(rng *rand.Rand) string {
	first := "0" + digits(rng, 9)
	check, _ := calc.VATCheckDigit(first)
	return first + string(check)
}

// iban is an Italian account number; of the 97 pairs of check digits one fits.
func iban(rng *rand.Rand) string {
	account := "X" + digits(rng, 22)
	for check := 2; check < 99; check++ {
		if code := fmt.Sprintf("IT%02d%s", check, account); calc.ValidIBAN(code) {
			return code
		}
	}
	panic("no check digits fit the account " + account)
}

// notice is the number of a payment notice.
func notice(rng *rand.Rand) string {
	number, err := calc.NewNotice("01", digits(rng, 13))
	if err != nil {
		panic("write a notice number: " + err.Error())
	}
	return number
}
