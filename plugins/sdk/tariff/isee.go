// Package tariff has the computations that several departments share: fees that
// follow the ISEE and stamp duty. They read figures of the department that uses
// them, so that each declares its own dated parameters.
package tariff

import (
	"fmt"

	"github.com/shopspring/decimal"

	"github.com/spazio-in-comune/sportello/plugins/sdk"
	"github.com/spazio-in-comune/sportello/plugins/sdk/calc"
)

// ISEEFee is a municipal fee that grows with the ISEE between two limits (DPCM
// 159/2013). A form that asks for it includes the group "isee".
type ISEEFee struct {
	// Name begins the names of its parameters: NAME.isee.minimo and
	// NAME.isee.massimo are the limits, NAME.tariffa.minima and
	// NAME.tariffa.massima the fees there.
	Name string
	// Label says what one pays for.
	Label sdk.Text
}

// Canteen is the fee of a school meal.
func Canteen() ISEEFee {
	return ISEEFee{"mensa", sdk.Text{IT: "Mensa scolastica, un pasto", EN: "School canteen, one meal"}}
}

// Compute gives the fee of an intake. The full fee is due without a usable
// certificate, with omissions to clear, and from who is known to live elsewhere;
// while the register does not answer the fee follows the ISEE.
func (f ISEEFee) Compute(in *sdk.Intake, figures sdk.Parameters) ([]sdk.Computed, error) {
	fee, working, err := f.amount(in, figures)
	if err != nil {
		return nil, err
	}
	return []sdk.Computed{sdk.ComputedMoney(f.Label, fee, working)}, nil
}

// ComputeForChildren adds to [ISEEFee.Compute] the fee of each child after the
// first, less NAME.sconto.fratelli percent of the fee already rounded.
func (f ISEEFee) ComputeForChildren(in *sdk.Intake, figures sdk.Parameters, children int) ([]sdk.Computed, error) {
	fee, working, err := f.amount(in, figures)
	if err != nil {
		return nil, err
	}
	results := []sdk.Computed{sdk.ComputedMoney(f.Label, fee, working)}
	if children < 2 {
		return results, nil
	}
	discount, err := figures.Decimal(f.Name + ".sconto.fratelli")
	if err != nil {
		return nil, err
	}
	label := sdk.Text{IT: f.Label.IT + ", dal secondo figlio", EN: f.Label.EN + ", from the second child"}
	working = fmt.Sprintf("%s − %s%%", fee.StringFixed(2), discount)
	return append(results, sdk.ComputedMoney(label, calc.SiblingFee(fee, discount), working)), nil
}

func (f ISEEFee) amount(in *sdk.Intake, figures sdk.Parameters) (fee decimal.Decimal, working string, err error) {
	read := figures.Figures()
	line := calc.LinearFee{
		LowISEE: read.Number(f.Name + ".isee.minimo"), HighISEE: read.Number(f.Name + ".isee.massimo"),
		LowFee: read.Number(f.Name + ".tariffa.minima"), HighFee: read.Number(f.Name + ".tariffa.massima"),
	}
	if err := read.Err(); err != nil {
		return decimal.Decimal{}, "", err
	}
	value, hasValue := in.Decimal("isee_valore")
	elsewhere := in.Lookup("resident") == false
	if !hasValue || !in.Bool("isee_valid") || in.Bool("isee_difformita") || elsewhere {
		return line.HighFee, "→ " + line.HighFee.StringFixed(2), nil
	}
	fee, working = line.Fee(value)
	return fee, working, nil
}
