package segretariato

import (
	"fmt"

	"github.com/shopspring/decimal"

	"github.com/spazio-in-comune/sportello/plugins/sdk"
	"github.com/spazio-in-comune/sportello/plugins/sdk/calc"
	"github.com/spazio-in-comune/sportello/plugins/sdk/tariff"
)

// byISEE is what follows the ISEE: the share of an economic help, or the price
// of an hour of home care.
func byISEE(in *sdk.Intake, figures sdk.Parameters) ([]sdk.Computed, error) {
	if asked, ok := in.Decimal("importo_chiesto"); ok {
		return economicHelp(in, figures, asked)
	}
	return careHour(in, figures)
}

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

// economicHelp is the most that the regulation gives of the amount asked: a
// share that falls with the ISEE, nothing above the limit. Without a usable ISEE
// there is nothing to say. The grant itself is decided by a person.
func economicHelp(in *sdk.Intake, figures sdk.Parameters, asked decimal.Decimal) ([]sdk.Computed, error) {
	value, ok := in.Decimal("isee_valore")
	if !ok || !in.Bool("isee_valid") || in.Bool("isee_difformita") {
		return nil, nil
	}
	f := figures.Figures()
	line := calc.LinearFee{
		LowISEE: f.Number("contributo.isee.minimo"), HighISEE: f.Number("contributo.isee.massimo"),
		LowFee: f.Number("contributo.quota.massima"), HighFee: f.Number("contributo.quota.minima"),
	}
	if err := f.Err(); err != nil {
		return nil, err
	}
	share, working := decimal.Zero, fmt.Sprintf("ISEE %s > %s", value.StringFixed(2), line.HighISEE)
	if value.Cmp(line.HighISEE) <= 0 {
		share, working = line.Fee(value)
	}
	label := sdk.Text{IT: "Contributo massimo, in via indicativa", EN: "Highest contribution, indicative"}
	working = fmt.Sprintf("%s; %s × %s%%", working, asked.StringFixed(2), share)
	return []sdk.Computed{sdk.ComputedMoney(label, asked.Mul(share).Shift(-2), working)}, nil
}
