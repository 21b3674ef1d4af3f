package calc

import "github.com/shopspring/decimal"

// Cents rounds an amount half up to the cent.
func Cents(amount decimal.Decimal) decimal.Decimal { return amount.Round(2) }

// Euro rounds an amount half up to the whole euro, as the taxes of the towns
// are paid: 0.49 down, 0.50 up (L. 296/2006 art. 1 c. 166).
func Euro(amount decimal.Decimal) decimal.Decimal { return amount.Round(0) }

// percent of an amount, exact.
func percent(amount, rate decimal.Decimal) decimal.Decimal { return amount.Mul(rate).Shift(-2) }

func whole(n int) decimal.Decimal { return decimal.NewFromInt(int64(n)) }
