package tariff

import (
	"fmt"

	"github.com/spazio-in-comune/sportello/plugins/sdk"
	"github.com/spazio-in-comune/sportello/plugins/sdk/calc"
)

// Stamped is what carries a stamp.
type Stamped int

// What a practice usually puts its stamps on.
const (
	Request       Stamped = 1
	RequestAndAct Stamped = 2
)

func (s Stamped) label() sdk.Text {
	if s == Request {
		return sdk.Text{IT: "Imposta di bollo sulla domanda", EN: "Stamp duty on the request"}
	}
	return sdk.Text{IT: "Imposta di bollo su domanda e atto", EN: "Stamp duty on request and act"}
}

// Stamps is the stamp duty of a practice, flat whatever the size of its papers;
// the parameter bollo.marca has the amount of one stamp. Exempt says of an
// intake that nothing is due, nil that there is no exemption (DPR 642/1972,
// tariffa art. 3 and tab. B).
func Stamps(on Stamped, exempt func(in *sdk.Intake) bool) sdk.Computation {
	return func(in *sdk.Intake, figures sdk.Parameters) ([]sdk.Computed, error) {
		each, err := figures.Decimal("bollo.marca")
		if err != nil {
			return nil, err
		}
		count := int(on)
		if exempt != nil && exempt(in) {
			count = 0
		}
		working := fmt.Sprintf("%d × %s", count, each.StringFixed(2))
		return []sdk.Computed{sdk.ComputedMoney(on.label(), calc.StampDigital(each, count), working)}, nil
	}
}
