package calc

import (
	"fmt"

	"github.com/shopspring/decimal"
)

// LinearFee is a fee that grows with the ISEE between two limits.
type LinearFee struct {
	LowISEE, HighISEE decimal.Decimal
	LowFee, HighFee   decimal.Decimal
}

// Fee of an ISEE, rounded half up to the cent. Without a certificate, or for
// who is known not to be resident, the fee is HighFee.
func (f LinearFee) Fee(isee decimal.Decimal) (fee decimal.Decimal, working string) {
	switch {
	case isee.Cmp(f.LowISEE) <= 0:
		return f.LowFee, fmt.Sprintf("ISEE %s ≤ %s → %s", isee.StringFixed(2), f.LowISEE, f.LowFee.StringFixed(2))
	case isee.Cmp(f.HighISEE) >= 0:
		return f.HighFee, fmt.Sprintf("ISEE %s ≥ %s → %s", isee.StringFixed(2), f.HighISEE, f.HighFee.StringFixed(2))
	}
	over, rise, width := isee.Sub(f.LowISEE), f.HighFee.Sub(f.LowFee), f.HighISEE.Sub(f.LowISEE)
	fee = Cents(f.LowFee.Add(over.Mul(rise).Div(width)))
	return fee, fmt.Sprintf("%s + %s × %s / %s = %s", f.LowFee.StringFixed(2), over.StringFixed(2), rise.StringFixed(2), width, fee.StringFixed(2))
}

// Band is a step of a fee by bands.
type Band struct {
	// UpTo is the highest ISEE of the band, included.
	UpTo decimal.Decimal
	Fee  decimal.Decimal
}

// BandFee is the fee of the first band that holds the ISEE; above all bands, or
// without a certificate, it is top.
func BandFee(bands []Band, top, isee decimal.Decimal) decimal.Decimal {
	for _, band := range bands {
		if isee.Cmp(band.UpTo) <= 0 {
			return band.Fee
		}
	}
	return top
}

// ProportionalFee is a share of the ISEE, rounded half up to the cent and never
// above the cap.
func ProportionalFee(isee, share, limit decimal.Decimal) decimal.Decimal {
	return decimal.Min(Cents(isee.Mul(share)), limit)
}

// SiblingFee is a fee, already rounded, less the discount of a second child.
func SiblingFee(fee, discountPercent decimal.Decimal) decimal.Decimal {
	return Cents(fee.Sub(percent(fee, discountPercent)))
}
