package atti

import (
	"github.com/spazio-in-comune/sportello/plugins/sdk"
	"github.com/spazio-in-comune/sportello/plugins/sdk/calc"
	"github.com/spazio-in-comune/sportello/plugins/sdk/tariff"
)

// stamps is the stamp duty of a certified copy, or of a request. A request of
// access carries none; only the certified copy that comes of it does.
func stamps(in *sdk.Intake, figures sdk.Parameters) ([]sdk.Computed, error) {
	if _, access := in.Text("modalita_accesso"); access {
		return copyStamp(in, figures)
	}
	exempt := func(in *sdk.Intake) bool { return !in.Bool("istanza_soggetta_bollo") }
	return tariff.Stamps(tariff.Request, exempt)(in, figures)
}

// copyStamp is the duty for each sheet of a certified copy: nobody knows yet how
// many there will be.
func copyStamp(in *sdk.Intake, figures sdk.Parameters) ([]sdk.Computed, error) {
	if !in.Is("modalita_accesso", "copia_conforme") {
		return nil, nil
	}
	sheet, err := figures.Decimal("bollo.marca")
	if err != nil {
		return nil, err
	}
	const pages = 1
	label := sdk.Text{IT: "Imposta di bollo per ogni foglio (4 pagine) della copia", EN: "Stamp duty for each sheet (4 pages) of the copy"}
	return []sdk.Computed{sdk.ComputedMoney(label, calc.StampOnPaper(sheet, pages), "1 × "+sheet.StringFixed(2))}, nil
}
