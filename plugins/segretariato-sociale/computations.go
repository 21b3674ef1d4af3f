package segretariato

import (
	"github.com/spazio-in-comune/sportello/plugins/sdk"
	"github.com/spazio-in-comune/sportello/plugins/sdk/tariff"
)

// careHour is the price of an hour of home care. It follows the sociosanitary
// ISEE: with an ordinary one the full fee is due until the right one comes.
func careHour(in *sdk.Intake, figures sdk.Parameters) ([]sdk.Computed, error) {
	fee := tariff.ISEEFee{Name: "sad", Label: sdk.Text{IT: "Un'ora di assistenza", EN: "One hour of care"}}
	if !in.Is("isee_tipo", "ordinario") {
		return fee.Compute(in, figures)
	}
	full, err := figures.Decimal("sad.tariffa.massima")
	if err != nil {
		return nil, err
	}
	return []sdk.Computed{sdk.ComputedMoney(fee.Label, full, "ISEE ordinario → "+full.StringFixed(2))}, nil
}
