package calc

import (
	"fmt"

	"github.com/shopspring/decimal"
)

// TARI is the waste tax of a household for one year, in outline.
type TARI struct {
	// FixedTariff is euro per square metre (Quf), VariableTariff euro per
	// household (Quv).
	FixedTariff, VariableTariff decimal.Decimal
	// Ka and Kb are the coefficients of the number of people (DPR 158/1999).
	Ka, Kb decimal.Decimal
	// Area in square metres; garages of the home add area.
	Area decimal.Decimal
	// Days of the year, 1 to 365.
	Days int
	// ProvincePercent is the tax of the province (TEFA) on the tax.
	ProvincePercent decimal.Decimal
	// Perequation is the sum of the components per account and year.
	Perequation decimal.Decimal
}

// TARIResult has the parts of the tax, each rounded to the cent.
type TARIResult struct {
	Tax, Province, Perequation, Total decimal.Decimal
	Working                           string
}

// Outline works the tax out. The components of perequation are counted by days
// like the tax.
func (t TARI) Outline() TARIResult {
	fixed := Cents(t.Area.Mul(t.FixedTariff).Mul(t.Ka))
	variable := Cents(t.VariableTariff.Mul(t.Kb))
	byDays := func(amount decimal.Decimal) decimal.Decimal {
		return Cents(amount.Mul(whole(t.Days)).Div(whole(365)))
	}
	r := TARIResult{Tax: byDays(fixed.Add(variable)), Perequation: byDays(t.Perequation)}
	r.Province = Cents(percent(r.Tax, t.ProvincePercent))
	r.Total = r.Tax.Add(r.Province).Add(r.Perequation)
	r.Working = fmt.Sprintf("%s mq × %s × %s = %s; %s × %s = %s; × %d/365 = %s; TEFA %s%% = %s; + %s → %s",
		t.Area, t.FixedTariff, t.Ka, fixed.StringFixed(2), t.VariableTariff, t.Kb, variable.StringFixed(2),
		t.Days, r.Tax.StringFixed(2), t.ProvincePercent, r.Province.StringFixed(2),
		r.Perequation.StringFixed(2), r.Total.StringFixed(2))
	return r
}

// ByPeople picks the coefficient of a number of people from a list for 1, 2, …
// people; the last counts for all larger households.
func ByPeople(coefficients []decimal.Decimal, people int) (decimal.Decimal, bool) {
	if people < 1 || len(coefficients) == 0 {
		return decimal.Decimal{}, false
	}
	return coefficients[min(people, len(coefficients))-1], true
}

// WasteBonus are the limits of the social bonus on the waste tax (DPCM 24/2025).
type WasteBonus struct {
	// Limit is the highest ISEE; LargeLimit that of a household with LargeFrom
	// dependent children or more.
	Limit, LargeLimit decimal.Decimal
	LargeFrom         int
}

// Due reports whether the bonus is due, limits included.
func (b WasteBonus) Due(isee decimal.Decimal, children int) bool {
	return isee.Cmp(b.Limit) <= 0 || children >= b.LargeFrom && isee.Cmp(b.LargeLimit) <= 0
}
