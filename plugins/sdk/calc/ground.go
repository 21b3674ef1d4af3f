package calc

import (
	"fmt"

	"github.com/shopspring/decimal"
)

// GroundUse is a use of public ground (canone unico, L. 160/2019 art. 1 c. 816
// and following).
type GroundUse struct {
	// Area in square metres, rounded up to the whole one.
	Area decimal.Decimal
	// Periods are the days of a temporary use, or 1 for a year of a permanent one.
	Periods int
	// Unit is euro per square metre and period.
	Unit decimal.Decimal
	// Zone and Kind are the coefficients of the zone and of the type of use.
	Zone, Kind decimal.Decimal
}

// Fee of the use, rounded to the cent.
func (g GroundUse) Fee() (fee decimal.Decimal, working string) {
	area := g.Area.Ceil()
	fee = Cents(area.Mul(whole(g.Periods)).Mul(g.Unit).Mul(g.Zone).Mul(g.Kind))
	return fee, fmt.Sprintf("%s mq × %d × %s × %s × %s = %s", area, g.Periods, g.Unit.StringFixed(2), g.Zone, g.Kind, fee.StringFixed(2))
}
