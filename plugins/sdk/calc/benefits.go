package calc

import "github.com/shopspring/decimal"

// MaternityRules are the yearly figures of the municipal maternity allowance.
type MaternityRules struct {
	Monthly decimal.Decimal
	Months  int
	// Limit is the highest ISEE, included.
	Limit decimal.Decimal
}

// MaternityAllowance is the whole allowance less other maternity pay; zero above
// the limit (D.Lgs. 151/2001 art. 74).
func MaternityAllowance(rules MaternityRules, isee, otherPay decimal.Decimal) decimal.Decimal {
	if isee.GreaterThan(rules.Limit) {
		return decimal.Zero
	}
	whole := rules.Monthly.Mul(whole(rules.Months))
	return decimal.Max(whole.Sub(otherPay), decimal.Zero)
}

// LostPropertyReward is what the owner owes the finder on request: a tenth of
// the value up to step, a twentieth of the rest (art. 930 c.c.).
func LostPropertyReward(value, step decimal.Decimal) decimal.Decimal {
	first := decimal.Min(value, step)
	rest := value.Sub(first)
	return Cents(first.Div(whole(10)).Add(rest.Div(whole(20))))
}
