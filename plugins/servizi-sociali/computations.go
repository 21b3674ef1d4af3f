package sociali

import (
	"github.com/spazio-in-comune/sportello/plugins/sdk"
	"github.com/spazio-in-comune/sportello/plugins/sdk/tariff"
)

// serviceFee is the unit price of the service asked: a meal, a month of the call
// device, a kilometre of transport. The form does not say how many of them.
func serviceFee(in *sdk.Intake, figures sdk.Parameters) ([]sdk.Computed, error) {
	fees := map[string]tariff.ISEEFee{
		"pasti-domicilio":   {Name: "pasti", Label: sdk.Text{IT: "Un pasto", EN: "One meal"}},
		"telesoccorso":      {Name: "telesoccorso", Label: sdk.Text{IT: "Canone di un mese", EN: "Fee for one month"}},
		"trasporto-sociale": {Name: "trasporto.km", Label: sdk.Text{IT: "Un chilometro di viaggio", EN: "One kilometre of the ride"}},
	}
	fee, ok := fees[in.Practice().Definition().ID]
	if !ok {
		return nil, nil
	}
	return fee.Compute(in, figures)
}
